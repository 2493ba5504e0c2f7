//! The file of the vectors: `{"format": 1, "vectors": [...]}`, in ASCII alone, so that no editor can
//! normalize its text.

use std::collections::HashMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::Vector;

/// The version of the format. A new one gets a file of its own.
pub const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    format: u32,
    vectors: Vec<Vector>,
}

/// The text of the file.
#[must_use]
pub fn write(vectors: &[Vector]) -> String {
    let file = File {
        format: FORMAT,
        vectors: vectors.to_vec(),
    };
    let mut text = escape_non_ascii(&serde_json::to_string_pretty(&file).unwrap());
    text.push('\n');
    text
}

/// The vectors of a file.
///
/// # Errors
///
/// Where it is no file of vectors.
pub fn read(text: &str) -> Result<Vec<Vector>, serde_json::Error> {
    serde_json::from_str(text).map(|file: File| file.vectors)
}

/// The vectors of today, with bodies that are spelled as in the file.
#[must_use]
pub fn respelled(current: Vec<Vector>, stored: &[Vector]) -> Vec<Vector> {
    let stored = by_name(stored);
    current
        .into_iter()
        .map(|vector| match stored.get(vector.name.as_str()) {
            Some(stored) => vector.spelled_as(stored),
            None => vector,
        })
        .collect()
}

/// The names of the vectors that are not in `current` as they are in `stored`.
#[must_use]
pub fn changed(stored: &[Vector], current: &[Vector]) -> Vec<String> {
    let current = by_name(current);
    stored
        .iter()
        .filter(|vector| current.get(vector.name.as_str()) != Some(vector))
        .map(|vector| vector.name.clone())
        .collect()
}

fn by_name(vectors: &[Vector]) -> HashMap<&str, &Vector> {
    vectors
        .iter()
        .map(|vector| (vector.name.as_str(), vector))
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
