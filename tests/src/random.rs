//! Random text, from a seeded generator.

use std::iter;

use fastrand::Rng;

/// Text of up to so many characters.
pub(crate) fn text(rng: &mut Rng, longest: usize) -> String {
    let length = rng.usize(..=longest);
    iter::repeat_with(|| character(rng)).take(length).collect()
}

/// Any character, and more often one that could be taken for a separator.
fn character(rng: &mut Rng) -> char {
    match rng.u8(..4) {
        0 => rng.choice(['\0', ':', '%', '/', ' ']).unwrap(),
        1 | 2 => rng.alphanumeric(),
        _ => rng.char(..),
    }
}
