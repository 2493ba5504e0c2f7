//! `completions`: what completes the command in a shell, made of the arguments' definition.

use clap::CommandFactory;

use crate::Answer;
use crate::arguments::{Arguments, Completions};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(arguments: &Completions) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    let command = &mut Arguments::command();
    clap_complete::generate(arguments.shell, command, "agentidemp", &mut script);
    output::print_bytes(&script)?;
    Ok(Answer::Yes)
}
