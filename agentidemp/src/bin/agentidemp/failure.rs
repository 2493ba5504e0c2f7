//! What goes wrong: an error on standard error, with the place and what to do next.

use std::io::{self, Write};
use std::process::ExitCode;

use agentidemp::__private::Harmless;
use agentidemp::explain::{NotCanonicalError, describe_bytes};
use agentidemp::{Error, ErrorKind, Identity};
use anstyle::{AnsiColor, Style};
use memchr::{memchr_iter, memrchr};

use crate::Answer;
use crate::input::Source;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
}

/// A place in a text as editors count: from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn helped(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    pub(crate) fn of_reading(source: &Source, error: &io::Error) -> Self {
        Self::new(format!("{source}: {error}"))
    }

    /// A body has no key.
    pub(crate) fn of_body(source: &Source, body: &[u8], error: &Error) -> Self {
        let place = match Position::of_error(body, error) {
            Some(Position { line, column }) => format!("{source}:{line}:{column}"),
            None => source.to_string(),
        };
        let help = match describe_bytes(body) {
            Ok(_) if error.kind() == ErrorKind::InvalidJson => {
                "it looks like what was hashed, scope included: `explain` and `show` take it with `--canonical`"
            }
            _ => help(error),
        };
        Self::new(format!("{place}: {error}")).helped(help)
    }

    /// A text is not what was hashed of a request.
    pub(crate) fn of_canonical(source: &Source, text: &[u8], error: &NotCanonicalError) -> Self {
        let Position { line, column } = Position::of(text, error.position());
        let place = format!("{source}:{line}:{column}");
        if Identity::new().key_of_json(text).is_ok() {
            let byte = error.position();
            let message =
                format!("{place}: the text is JSON, but not as it is hashed (byte {byte})");
            return Self::new(message).helped("leave out `--canonical`, and give the rules");
        }
        Self::new(format!("{place}: {error}")).helped("give all of what was hashed, as it was")
    }

    /// The rules are wrong, whatever the body.
    pub(crate) fn of_rules(error: &Error) -> Self {
        Self::new(error.to_string()).helped(help(error))
    }

    pub(crate) fn of_secret(source: &Source, error: &Error) -> Self {
        Self::new(format!("{source}: {error}")).helped(help(error))
    }

    /// A document of rules is wrong.
    pub(crate) fn of_document(source: &Source, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        // It is said before the message, as everywhere.
        let place = format!(" at line {line} column {column}");
        let message = message.strip_suffix(place.as_str()).unwrap_or(&message);
        Self::new(format!("{source}:{line}:{column}: {message}"))
    }

    /// Tells the user, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        report_error(&self.message);
        if let Some(help) = self.help {
            report_help(help);
        }
        Answer::Trouble.into()
    }
}

impl Position {
    /// Where in a body an error is, if that is known.
    pub(crate) fn of_error(body: &[u8], error: &Error) -> Option<Self> {
        let offset = error.offset()?;
        // Of JSON text in a string of the body the offset is one in that text. The body alone tells: there
        // the error is another one, or none.
        let is_in_body = Identity::new().key_of_json(body).as_ref() == Err(error);
        is_in_body.then(|| Self::of(body, offset))
    }

    /// The place of a byte.
    fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = memrchr(b'\n', before).map_or(0, |at| at + 1);
        // All bytes of a character but the first one are of this form.
        let is_start = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        Self {
            line: memchr_iter(b'\n', before).count() + 1,
            column: before[line_start..].iter().filter(is_start).count() + 1,
        }
    }
}

/// What to do about an error, where the library speaks to those who write Rust.
pub(crate) fn help(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::DuplicateMember => "send one of the two: it is not known which of them counts",
        ErrorKind::NotFinite => "send a number that a double can hold",
        ErrorKind::NotAnArray => "give `--unordered` pointers to arrays only",
        ErrorKind::InvalidScope => {
            "name the operation without `:`, `%` and `>`, and give each field of the scope a label of its own without `:` and `%`"
        }
        _ => error.help(),
    }
}

pub(crate) fn report_error(text: &str) {
    report(ERROR, "error", text);
}

pub(crate) fn report_help(text: &str) {
    report(HELP, "help", text);
}

/// Writes a line to standard error, harmless.
fn report(style: Style, what: &str, text: &str) {
    let line = format!("{style}{what}{style:#}: {}\n", Harmless(text));
    // Where standard error cannot be written there is nobody to tell; the exit code says it.
    let _ = anstream::stderr().write_all(line.as_bytes());
}

/// The arguments are wrong, or ask for help. What of them is shown is harmless.
pub(crate) fn of_arguments(error: &clap::Error) -> ExitCode {
    let are_harmless = std::env::args_os().all(|argument| {
        let argument = argument.to_string_lossy();
        Harmless(&argument).to_string() == argument
    });
    if are_harmless {
        // As clap lays it out.
        let _ = error.print();
    } else {
        let text = error.render().to_string();
        report_error(text.trim_start_matches("error: ").trim_end());
    }
    if error.use_stderr() {
        Answer::Trouble.into()
    } else {
        Answer::Yes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn lines_and_columns_are_counted_from_one_in_characters() {
        let text = "a\n\u{e9}\u{1f600}b\n".as_bytes();
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 2, 1),
            (4, 2, 2),
            (8, 2, 3),
            (99, 3, 1),
        ] {
            assert_eq!(Position::of(text, offset), Position { line, column });
        }
    }
}
