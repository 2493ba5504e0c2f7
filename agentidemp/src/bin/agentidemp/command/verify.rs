//! `verify`: whether a body has a key.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::Answer;
use crate::arguments::Verify;
use crate::failure::Failure;
use crate::output::{Format, print_json, print_text};
use crate::rendering;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();

#[derive(Serialize)]
struct Verified<'a> {
    same: bool,
    key: &'a str,
}

pub(super) fn run(arguments: &Verify) -> Result<Answer, Failure> {
    let (given, rendering) = rendering::read(&arguments.key)?;
    let identity = arguments.rules.identity()?;
    let body = arguments.body.file.body()?;
    let key = &rendering.of(&body.key(&identity)?);
    let same = given == *key;
    match arguments.output.format {
        Format::Text if same => print_text([(GREEN, "yes")])?,
        Format::Text => print_text([(RED, format!("no, the key is {key}").as_str())])?,
        Format::Json => print_json(&Verified { same, key })?,
    }
    Ok(if same { Answer::Yes } else { Answer::No })
}
