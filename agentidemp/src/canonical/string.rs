//! Strings (RFC 8785 section 3.2.2.2) and the order of member names (section 3.2.3).
//!
//! Text is taken in chunks, each looked at and copied as one word: prose is almost all bytes that
//! stand for themselves, so that finding the others, and copying, is what costs.

use core::cmp::Ordering;
use core::fmt;

use super::escape::{self, CHUNK, Chunk};
use super::short;
use super::writer::{ROOM, Writer};

/// Writes `text` as a JSON string, quotes included.
pub(super) fn write(text: &str, writer: &mut Writer) {
    write_between(b"\"", text, b"\"", writer);
}

/// Writes the name of a member and a `:`, after a `,` if the member is not the first.
pub(super) fn write_name(name: &str, is_first: bool, writer: &mut Writer) {
    if is_first {
        write_between(b"\"", name, b"\":", writer);
    } else {
        write_between(b",\"", name, b"\":", writer);
    }
}

/// Writes `text` between a head and a tail: in one go if it is short and has no escapes.
#[inline]
fn write_between<const H: usize, const T: usize>(
    head: &[u8; H],
    text: &str,
    tail: &[u8; T],
    writer: &mut Writer,
) {
    match chunk_of(text.as_bytes()) {
        Some(chunk) if escape::find(&chunk) == 0 => writer.write_with(|room| {
            put(head, room, 0);
            put(&chunk, room, H);
            put(tail, room, H + text.len());
            H + text.len() + T
        }),
        _ => {
            writer.write(head);
            write_escaped(text, writer);
            writer.write(tail);
        }
    }
}

/// Writes the text that goes between the quotes.
pub(super) fn write_escaped(text: &str, writer: &mut Writer) {
    let mut rest = text.as_bytes();
    while let Some(window) = rest.first_chunk() {
        writer.write_with(|room| write_window(window, room));
        rest = &rest[CHUNK..];
    }
    let (chunks, tail) = rest.as_chunks();
    for chunk in chunks {
        writer.write_with(|room| write_chunk(chunk, CHUNK, room));
    }
    if let Some(chunk) = chunk_of(tail) {
        writer.write_with(|room| write_chunk(&chunk, tail.len(), room));
    }
}

/// Writes the first chunk of a window of two, and returns its length as it is written.
///
/// A chunk with one escape is as frequent in prose as one with none, in no order that a processor
/// could foresee. So both go the same way, in which a byte that is not escaped stands for itself:
/// the chunk up to the first escape, or to its last byte; that byte; and what comes after it, some
/// of which belongs to the next chunk and is written once more then.
#[inline]
fn write_window(window: &[u8; 2 * CHUNK], room: &mut [u8; ROOM]) -> usize {
    let mut chunk = [0; CHUNK];
    chunk.copy_from_slice(&window[..CHUNK]);
    let found = escape::find(&chunk);
    if found & found.wrapping_sub(1) != 0 {
        return write_chunk(&chunk, CHUNK, room);
    }
    let last = CHUNK - 1;
    let next = (found | 1 << last).trailing_zeros() as usize % CHUNK;
    let escape = escape::escape(window[next]);
    put(&chunk, room, 0);
    put(&escape.text, room, next);
    chunk.copy_from_slice(&window[next + 1..][..CHUNK]);
    put(&chunk, room, next + escape.length);
    last + escape.length
}

/// Writes the first `length` bytes of a chunk, and returns their length as they are written.
#[inline]
fn write_chunk(chunk: &Chunk, length: usize, room: &mut [u8; ROOM]) -> usize {
    let word = u128::from_le_bytes(*chunk);
    let mut found = escape::find(chunk);
    let (mut start, mut at) = (0, 0);
    while found != 0 {
        let next = found.trailing_zeros() as usize % CHUNK;
        let escape = escape::escape(chunk[next]);
        put(&(word >> (start * 8)).to_le_bytes(), room, at);
        at += next - start;
        put(&escape.text, room, at);
        at += escape.length;
        start = next + 1;
        found &= found - 1;
    }
    if start < length {
        put(&(word >> (start * 8)).to_le_bytes(), room, at);
        at += length - start;
    }
    at
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
    if let Some(place) = room.get_mut(at..).and_then(|room| room.first_chunk_mut()) {
        *place = *text;
    }
}

/// Writes the `Display` text of a value between the quotes of a JSON string.
pub(super) struct EscapeText<'a>(pub(super) &'a mut Writer);

impl fmt::Write for EscapeText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(text, self.0);
        Ok(())
    }
}

/// Compares by UTF-16 code units, as RFC 8785 section 3.2.3 orders member names.
///
/// UTF-8 bytes order as code points do. UTF-16 differs from that in one place: code points beyond
/// U+FFFF, whose UTF-8 starts with F0 to F4, are written with surrogates, and these come before
/// U+E000 to U+FFFF, whose UTF-8 starts with EE or EF.
pub(crate) fn cmp_utf16(left: &str, right: &str) -> Ordering {
    let rank = |byte: u8| match byte {
        0xee | 0xef => byte + 0x10,
        _ => byte,
    };
    let mut pairs = left.bytes().zip(right.bytes());
    match pairs.find(|(left, right)| left != right) {
        Some((left, right)) => rank(left).cmp(&rank(right)),
        None => left.len().cmp(&right.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::cmp_utf16;

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
        ];
        for left in edges {
            for right in edges {
                let expected = left.encode_utf16().cmp(right.encode_utf16());
                assert_eq!(cmp_utf16(left, right), expected, "{left:?} {right:?}");
            }
        }
    }
}
