//! What is shown on standard output: harmless, in colour on a terminal, and without a panic where nobody
//! reads on.

use std::fmt::{self, Write as _};
use std::io::{self, ErrorKind, Write};

use agentidemp::__private::Harmless;
use anstream::AutoStream;
use anstyle::Style;
use clap::ValueEnum;
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// Writes lines of text, each in one style.
///
/// What the text holds of the input cannot reach a terminal raw: only the styles given here do.
pub(crate) fn print_text<'a>(
    lines: impl IntoIterator<Item = (Style, &'a str)>,
) -> Result<(), Failure> {
    let mut text = String::new();
    for (style, line) in lines {
        write_line(&mut text, style, line).map_err(|_| Failure::new("the text is too long"))?;
    }
    // It takes the styles away where they are not wanted.
    let mut stream = AutoStream::auto(io::stdout());
    let written = stream.write_all(text.as_bytes());
    check(written.and_then(|()| stream.flush())).map(|_| ())
}

/// Writes lines without colours.
pub(crate) fn print_plain(text: &impl fmt::Display) -> Result<(), Failure> {
    let text = text.to_string();
    print_text(text.lines().map(|line| (Style::new(), line)))
}

/// Writes bytes of our own as they are. Says whether anybody still reads.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<bool, Failure> {
    let mut stream = io::stdout().lock();
    let written = stream.write_all(bytes);
    check(written.and_then(|()| stream.flush()))
}

fn write_line(text: &mut String, style: Style, line: &str) -> fmt::Result {
    writeln!(text, "{style}{}{style:#}", Harmless(line))
}

/// Writes a value as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print_text([(Style::new(), json(value)?.as_str())])
}

/// A value as JSON text, harmless.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string(value).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Harmless(&json).to_string())
}

/// Whether anybody still reads, or why the output could not be written.
fn check(written: io::Result<()>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(format!("cannot write the output: {error}"))),
    }
}
