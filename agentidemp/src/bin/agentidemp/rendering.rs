//! How a key is written: all of it, or shorter for receivers that limit its length.

use agentidemp::{Key, ParseKeyError, Uuid};
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

    fn of_given(key: &Key) -> Self {
        if *key == key.short() {
            Self::SHORT
        } else {
            Self::WHOLE
        }
    }

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
    let (uuid, text, form) = if let Some(uuid) = read_uuid(given) {
        (uuid, uuid.to_string(), Rendering::UUID)
    } else {
        let key = read_key(given)?;
        (key.uuid(), key.to_string(), Rendering::of_given(&key))
    };
    if uuid.get_version_num() == 5 {
        let failure = Failure::new("a version 5 UUID is not made of the body alone");
        return Err(failure.helped("its namespace counts as well, which is not known here"));
    }
    Ok((text, form))
}

/// A UUID's text has one more spelling, in upper case.
fn read_uuid(given: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(given).ok()?;
    let is_hyphenated = given.eq_ignore_ascii_case(&uuid.to_string());
    is_hyphenated.then_some(uuid)
}

fn read_key(given: &str) -> Result<Key, Failure> {
    given.parse().map_err(|error: ParseKeyError| {
        Failure::new(error.to_string()).helped("give the key as it was sent")
    })
}
