//! The built command, as a shell runs it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

mod answers;
mod command;
mod generated;
mod lines;
mod terminal;
mod transcripts;
