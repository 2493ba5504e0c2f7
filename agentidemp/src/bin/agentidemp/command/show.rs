//! `show`: what is hashed of a body.

use agentidemp::Key;
use agentidemp::explain::{Description, try_describe};
use anstyle::Style;
use serde::Serialize;

use crate::Answer;
use crate::arguments::Show;
use crate::failure::Failure;
use crate::output::{Format, print_json, print_plain, print_text};

#[derive(Serialize)]
struct Shown<'a> {
    key: Key,
    scope: Option<&'a str>,
    canonical: &'a str,
}

pub(super) fn run(arguments: &Show) -> Result<Answer, Failure> {
    let description = describe(arguments)?;
    match arguments.output.format {
        Format::Text if arguments.form.redact => print_plain(&description.redacted())?,
        Format::Text => print_description(&description)?,
        Format::Json => print_json(&Shown {
            key: description.key(),
            scope: description.scope(),
            canonical: description.canonical_text(),
        })?,
    }
    Ok(Answer::Yes)
}

fn describe(arguments: &Show) -> Result<Description, Failure> {
    let identity = arguments.rules.identity()?;
    let body = arguments.body.file.body()?;
    if arguments.form.canonical {
        return body.describe_canonical();
    }
    try_describe(&identity.of_json(&body.bytes))
        .map_err(|error| Failure::of_body(body.source, &body.bytes, &error))
}

fn print_description(description: &Description) -> Result<(), Failure> {
    let text = description.to_string();
    let styles = std::iter::once(Style::new().bold()).chain(std::iter::repeat(Style::new()));
    print_text(styles.zip(text.lines()))
}
