//! Strings (RFC 8785 section 3.2.2.2) and the order of member names (section 3.2.3).

use core::cmp::Ordering;
use core::fmt;

use super::writer::Writer;

/// Writes `text` as a JSON string, quotes included.
#[inline]
pub(super) fn write(text: &str, writer: &mut Writer) {
    writer.write(b"\"");
    write_escaped(text, writer);
    writer.write(b"\"");
}

/// Writes the text that goes between the quotes.
pub(super) fn write_escaped(text: &str, writer: &mut Writer) {
    let mut rest = text.as_bytes();
    while let Some(at) = find_escape(rest) {
        let (plain, tail) = rest.split_at(at);
        writer.write(plain);
        let Some((byte, tail)) = tail.split_first() else {
            return;
        };
        write_escape(*byte, writer);
        rest = tail;
    }
    writer.write(rest);
}

/// Where the first byte stands that JSON does not take as it is.
fn find_escape(text: &[u8]) -> Option<usize> {
    const CHUNK: usize = 16;
    let mut chunks = text.chunks_exact(CHUNK);
    let mut start = 0;
    for chunk in &mut chunks {
        // Without a branch a byte, so that the compiler looks at the chunk in one go.
        if chunk
            .iter()
            .fold(false, |any, byte| any | is_escaped(*byte))
        {
            break;
        }
        start += CHUNK;
    }
    let tail = text.get(start..)?;
    let offset = tail.iter().position(|byte| is_escaped(*byte))?;
    Some(start + offset)
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn write_escape(byte: u8, writer: &mut Writer) {
    let short = match byte {
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        b'"' | b'\\' => byte,
        _ => {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value & 15)];
            return writer.write(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte)]);
        }
    };
    writer.write(&[b'\\', short]);
}

/// Writes the `Display` text of a value between the quotes of a JSON string.
pub(super) struct Escape<'a>(pub(super) &'a mut Writer);

impl fmt::Write for Escape<'_> {
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
