//! Cases that are written down: the table of our own, and the files of JSONTestSuite, where there are
//! any.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::reference::{Fault, Kind};

/// A JSON text, and what becomes of it.
#[derive(Debug)]
pub struct Case {
    pub class: Class,
    /// What it is about, or the name of its file.
    pub name: String,
    pub body: Vec<u8>,
    pub outcome: Outcome,
}

/// Whether a text is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Valid,
    Invalid,
    /// RFC 8259 leaves the choice to the reader.
    Ours,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Canonical(String),
    Refused(Fault),
}

impl Outcome {
    /// Reads an outcome as it is spelled in the tables.
    fn read(text: &str) -> Self {
        if let Some(canonical) = text.strip_prefix("= ") {
            let bytes = unescape(canonical);
            return Self::Canonical(String::from_utf8(bytes).expect("canonical text is UTF-8"));
        }
        let (kind, offset) = text.split_once(" @").expect("an error has an offset");
        Self::Refused(Fault {
            offset: offset.parse().expect("an offset is a number"),
            kind: match kind {
                "InvalidJson" => Kind::InvalidJson,
                "LoneSurrogate" => Kind::LoneSurrogate,
                "TooDeep" => Kind::TooDeep,
                "NotFinite" => Kind::NotFinite,
                "Imprecise" => Kind::Imprecise,
                "DuplicateMember" => Kind::DuplicateMember,
                _ => panic!("{kind:?} is no kind of error"),
            },
        })
    }
}

/// The table of our own: `tests/data/json_text.tsv`.
#[must_use]
pub fn own() -> Vec<Case> {
    rows(include_str!("../../data/json_text.tsv"))
        .map(|[class, text, outcome, why]| Case {
            class: match class {
                "valid" => Class::Valid,
                "invalid" => Class::Invalid,
                "ours" => Class::Ours,
                _ => panic!("{class:?} is no class of texts"),
            },
            name: format!("{text} ({why})"),
            body: unescape(text),
            outcome: Outcome::read(outcome),
        })
        .collect()
}

/// A folder with JSONTestSuite of Nicolas Seriot.
#[derive(Debug)]
pub struct JsonTestSuite(PathBuf);

impl JsonTestSuite {
    /// The folder that the environment variable `JSON_TEST_SUITE` names, from the root of the
    /// workspace on. Where it is not set, says that it was left out.
    #[must_use]
    pub fn find() -> Option<Self> {
        let Some(folder) = env::var_os("JSON_TEST_SUITE") else {
            // Not by `println`, which shows nothing of a test that passes.
            let left_out = "left out: JSON_TEST_SUITE names no folder with JSONTestSuite";
            let _ = writeln!(io::stderr(), "{left_out}");
            return None;
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Some(Self(root.join(folder)))
    }

    /// The files of `test_parsing` whose names begin so: `y_` for valid texts, `n_` for invalid ones.
    #[must_use]
    pub fn parsing(&self, prefix: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = self.files("test_parsing");
        files.retain(|(name, _)| name.starts_with(prefix));
        files
    }

    /// The files for which RFC 8259 leaves the choice to the reader, with what we do:
    /// `tests/data/json_test_suite.tsv`.
    #[must_use]
    pub fn choices(&self) -> Vec<Case> {
        let mut files = self.parsing("i_");
        files.extend(self.files("test_transform"));
        let rows: Vec<_> = rows(include_str!("../../data/json_test_suite.tsv")).collect();
        files
            .into_iter()
            .map(|(name, body)| {
                let row = rows.iter().find(|[file, _, _]| *file == name);
                let [_, outcome, why] = row.unwrap_or_else(|| panic!("{name} is not in the table"));
                Case {
                    class: Class::Ours,
                    outcome: Outcome::read(outcome),
                    name: format!("{name} ({why})"),
                    body,
                }
            })
            .collect()
    }

    /// The files of a folder, without `.json` in their names.
    fn files(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let folder = self.0.join(folder);
        let entries = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
        let mut files: Vec<_> = entries
            .map(|entry| {
                let path = entry.expect("an entry of the folder can be read").path();
                let name = path.file_stem().expect("a file has a name");
                let body = fs::read(&path).expect("a file can be read");
                (name.to_string_lossy().into_owned(), body)
            })
            .collect();
        files.sort();
        files
    }
}

/// The rows of a table with so many columns.
fn rows<const COLUMNS: usize>(table: &str) -> impl Iterator<Item = [&str; COLUMNS]> {
    let lines = table.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            columns
                .try_into()
                .unwrap_or_else(|_| panic!("not {COLUMNS} columns: {line:?}"))
        })
}

/// The bytes of a text in which `%` and two hex digits are a byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).expect("two digits follow a `%`");
        bytes.push(u8::from_str_radix(digits, 16).expect("hex digits follow a `%`"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}
