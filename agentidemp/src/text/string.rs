//! Strings (RFC 8785 section 3.2.2.2) and the order of member names (section 3.2.3).
//!
//! Text is taken in windows and not byte by byte: prose is almost all bytes that stand for
//! themselves, so that finding the others, and copying, is what costs.

use core::cmp::Ordering;
use core::fmt;

use super::escape::{self, CHUNK, Chunk, WINDOW, Window};
use super::name::Written;
use super::short;
use super::writer::{ROOM, Writer};

/// By how much a window may grow: as much as if each byte were escaped with one more. With a window
/// behind it, it then fits into the writer's room.
const MAX_GROWTH: usize = WINDOW;
const _: () = assert!(WINDOW + MAX_GROWTH + WINDOW <= ROOM);

/// Writes `text` as a JSON string, quotes included.
pub(crate) fn write(text: &str, writer: &mut Writer) {
    write_between(b"\"", text.as_bytes(), b"\"", writer);
}

/// Writes the name of a member and a `:`, after a `,` if the member is not the first.
pub(crate) fn write_name(name: &[u8], is_first: bool, writer: &mut Writer) {
    if is_first {
        write_between(b"\"", name, b"\":", writer);
    } else {
        write_between(b",\"", name, b"\":", writer);
    }
}

/// As [`write_name`], for a name that is known at compile time.
#[inline]
pub(crate) fn write_known_name(name: &Written, is_first: bool, writer: &mut Writer) {
    let start = usize::from(is_first);
    let mut text = [0; Written::LENGTH];
    text.copy_from_slice(&name.text[start..][..Written::LENGTH]);
    writer.write_prefix(&text, name.length - start);
}

/// Writes `text` between a prefix and a suffix: in one go if it is short and has no escapes.
#[inline]
fn write_between<const P: usize, const S: usize>(
    prefix: &[u8; P],
    text: &[u8],
    suffix: &[u8; S],
    writer: &mut Writer,
) {
    match chunk_of(text) {
        Some(chunk) if escape::find_chunk(&chunk) == 0 => {
            writer.write_with(|room| {
                put(prefix, room, 0);
                put(&chunk, room, P);
                put(suffix, room, P + text.len());
                P + text.len() + S
            });
        }
        _ => {
            writer.write_fixed(prefix);
            write_escaped(text, writer);
            writer.write_fixed(suffix);
        }
    }
}

/// Writes the text that goes between the quotes.
pub(crate) fn write_escaped(text: &[u8], writer: &mut Writer) {
    let mut rest = text;
    while let Some(windows) = rest.first_chunk() {
        write_window(windows, WINDOW, writer);
        rest = &rest[WINDOW..];
    }
    // The end of the text is looked at with blanks behind it, which are not escaped.
    let mut padded = [b' '; 3 * WINDOW];
    padded[..rest.len()].copy_from_slice(rest);
    for start in (0..rest.len()).step_by(WINDOW) {
        let Some(windows) = padded[start..].first_chunk() else {
            unreachable!("what is left is shorter than two windows");
        };
        write_window(windows, WINDOW.min(rest.len() - start), writer);
    }
}

/// Writes the first `length` bytes of a window, which the next window is behind.
#[inline]
fn write_window(windows: &[u8; 2 * WINDOW], length: usize, writer: &mut Writer) {
    let written = writer.write_with(|room| put_window(windows, length, room));
    if written == 0 {
        write_bytewise(&windows[..length], writer);
    }
}

/// Puts a window's text into the room, and returns its length there; 0 if it grows too much.
///
/// Whole windows are copied, since a length that is known is copied by a few instructions: first the
/// window as it is, then after each escape the bytes behind it. What is too much is written over by
/// what comes next.
#[inline]
fn put_window(windows: &[u8; 2 * WINDOW], length: usize, room: &mut [u8; ROOM]) -> usize {
    let window = window_at(windows, 0);
    put(&window, room, 0);
    let mut found = escape::find(&window);
    let mut growth = 0;
    while found != 0 {
        let place = found.trailing_zeros() as usize % WINDOW;
        found &= found - 1;
        let escape = escape::escape(windows[place]);
        put(&escape.text, room, place + growth);
        growth += escape.growth();
        if growth > MAX_GROWTH {
            return 0;
        }
        put(&window_at(windows, place + 1), room, place + 1 + growth);
    }
    length + growth
}

#[inline]
fn window_at(windows: &[u8; 2 * WINDOW], start: usize) -> Window {
    let mut window = [0; WINDOW];
    window.copy_from_slice(&windows[start..][..WINDOW]);
    window
}

/// For windows that grow too much: with many control characters, which are written as `\u001f`.
#[cold]
fn write_bytewise(text: &[u8], writer: &mut Writer) {
    for byte in text {
        let escape = escape::escape(*byte);
        writer.write_prefix(&escape.text, 1 + escape.growth());
    }
}

