//! Everything that is tested from outside, as a user of `agentidemp` sees it. Here are the fixtures
//! that the tests share; the tests are in `tests/`.

pub mod chat;
pub mod ecmascript;
pub mod jcs;
pub mod payload;
pub mod published;
mod random;
pub mod transcript;
pub mod tree;
pub mod vectors;
pub mod zoo;

/// The README, whose examples run as doctests.
#[expect(
    clippy::test_attr_in_doctest,
    reason = "a unit test is what one of them shows"
)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
