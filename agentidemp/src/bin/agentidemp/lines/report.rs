//! [`Report`]: the keys on standard output, the errors on standard error.

use std::collections::BTreeSet;

use agentidemp::Key;
use indicatif::ProgressBar;
use serde::Serialize;

use super::keys::{BadLine, Keys};
use super::progress;
use crate::Answer;
use crate::arguments;
use crate::failure::{self, Failure};
use crate::input::Source;
use crate::output::{Format, json, print_bytes};
use crate::rendering::Rendering;

pub(super) struct Report<'a> {
    source: &'a Source,
    format: Format,
    rendering: Rendering,
    bar: ProgressBar,
    /// How many lines there were, and how many of them have no key.
    lines: u64,
    bad: u64,
    /// What has been said once.
    helps: BTreeSet<&'static str>,
}

#[derive(Serialize)]
struct Good<'a> {
    line: u64,
    key: &'a str,
}

#[derive(Serialize)]
struct Bad {
    line: u64,
    error: Problem,
}

#[derive(Serialize)]
struct Problem {
    message: String,
    pointer: String,
    byte: Option<usize>,
    column: Option<usize>,
}

impl<'a> Report<'a> {
    pub(super) fn new(arguments: &'a arguments::Key) -> Self {
        let source = &arguments.body.file;
        Self {
            source,
            format: arguments.output.format,
            rendering: arguments.rendering,
            bar: progress::bar(source),
            lines: 0,
            bad: 0,
            helps: BTreeSet::new(),
        }
    }

    /// Writes the keys of a block. Says whether anybody still reads.
    pub(super) fn write(&mut self, keys: &Keys) -> Result<bool, Failure> {
        let mut text = String::new();
        for key in &keys.keys {
            self.lines += 1;
            match key {
                Ok(key) => self.write_key(key, &mut text)?,
                Err(bad) => self.write_bad(bad, &mut text)?,
            }
            text.push('\n');
        }
        self.bar.inc(keys.bytes as u64);
        print_bytes(text.as_bytes())
    }

    fn write_key(&self, key: &Key, text: &mut String) -> Result<(), Failure> {
        let key = self.rendering.of(key);
        match self.format {
            Format::Text => text.push_str(&key),
            Format::Json => text.push_str(&json(&Good {
                line: self.lines,
                key: &key,
            })?),
        }
        Ok(())
    }

    /// Leaves the line of output empty, so that the others stay where they are.
    fn write_bad(&mut self, bad: &BadLine, text: &mut String) -> Result<(), Failure> {
        self.bad += 1;
        match self.format {
            Format::Text => self.report(bad),
            Format::Json => text.push_str(&json(&Bad {
                line: self.lines,
                error: Problem::new(bad),
            })?),
        }
        Ok(())
    }

    fn report(&mut self, bad: &BadLine) {
        let (source, line, error) = (self.source, self.lines, &bad.error);
        let column = bad
            .column
            .map_or(String::new(), |column| format!(":{column}"));
        let help = failure::help(error);
        let is_new = self.helps.insert(help);
        self.bar.suspend(|| {
            failure::report_error(&format!("{source}:{line}{column}: {error}"));
            if is_new {
                failure::report_help(help);
            }
        });
    }

    /// Says how it went.
    pub(super) fn finish(self) -> Answer {
        self.bar.finish_and_clear();
        if self.bad == 0 {
            return Answer::Yes;
        }
        let (lines, bad) = (self.lines, self.bad);
        let have = if bad == 1 { "has" } else { "have" };
        failure::report_error(&format!("{bad} of {lines} lines {have} no key"));
        Answer::Trouble
    }
}

impl Problem {
    fn new(bad: &BadLine) -> Self {
        Self {
            message: bad.error.to_string(),
            pointer: bad.error.pointer().to_owned(),
            byte: bad.error.offset(),
            column: bad.column,
        }
    }
}
