//! What is read: files, and standard input.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use agentidemp::__private::Harmless;
use agentidemp::explain::{Description, describe_bytes};
use agentidemp::{Identity, Key};

use crate::failure::Failure;

/// Whether standard input has been given to one of the arguments.
static STANDARD_INPUT_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Where a text comes from. [`Display`](fmt::Display) names it, harmless.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    StandardInput,
    File(PathBuf),
}

/// A body that has been read.
pub(crate) struct Body<'a> {
    pub(crate) source: &'a Source,
    pub(crate) bytes: Vec<u8>,
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Self {
        if argument == "-" {
            Self::StandardInput
        } else {
            Self::File(argument.into())
        }
    }
}

impl Source {
    /// All of it.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = self.open()?.read_to_end(&mut bytes);
        read.map_err(|error| Failure::of_reading(self, &error))?;
        Ok(bytes)
    }

    pub(crate) fn body(&self) -> Result<Body<'_>, Failure> {
        let bytes = self.read()?;
        Ok(Body {
            source: self,
            bytes,
        })
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, Failure> {
        match self {
            Self::StandardInput if STANDARD_INPUT_IS_TAKEN.swap(true, Ordering::Relaxed) => Err(
                Failure::new("standard input can be read for one argument only"),
            ),
            Self::StandardInput => Ok(Box::new(io::stdin())),
            Self::File(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(Failure::of_reading(self, &error)),
            },
        }
    }

    /// How many bytes there are, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::StandardInput => None,
            Self::File(path) => {
                let metadata = fs::metadata(path).ok()?;
                metadata.is_file().then_some(metadata.len())
            }
        }
    }
}

impl Body<'_> {
    pub(crate) fn key(&self, identity: &Identity) -> Result<Key, Failure> {
        let key = identity.key_of_json(&self.bytes);
        key.map_err(|error| Failure::of_body(self.source, &self.bytes, &error))
    }

    /// What is hashed, if that is what the text is.
    pub(crate) fn describe_canonical(&self) -> Result<Description, Failure> {
        let description = describe_bytes(&self.bytes);
        description.map_err(|error| Failure::of_canonical(self.source, &self.bytes, &error))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardInput => f.write_str("standard input"),
            Self::File(path) => write!(f, "{}", Harmless(&path.to_string_lossy())),
        }
    }
}
