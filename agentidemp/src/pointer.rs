//! JSON Pointers (RFC 6901): how a segment is written and read, and how a pointer is shown.

use alloc::string::String;
use core::fmt;

use crate::printable::{Quoted, is_harmless_text};

/// As many segments are shown of a pointer.
const SHOWN_SEGMENTS: usize = 20;

/// Writes a name as a segment (RFC 6901 section 3): `~` first, so that the tildes of `~1` stay.
pub(crate) fn escape_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a segment stands for (RFC 6901 section 4): `~1` first, so that `~01` becomes `~1`.
/// None where a `~` is followed by neither `0` nor `1`.
pub(crate) fn unescape_segment(segment: &str) -> Option<String> {
    let mut escapes = segment.split('~').skip(1);
    escapes
        .all(|escape| escape.starts_with(['0', '1']))
        .then(|| segment.replace("~1", "/").replace("~0", "~"))
}

/// A pointer for people: a long one without its middle, and as a JSON string where it holds characters
/// that cannot be seen.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match without_middle(self.0) {
            Some((start, end)) => {
                show(start, f)?;
                f.write_str("/\u{2026}")?;
                show(end, f)
            }
            None => show(self.0, f),
        }
    }
}

fn show(pointer: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_harmless_text(pointer) {
        f.write_str(pointer)
    } else {
        write!(f, "{}", Quoted(pointer))
    }
}

/// The first and the last segments of a pointer that has too many.
fn without_middle(pointer: &str) -> Option<(&str, &str)> {
    let mut slashes = pointer.match_indices('/').map(|(at, _)| at);
    let start = slashes.by_ref().nth(SHOWN_SEGMENTS / 2)?;
    slashes.nth(SHOWN_SEGMENTS / 2 - 1)?;
    let (end, _) = pointer.rmatch_indices('/').nth(SHOWN_SEGMENTS / 2 - 1)?;
    Some((&pointer[..start], &pointer[end..]))
}
