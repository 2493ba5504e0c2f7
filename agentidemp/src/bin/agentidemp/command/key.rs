//! `key`: the key of a body.

use serde::Serialize;

use crate::Answer;
use crate::arguments::Key;
use crate::failure::Failure;
use crate::output::{Format, print_json, print_plain};

#[derive(Serialize)]
struct Found<'a> {
    key: &'a str,
}

pub(super) fn run(arguments: &Key) -> Result<Answer, Failure> {
    let identity = arguments.rules.identity()?;
    let body = arguments.body.file.body()?;
    let key = body.key(&identity)?;
    let key = &arguments.rendering.of(&key);
    match arguments.output.format {
        Format::Text => print_plain(key)?,
        Format::Json => print_json(&Found { key })?,
    }
    Ok(Answer::Yes)
}
