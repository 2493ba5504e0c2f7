//! Text as people can read it: nothing that cannot be seen, and cut around the place that counts.

use core::fmt::{self, Write};
use core::iter;

/// How many characters of a text are shown.
pub(super) const WIDTH: usize = 80;

/// How many of these come before the place where two texts differ.
const BEFORE: usize = 30;

/// A text in which characters that cannot be seen are escaped as in Rust.
///
/// It is meant for JSON text, whose own escapes stay as they are.
pub(super) struct Shown<'a>(pub(super) &'a str);

/// The part of a text around one of its characters.
pub(super) struct Excerpt<'a> {
    text: &'a str,
    skipped: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character == ' ' || character.is_ascii_graphic() {
                f.write_char(character)?;
            } else {
                // Also combining marks, which look like a part of the character before.
                write!(f, "{}", character.escape_debug())?;
            }
        }
        Ok(())
    }
}

impl<'a> Excerpt<'a> {
    /// The start of a text.
    pub(super) fn of_start(text: &'a str) -> Self {
        Self { text, skipped: 0 }
    }

    /// The text around a character, which is given by the number of those before it.
    pub(super) fn around(text: &'a str, character: usize) -> Self {
        let skipped = character.saturating_sub(BEFORE);
        Self { text, skipped }
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = characters(self.text).skip(self.skipped);
        if self.skipped > 0 {
            f.write_char('…')?;
        }
        for character in characters.by_ref().take(WIDTH) {
            write!(f, "{}", Shown(character))?;
        }
        if characters.next().is_some() {
            f.write_char('…')?;
        }
        Ok(())
    }
}

/// The characters of a JSON text: each escape is one.
fn characters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    iter::from_fn(move || {
        let first = rest.chars().next()?.len_utf8();
        let length = match rest.as_bytes() {
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => first,
        };
        // In a scope, which is no JSON, a backslash can stand before anything.
        let (character, after) = rest
            .split_at_checked(length)
            .unwrap_or_else(|| rest.split_at(first));
        rest = after;
        Some(character)
    })
}

/// How many characters a text has, if these are at most so many.
pub(super) fn length_within(text: &str, limit: usize) -> Option<usize> {
    let length = characters(text).take(limit + 1).count();
    (length <= limit).then_some(length)
}

/// How many characters two texts start with in common, and the two that follow.
pub(super) fn common_start<'a>(
    old: &'a str,
    new: &'a str,
) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut olds, mut news) = (characters(old), characters(new));
    let mut common = 0;
    loop {
        match (olds.next(), news.next()) {
            (Some(old), Some(new)) if old == new => common += 1,
            (old, new) => return (common, old, new),
        }
    }
}
