//! Which bytes of a string are escaped, and how: RFC 8785 section 3.2.2.2, which is FORMAT.md section 2.3.
//!
//! [`is_escaped`] and [`escape_of`] are that rule: whoever changes it changes keys. The rest finds such bytes, many
//! at a time.

/// As many bytes as the instructions of [`find_chunk`] look at.
pub(super) const CHUNK: usize = 16;
pub(super) type Chunk = [u8; CHUNK];

/// As many bytes as are looked at together.
pub(super) const WINDOW: usize = 4 * CHUNK;
pub(super) type Window = [u8; WINDOW];

/// Which bytes of a window are escaped: one bit for each, the first byte's lowest.
#[inline]
pub(super) fn find(window: &Window) -> u64 {
    let (chunks, _) = window.as_chunks();
    let found = |index: usize| u64::from(find_chunk(&chunks[index])) << (index * CHUNK);
    found(0) | found(1) | found(2) | found(3)
}

/// Whether a byte does not stand for itself in a string.
pub(super) const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Which bytes of a chunk are escaped, as in [`find`].
///
/// The instructions are those that every x86-64 processor has. Left to itself, the compiler looks at
/// byte after byte: a chat of 4 KB takes three times as many
/// instructions, the hash left out (callgrind of what `cargo bench -p agentidemp-bench --bench key -- '4 KB'` measures).
#[cfg(all(target_arch = "x86_64", not(agentidemp_portable)))]
#[inline]
pub(super) fn find_chunk(chunk: &Chunk) -> u32 {
    use safe_arch::{
        cmp_eq_mask_i8_m128i, load_unaligned_m128i, min_u8_m128i, move_mask_i8_m128i,
        set_splat_i8_m128i, sub_saturating_u8_m128i, zeroed_m128i,
    };
    let bytes = load_unaligned_m128i(chunk);
    let splat = |byte: u8| set_splat_i8_m128i(byte.cast_signed());
    // Where `"` and a blank are swapped, what is escaped is `\` and all up to the blank.
    let control_or_quote = sub_saturating_u8_m128i(bytes ^ splat(b'"' ^ 0x20), splat(0x20));
    let backslash = bytes ^ splat(b'\\');
    let zero = cmp_eq_mask_i8_m128i(min_u8_m128i(control_or_quote, backslash), zeroed_m128i());
    move_mask_i8_m128i(zero).cast_unsigned()
}

/// By `--cfg agentidemp_portable` the tests take this way on x86-64, too.
#[cfg(any(not(target_arch = "x86_64"), agentidemp_portable))]
pub(super) use find_bytewise as find_chunk;

#[cfg(any(test, not(target_arch = "x86_64"), agentidemp_portable))]
#[inline]
pub(super) fn find_bytewise(chunk: &Chunk) -> u32 {
    let bytes = chunk.iter().zip(0..);
    bytes.fold(0, |found, (byte, index)| {
        found | u32::from(is_escaped(*byte)) << index
    })
}

/// Whether an escape in a text is the one by which canonical text writes the character.
pub(super) fn is_canonical(character: char, written: &[u8]) -> bool {
    u8::try_from(character)
        .is_ok_and(|byte| is_escaped(byte) && escape(byte).text.starts_with(written))
}

/// How a byte is written.
#[derive(Clone, Copy)]
pub(super) struct Escape {
    /// The escape, and in the last byte how much longer it is than what it stands for: one load gives
    /// both.
    pub(super) text: [u8; 8],
}

impl Escape {
    const fn new(escape: &[u8], growth: u8) -> Self {
        let mut text = [0; 8];
        text.split_at_mut(escape.len()).0.copy_from_slice(escape);
        text[7] = growth;
        Self { text }
    }

    /// A `\` and another byte.
    const fn pair(second: u8) -> Self {
        Self::new(&[b'\\', second], 1)
    }

    #[inline]
    pub(super) fn growth(self) -> usize {
        usize::from(self.text[7])
    }
}

/// The escape of a byte; of one that needs none, the byte itself.
#[inline]
pub(super) fn escape(byte: u8) -> Escape {
    static ESCAPES: [Escape; 256] = {
        let mut escapes = [Escape::new(b" ", 0); 256];
        let mut byte = 0_u8;
        loop {
            escapes[byte as usize] = escape_of(byte);
            if byte == u8::MAX {
                break escapes;
            }
            byte += 1;
        }
    };
    ESCAPES[usize::from(byte)]
}

const fn escape_of(byte: u8) -> Escape {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    match byte {
        0x08 => Escape::pair(b'b'),
        0x09 => Escape::pair(b't'),
        0x0a => Escape::pair(b'n'),
        0x0c => Escape::pair(b'f'),
        0x0d => Escape::pair(b'r'),
        0x00..0x20 => {
            let (high, low) = (DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]);
            Escape::new(&[b'\\', b'u', b'0', b'0', high, low], 5)
        }
        b'"' | b'\\' => Escape::pair(byte),
        _ => Escape::new(&[byte], 0),
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, find_bytewise, find_chunk};

    #[test]
    fn every_byte_is_found_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..CHUNK {
                let mut chunk = [b' '; CHUNK];
                chunk[place] = byte;
                assert_eq!(
                    find_chunk(&chunk),
                    find_bytewise(&chunk),
                    "{byte:#x} at {place}"
                );
            }
        }
    }
}
