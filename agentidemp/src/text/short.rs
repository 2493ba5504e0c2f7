//! Short byte strings as whole words: loading and storing these takes an instruction each, where a
//! copy of a length that is not known takes a call: 64 integers by `Serialize` took 8.7 times the raw hash instead of
//! 6.9 (AMD EPYC, `cargo bench -p agentidemp-bench --bench key -- '64 small'`).

/// As many bytes as fit into a word.
pub(crate) const LENGTH: usize = 16;

/// Up to `LENGTH` bytes as a word in little-endian order, with zeros after them.
///
/// The bytes are read as two halves that may overlap: where they do, both have the same bits.
#[inline]
pub(crate) fn load(bytes: &[u8]) -> u128 {
    let length = bytes.len();
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let (head, tail) = (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
        u128::from(head) | u128::from(tail) << ((length - 8) * 8)
    } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        u128::from(head) | u128::from(tail) << ((length - 4) * 8)
    } else {
        bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, load};

    #[test]
    fn a_word_has_all_bytes_of_a_short_string() {
        let bytes: [u8; LENGTH] = *b"\xf0123456789abcde\xff";
        for length in 0..=LENGTH {
            let mut expected = [0; LENGTH];
            expected[..length].copy_from_slice(&bytes[..length]);
            assert_eq!(load(&bytes[..length]).to_le_bytes(), expected);
        }
    }
}
