//! How a key is written: all of it, or shorter for receivers that limit its length.

use agentidemp::{Key, Uuid};
use clap::Args;

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, Args)]
#[group(multiple = false)]
pub(crate) struct Rendering {
    /// Print the short form, of 35 characters
    #[arg(long)]
    short: bool,
    /// Print the key as a UUID
    #[arg(long)]
    uuid: bool,
}

impl Rendering {
    const WHOLE: Self = Self {
        short: false,
        uuid: false,
    };
    const SHORT: Self = Self {
        short: true,
        ..Self::WHOLE
    };
    const UUID: Self = Self {
        uuid: true,
        ..Self::WHOLE
    };

    pub(crate) fn of(self, key: &Key) -> String {
        if self.uuid {
            key.uuid().to_string()
        } else if self.short {
            key.short().to_string()
        } else {
            key.to_string()
        }
    }
}

/// A key that somebody gave: its text in the one spelling that there is, and which form that is.
pub(crate) fn read(given: &str) -> Result<(String, Rendering), Failure> {
    // A UUID's text has one more spelling, in upper case.
    if given.len() == Uuid::nil().hyphenated().to_string().len() {
        if let Ok(uuid) = Uuid::try_parse(given) {
            return Ok((uuid.to_string(), Rendering::UUID));
        }
    }
    let key: Key = given
        .parse()
        .map_err(|error| Failure::new(format!("{error}")).helped("give the key as it was sent"))?;
    if key == key.short() {
        return Ok((key.to_string(), Rendering::SHORT));
    }
    if key.uuid().get_version_num() == 5 {
        let failure = Failure::new("a key of a version 5 UUID is not made of the body alone");
        return Err(failure.helped("its namespace counts as well, which is not known here"));
    }
    Ok((key.to_string(), Rendering::WHOLE))
}
