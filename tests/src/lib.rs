//! Everything that is tested from outside, as a user of `agentidemp` sees it. Here are the fixtures
//! that the tests share; the tests are in `tests/`.

/// The README, whose examples run as doctests.
#[doc = include_str!("../../README.md")]
pub mod readme {}
