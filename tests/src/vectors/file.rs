//! The file of the vectors, in ASCII alone, so that no editor can normalize its text.

use std::collections::HashMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Refused, RefusedIdentity, Vector};
use crate::vectors;

/// The version of the format. A new one gets a file of its own.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct File {
    pub format: u32,
    pub vectors: Vec<Vector>,
    /// Bodies that have no key.
    pub refused: Vec<Refused>,
    /// Texts that are no document of an identity.
    pub refused_identities: Vec<RefusedIdentity>,
}

impl File {
    /// The file as the code of today makes it.
    #[must_use]
    pub fn current() -> Self {
        Self {
            format: FORMAT,
            vectors: vectors::all(),
            refused: vectors::refused(),
            refused_identities: vectors::refused_identities(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Where it is no file of vectors.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of the file.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = escape_non_ascii(&serde_json::to_string_pretty(self).unwrap());
        text.push('\n');
        text
    }

    /// The file with bodies that are spelled as in `stored`.
    #[must_use]
    pub fn spelled_as(mut self, stored: &Self) -> Self {
        let stored = by_name(&stored.vectors, |vector| &vector.name);
        for vector in &mut self.vectors {
            if let Some(stored) = stored.get(vector.name.as_str()) {
                vector.spell_as(stored);
            }
        }
        self
    }

    /// The names of what is in `stored` and is not the same here.
    #[must_use]
    pub fn changed_from(&self, stored: &Self) -> Vec<String> {
        let mut names = changed(&stored.vectors, &self.vectors, |vector| &vector.name);
        names.extend(changed(&stored.refused, &self.refused, |refused| {
            &refused.name
        }));
        let identities = (&stored.refused_identities, &self.refused_identities);
        names.extend(changed(identities.0, identities.1, |refused| &refused.name));
        names
    }
}

fn changed<T: PartialEq>(stored: &[T], current: &[T], name: fn(&T) -> &String) -> Vec<String> {
    let current = by_name(current, name);
    let changed = stored
        .iter()
        .filter(|item| current.get(name(item).as_str()) != Some(item));
    changed.map(|item| name(item).clone()).collect()
}

fn by_name<T>(items: &[T], name: fn(&T) -> &String) -> HashMap<&str, &T> {
    items
        .iter()
        .map(|item| (name(item).as_str(), item))
        .collect()
}

/// JSON has characters beyond ASCII in strings alone, where an escape means the same.
fn escape_non_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(ascii, "\\u{unit:04x}").unwrap();
        }
    }
    ascii
}
