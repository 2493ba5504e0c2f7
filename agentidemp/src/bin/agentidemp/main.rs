//! The command `agentidemp`: keys of JSON bodies, for those who have a shell and no Rust.
//!
//! [`arguments`] is what the user says, [`command`] is what is done about it. All that is read comes through
//! [`input`], and all that is shown goes through [`output`] and [`failure`], which make it harmless.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

mod arguments;
mod command;
mod failure;
mod input;
mod lines;
mod output;
mod rendering;
mod rules;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let answer = match Arguments::try_parse() {
        Ok(arguments) => command::run(arguments.command),
        Err(error) => return failure::of_arguments(&error),
    };
    match answer {
        Ok(answer) => answer.into(),
        Err(failure) => failure.report(),
    }
}

/// What a command found out; its exit code is that of `diff` and `grep`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// All is well, or the same: 0.
    Yes,
    /// Not the same: 1.
    No,
    /// Something went wrong, which has been reported: 2.
    Trouble,
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        Self::from(match answer {
            Answer::Yes => 0,
            Answer::No => 1,
            Answer::Trouble => 2,
        })
    }
}