/// Text that is shorter than a chunk, with blanks behind it, which are no escapes.
#[inline]
fn chunk_of(text: &[u8]) -> Option<Chunk> {
    if text.len() >= CHUNK {
        return None;
    }
    let blanks = u128::from_le_bytes([b' '; CHUNK]) << (text.len() * 8);
    Some((short::load(text) | blanks).to_le_bytes())
}

/// Copies all of `text`, whatever counts of it: copying a fixed length is one instruction.
#[inline]
fn put<const N: usize>(text: &[u8; N], room: &mut [u8; ROOM], at: usize) {
    room[at..][..N].copy_from_slice(text);
}

/// Writes the `Display` text of a value between the quotes of a JSON string.
pub(crate) struct EscapeText<'a>(pub(crate) &'a mut Writer);

impl fmt::Write for EscapeText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(text.as_bytes(), self.0);
        Ok(())
    }
}

/// Compares by UTF-16 code units, as RFC 8785 section 3.2.3 orders member names.
///
/// UTF-8 bytes order as code points do. UTF-16 differs from that in one place: code points beyond
/// U+FFFF, whose UTF-8 starts with F0 to F4, are written with surrogates, and these come before
/// U+E000 to U+FFFF, whose UTF-8 starts with EE or EF.
pub(crate) fn cmp_utf16(left: &str, right: &str) -> Ordering {
    cmp_names(left.as_bytes(), right.as_bytes())
}

/// As [`cmp_utf16`], for text whose bytes are known to be UTF-8.
pub(crate) fn cmp_names(left: &[u8], right: &[u8]) -> Ordering {
    let mut pairs = left.iter().zip(right);
    match pairs.find(|(left, right)| left != right) {
        Some((left, right)) => rank(*left).cmp(&rank(*right)),
        None => left.len().cmp(&right.len()),
    }
}

/// What a byte of UTF-8 counts in the order of UTF-16 code units. No two bytes count the same.
pub(super) fn rank(byte: u8) -> u8 {
    match byte {
        0xee | 0xef => byte + 0x10,
        0xf0.. => byte - 2,
        _ => byte,
    }
}

/// The first eight bytes of a name as a number that orders as [`cmp_utf16`] does, as far as it goes;
/// `word` is the name as [`short::load`] gives it.
#[inline]
pub(crate) fn name_prefix(word: u128) -> u64 {
    let bytes = word.to_le_bytes();
    let (halves, _) = bytes.as_chunks();
    let prefix = halves[0];
    u64::from_be_bytes(if prefix.is_ascii() {
        prefix
    } else {
        prefix.map(rank)
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::iter;

    use super::{Ordering, cmp_utf16, name_prefix, short, write_escaped};
    use crate::text::writer::{Drain, Writer};

    fn escaped(text: &str) -> Vec<u8> {
        let mut writer = Writer::new(Drain::Bytes(Vec::new()));
        write_escaped(text.as_bytes(), &mut writer);
        match writer.finish() {
            Drain::Bytes(bytes) => bytes,
            Drain::Digest(_) => unreachable!(),
        }
    }

    /// A text of `length` bytes in which every `distance`th is `escape`.
    fn text(length: usize, distance: usize, escape: char) -> String {
        let plain = iter::repeat_n('a', distance - 1);
        let period = plain.chain([escape]);
        iter::repeat_n(period, length)
            .flatten()
            .take(length)
            .collect()
    }

    #[test]
    fn escapes_count_wherever_they_stand_in_a_text_of_any_length() {
        for (escape, written) in [('"', "\\\""), ('\n', "\\n"), ('\u{1f}', "\\u001f")] {
            for distance in [1, 2, 3, 5, 8, 13, 40, 63, 64, 65, 300] {
                for length in 0..300 {
                    let text = text(length, distance, escape);
                    assert_eq!(escaped(&text), text.replace(escape, written).as_bytes());
                }
            }
        }
    }

    fn prefix(name: &str) -> u64 {
        let length = name.len().min(short::LENGTH);
        name_prefix(short::load(&name.as_bytes()[..length]))
    }

    #[test]
    fn names_order_as_their_utf16_code_units_do() {
        let edges = [
            "",
            "a",
            "ab",
            "b",
            "\u{7f}",
            "\u{80}",
            "\u{7ff}",
            "\u{800}",
            "\u{d7ff}",
            "\u{e000}",
            "\u{fb33}",
            "\u{ffff}",
            "\u{10000}",
            "\u{1f600}",
            "\u{10ffff}",
            "a\u{ffff}",
            "a\u{10000}",
            "a\0",
            "members",
            "members\0",
            "members1",
            "members10",
            "members2",
            "member\u{ffff}",
            "member\u{10000}",
            "member1\u{ffff}",
            "member1\u{10000}",
        ];
        for left in edges {
            for right in edges {
                let expected = left.encode_utf16().cmp(right.encode_utf16());
                assert_eq!(cmp_utf16(left, right), expected, "{left:?} {right:?}");
                let by_prefix = prefix(left).cmp(&prefix(right));
                assert!(
                    [expected, Ordering::Equal].contains(&by_prefix),
                    "{left:?} {right:?}"
                );
            }
        }
    }
}
