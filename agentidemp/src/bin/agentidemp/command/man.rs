//! `man`: the pages of the manual, made of the arguments' definition.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::Answer;
use crate::arguments::{self, Arguments};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(arguments: &arguments::Man) -> Result<Answer, Failure> {
    let mut command = Arguments::command();
    command.build();
    if let Some(name) = &arguments.command {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| Failure::new(format!("there is no command `{name}`")))?;
    }
    let mut page = Vec::new();
    let rendered = Man::new(command).render(&mut page);
    rendered.map_err(|error| Failure::new(error.to_string()))?;
    output::print_bytes(&page)?;
    Ok(Answer::Yes)
}
