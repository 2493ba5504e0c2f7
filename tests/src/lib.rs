//! Everything that is tested from outside, as a user of `agentidemp` sees it. Here are the fixtures
//! that the tests share; the tests are in `tests/`, as one that stood here would not be run.

pub mod chat;
pub mod clock;
pub mod cost;
pub mod dedup;
pub mod ecmascript;
/// A server that fails on purpose. It lives with the example `retry`, whose reader should find it
/// there.
#[path = "../examples/retry/faulty_server/mod.rs"]
pub mod faulty_server;
pub mod fuzz;
pub mod jcs;
pub mod json_text;
pub mod keys;
pub mod payload;
pub mod published;
mod random;
pub mod recorder;
pub mod reference;
pub mod retry_clients;
pub mod servers;
pub mod shop_process;
pub mod transcript;
pub mod tree;
pub mod vectors;
pub mod zipf;
pub mod zoo;

/// The README, whose examples run as doctests.
#[expect(
    clippy::test_attr_in_doctest,
    reason = "a unit test is what one of them shows"
)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

/// An example of a client, which `agentidemp` has no dependencies for.
#[cfg(doctest)]
#[doc = include_str!("../../agentidemp/src/header/tower.md")]
mod tower {}
