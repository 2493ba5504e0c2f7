//! What is done: one file for each command.

mod completions;
mod explain;
mod key;
mod man;
mod show;
mod verify;

use crate::Answer;
use crate::arguments::Command;
use crate::failure::Failure;
use crate::lines;

pub(crate) fn run(command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Key(arguments) if arguments.lines => lines::run(&arguments),
        Command::Key(arguments) => key::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
