//! Decimal digits: of floats, and of short integers, eight at once, each in a byte of a word, the first in the
//! lowest.

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The digits of a number below 10^8, and how many there are.
///
/// With `itoa`, 64 integers took 19 percent more instructions, the hash left out (callgrind of what
/// `cargo bench -p agentidemp-bench --bench key -- '64 small'` measures).
#[inline]
pub(crate) fn digits_of(value: u32) -> ([u8; 8], usize) {
    let digits = eight(value);
    let zeros = (digits.trailing_zeros() / 8).min(7);
    let text = (digits | ZEROS) >> (zeros * 8);
    (text.to_le_bytes(), 8 - zeros as usize)
}

/// The eight digits of a number below 10^8, as values and not as text.
///
/// Each step halves the number of digits in a part of the word, for all parts at once. The
/// multiplications and shifts divide by 100 and by 10: exactly, for parts of this size.
#[inline]
fn eight(value: u32) -> u64 {
    let value = u64::from(value);
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - tens * 10) << 8)
}

/// The digits of a float, as ECMAScript writes them.
///
/// Alone in its cache line: elsewhere an array of floats took half as long again (Sapphire Rapids,
/// `cargo bench -p agentidemp-bench --bench key -- '1536 f32'`).
#[repr(align(64))]
pub(crate) struct FloatText(zmij_ecma::Buffer);

impl FloatText {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(zmij_ecma::Buffer::new())
    }

    /// The shortest digits that give a float back, which is finite.
    #[inline]
    pub(crate) fn of(&mut self, float: impl zmij_ecma::Float) -> &str {
        self.0.format_finite(float)
    }
}

/// Which of the bytes of a word are no digits: the highest bit of each.
#[inline]
pub(super) fn other_bytes(word: u128) -> u128 {
    const HIGH: u128 = u128::from_le_bytes([0x80; 16]);
    // The value of each digit; from 10 on for any other byte.
    let values = word ^ u128::from_le_bytes([b'0'; 16]);
    let beyond_nine = ((values & !HIGH) + u128::from_le_bytes([0x80 - 10; 16])) | values;
    beyond_nine & HIGH
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{digits_of, other_bytes};

    #[test]
    fn a_byte_is_a_digit_or_another_one_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..16 {
                let mut text = *b"9090909090909090";
                text[place] = byte;
                let others = other_bytes(u128::from_le_bytes(text));
                let expected = if byte.is_ascii_digit() {
                    0
                } else {
                    0x80 << (place * 8)
                };
                assert_eq!(others, expected, "{byte:#x} at {place}");
            }
        }
    }

    /// The two halves are computed apart, so that all of one and all of the other are enough.
    #[test]
    fn a_number_has_all_its_digits() {
        for number in (0..10_000).flat_map(|half| [half, half * 10_000, half * 10_001]) {
            let (digits, length) = digits_of(number);
            assert_eq!(&digits[..length], format!("{number}").as_bytes());
        }
    }
}
