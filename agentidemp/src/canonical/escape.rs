//! Which bytes of a string are escaped, and how (RFC 8785 section 3.2.2.2).

/// As many bytes as are looked at together.
pub(super) const CHUNK: usize = 16;
pub(super) type Chunk = [u8; CHUNK];

/// Which bytes of a chunk are escaped: one bit for each, the first byte's lowest.
///
/// The instructions are those that every x86-64 processor has. Left to itself, the compiler looks at
/// byte after byte, which takes more time than the hash.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn find(chunk: &Chunk) -> u32 {
    use safe_arch::{
        cmp_eq_mask_i8_m128i, load_unaligned_m128i, min_u8_m128i, move_mask_i8_m128i,
        set_splat_i8_m128i,
    };
    let bytes = load_unaligned_m128i(chunk);
    let equals = |byte: u8| cmp_eq_mask_i8_m128i(bytes, set_splat_i8_m128i(byte.cast_signed()));
    let control = cmp_eq_mask_i8_m128i(bytes, min_u8_m128i(bytes, set_splat_i8_m128i(0x1f)));
    move_mask_i8_m128i(control | equals(b'"') | equals(b'\\')).cast_unsigned()
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) use find_bytewise as find;

#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline]
pub(super) fn find_bytewise(chunk: &Chunk) -> u32 {
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let bytes = chunk.iter().zip(0..);
    bytes.fold(0, |found, (byte, index)| {
        found | u32::from(is_escaped(*byte)) << index
    })
}

/// How a byte is written: the first `length` bytes of `text`.
#[derive(Clone, Copy)]
pub(super) struct Escape {
    pub(super) text: [u8; 8],
    pub(super) length: usize,
}

/// The escape of a byte; of one that needs none, the byte itself.
#[inline]
pub(super) fn escape(byte: u8) -> Escape {
    static ESCAPES: [Escape; 256] = {
        let mut escapes = [Escape::new(b""); 256];
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
        0x08 => Escape::new(br"\b"),
        0x09 => Escape::new(br"\t"),
        0x0a => Escape::new(br"\n"),
        0x0c => Escape::new(br"\f"),
        0x0d => Escape::new(br"\r"),
        0x00..0x20 => {
            let (high, low) = (DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]);
            Escape::new(&[b'\\', b'u', b'0', b'0', high, low])
        }
        b'"' | b'\\' => Escape::new(&[b'\\', byte]),
        _ => Escape::new(&[byte]),
    }
}

impl Escape {
    const fn new(text: &[u8]) -> Self {
        let mut padded = [0; 8];
        padded.split_at_mut(text.len()).0.copy_from_slice(text);
        Self {
            text: padded,
            length: text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, find, find_bytewise};

    #[test]
    fn every_byte_is_found_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..CHUNK {
                let mut chunk = [b' '; CHUNK];
                chunk[place] = byte;
                assert_eq!(find(&chunk), find_bytewise(&chunk), "{byte:#x} at {place}");
            }
        }
    }
}
