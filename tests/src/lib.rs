//! Everything that is tested from outside, as a user of `agentidemp` sees it. Here are the fixtures
//! that the tests share.

pub mod chat;
pub mod jcs;
pub mod zoo;
