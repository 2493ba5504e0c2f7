//! Everything that is tested from outside, as a user of `agentidemp` sees it. Here are the fixtures
//! that the tests share; the tests are in `tests/`.

pub mod clock;
pub mod keys;
pub mod zipf;

/// The README, whose examples run as doctests.
#[doc = include_str!("../../README.md")]
pub mod readme {}
