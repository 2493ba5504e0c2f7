//! Numbers of JSON text (RFC 8259 section 6): where one ends, and the canonical digits of one that is
//! no integer.
//!
//! An integer is its digits. Any other number is read as a double, and so must say no more than its
//! double can: where two amounts would become one double, there is an error and no key.

use alloc::format;
use alloc::string::String;

use super::digits::other_bytes;
use super::short;

/// As many significant digits as every normal double keeps (C's `DBL_DIG`).
const DIGITS_OF_EVERY_DOUBLE: usize = 15;

/// No double has more significant digits.
const DIGITS_AT_MOST: usize = 767;

/// Why a decimal has no canonical digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalError {
    /// It is beyond the range of a double.
    TooLarge,
    /// Its double does not stand for it.
    Imprecise,
}

/// What a number is by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Digits alone, after a sign that may be absent.
    Integer,
    /// With a fraction and no exponent.
    Fraction,
    /// With an exponent.
    Exponent,
}

/// Where the number ends that begins at the start of the text, and what it is; or the offset at which
/// it stops being one.
#[inline]
pub(crate) fn scan(text: &[u8]) -> Result<(usize, Notation), usize> {
    let digits = Digits::new(text);
    let sign = usize::from(text.first() == Some(&b'-'));
    let mut end = match text.get(sign) {
        Some(b'0') => sign + 1,
        _ => digits.end(sign)?,
    };
    let mut notation = Notation::Integer;
    if text.get(end) == Some(&b'.') {
        end = digits.end(end + 1)?;
        notation = Notation::Fraction;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end = digits.end(end + 1 + sign)?;
        notation = Notation::Exponent;
    }
    Ok((end, notation))
}

/// Where the digits of a number are.
///
/// Its first bytes are looked at together, and once: 1536 decimals took 5.95 times the raw hash instead of 6.5 (AMD
/// EPYC of Zen 3, best of 8 processes, as `cargo bench -p agentidemp-bench --bench key -- '1536 f32'` measures).
struct Digits<'t> {
    text: &'t [u8],
    /// Which of the first bytes are no digits.
    others: u128,
}

impl<'t> Digits<'t> {
    #[inline]
    fn new(text: &'t [u8]) -> Self {
        let start = match text.first_chunk() {
            Some(start) => u128::from_le_bytes(*start),
            None => short::load(text),
        };
        let others = other_bytes(start);
        Self { text, others }
    }

    /// Where the digits end that begin at a place; the place, if there are none.
    #[inline]
    fn end(&self, start: usize) -> Result<usize, usize> {
        let end = self.end_of_any(start.min(self.text.len()));
        if end > start { Ok(end) } else { Err(end) }
    }

    #[inline]
    fn end_of_any(&self, start: usize) -> usize {
        if start < short::LENGTH {
            let others = self.others >> (start * 8);
            if others != 0 {
                return start + others.trailing_zeros() as usize / 8;
            }
        }
        let rest = &self.text[start..];
        let count = rest.iter().position(|byte| !byte.is_ascii_digit());
        start + count.unwrap_or(rest.len())
    }
}

/// Whether a number with a fraction and no exponent is plainly the text that its double is written as:
/// then it need not be parsed and printed. 1536 of them took 7.7 times the raw hash instead of 11.9
/// (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- '1536 f32'`).
///
/// No two decimals of so few digits are one double, so that none is shorter than one that does not
/// end in a zero. ECMAScript writes an exponent for those alone that begin with six zeros.
#[inline]
pub(crate) fn is_canonical(text: &str) -> bool {
    let text = text.as_bytes();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    text.len() <= DIGITS_OF_EVERY_DOUBLE + 1
        && text.last() != Some(&b'0')
        && !text.starts_with(b"0.000000")
}

/// The canonical digits of a number that is no integer.
pub(crate) fn canonical<'b>(
    text: &str,
    buffer: &'b mut zmij_ecma::Buffer,
) -> Result<&'b str, DecimalError> {
    let double = parse(text);
    if !double.is_finite() {
        return Err(DecimalError::TooLarge);
    }
    let shortest = buffer.format_finite(double);
    if stands_for(double, shortest, text) {
        Ok(shortest)
    } else {
        Err(DecimalError::Imprecise)
    }
}

/// The double that is closest to a decimal.
#[inline]
fn parse(text: &str) -> f64 {
    // In a longer text, an exponent beyond 2^16 can be one that the digits cancel. `parse` does not
    // read such exponents to their end.
    const SHORT: usize = 1 << 12;
    if text.len() <= SHORT {
        return text.parse().unwrap_or(f64::INFINITY);
    }
    normalized(text).parse().unwrap_or(f64::INFINITY)
}

/// A long decimal with one digit before the point, and with no more digits than tell its double.
fn normalized(text: &str) -> String {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let integer = integer.trim_start_matches(['-', '0']);
    let zeros = fraction.bytes().take_while(|digit| *digit == b'0').count();
    let places = if integer.is_empty() {
        -1 - saturating(zeros)
    } else {
        saturating(integer.len()) - 1
    };
    let mut digits = significant(text);
    let mut normalized = String::from(if text.starts_with('-') { "-" } else { "" });
    normalized.push(digits.next().map_or('0', char::from));
    normalized.push('.');
    normalized.extend(digits.by_ref().take(DIGITS_AT_MOST).map(char::from));
    // Whether there is more is all that counts of the rest.
    normalized.push(if digits.any(|digit| digit != b'0') {
        '1'
    } else {
        '0'
    });
    format!(
        "{normalized}e{}",
        exponent_of(exponent).saturating_add(places)
    )
}

fn saturating(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX / 2)
}

/// The value of an exponent of any length, as far as it can matter.
fn exponent_of(text: &str) -> i64 {
    let digits = text.trim_start_matches(['+', '-']).bytes();
    let value = digits.fold(0_i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    // More than the length of a text, so that no digits cancel it.
    let value = value.min(i64::MAX / 4);
    if text.starts_with('-') { -value } else { value }
}

/// Whether the digits of a text are those of its double, rounded to as many significant digits. Zeros
/// at their end say nothing.
#[inline]
fn stands_for(double: f64, shortest: &str, text: &str) -> bool {
    // With the point, so many characters hold no more digits.
    if text.len() <= DIGITS_OF_EVERY_DOUBLE + 1 && double.is_normal() {
        return true;
    }
    let count = significant(text)
        .zip(1..)
        .filter(|(digit, _)| *digit != b'0')
        .last()
        .map_or(0, |(_, place)| place);
    if double == 0.0 || count == 0 {
        return double == 0.0 && count == 0;
    }
    (count <= DIGITS_OF_EVERY_DOUBLE && double.is_normal())
        || same_but_for_zeros(significant(text), significant(shortest))
        || is_print_of(double, text, count)
}

fn same_but_for_zeros(
    mut left: impl Iterator<Item = u8>,
    mut right: impl Iterator<Item = u8>,
) -> bool {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (left, right) if left.unwrap_or(b'0') == right.unwrap_or(b'0') => {}
            _ => return false,
        }
    }
}

/// The digits of a number from the first one on that is not zero, without its exponent.
fn significant(text: &str) -> impl Iterator<Item = u8> {
    let digits = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E'));
    digits
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0')
}

/// Whether the first `count` digits of a text, behind which there are zeros, are what printing the double
/// with so many digits gives.
fn is_print_of(double: f64, text: &str, count: usize) -> bool {
    if count > DIGITS_AT_MOST {
        return false;
    }
    let printed = format!("{double:.*e}", count - 1);
    let digits = significant(text).take(count);
    digits.eq(significant(&printed)) || is_other_half(double, text, count)
}

/// Whether the double lies half-way between two numbers of `count` digits, and the text is one of
/// them: printers differ in which they take, and Rust's takes the one whose last digit is even.
fn is_other_half(double: f64, text: &str, count: usize) -> bool {
    let longer = format!("{double:.count$e}");
    let Some((_, exponent)) = longer.split_once('e') else {
        return false;
    };
    // The decimal places of a double are as many as its binary ones.
    let is_exact = exponent
        .parse::<i32>()
        .is_ok_and(|exponent| count.try_into() == Ok(binary_places(double) + exponent));
    let mut pairs = significant(text).zip(significant(&longer)).take(count);
    let head_is_equal = pairs
        .by_ref()
        .take(count - 1)
        .all(|(digit, lower)| digit == lower);
    let last = pairs.next();
    let is_half = is_exact && significant(&longer).nth(count) == Some(b'5');
    is_half && head_is_equal && last.is_some_and(|(digit, lower)| digit.wrapping_sub(lower) <= 1)
}

/// How many binary digits a double has behind the point.
fn binary_places(double: f64) -> i32 {
    const FRACTION_BITS: u32 = 52;
    let bits = double.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = (bits >> FRACTION_BITS) as i32 & 0x7ff;
    let (mantissa, places) = match exponent {
        0 => (fraction, 1074),
        _ => (fraction | 1 << FRACTION_BITS, 1075 - exponent),
    };
    (places - mantissa.trailing_zeros().cast_signed()).max(0)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::{DecimalError, Notation, canonical, is_canonical, scan};

    fn canonical_text(text: &str) -> Result<String, DecimalError> {
        canonical(text, &mut zmij_ecma::Buffer::new()).map(str::to_string)
    }

    #[test]
    fn a_number_ends_where_its_grammar_does() {
        let integer = |end| Ok((end, Notation::Integer));
        let fraction = |end| Ok((end, Notation::Fraction));
        let exponent = |end| Ok((end, Notation::Exponent));
        for (text, expected) in [
            ("0", integer(1)),
            ("-0", integer(2)),
            ("01", integer(1)),
            ("12,", integer(2)),
            ("1.50]", fraction(4)),
            ("1e5", exponent(3)),
            ("-1.5E+07 ", exponent(8)),
            ("", Err(0)),
            ("-", Err(1)),
            ("-a", Err(1)),
            (".5", Err(0)),
            ("1.", Err(2)),
            ("1.e5", Err(2)),
            ("1e", Err(2)),
            ("1e+", Err(3)),
        ] {
            assert_eq!(scan(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_number_of_any_length_ends_where_its_digits_do() {
        for length in 1..40 {
            let digits = "9".repeat(length);
            for end in ["", ",", ":", "/", "\u{ff19}", ", 1"] {
                for (number, notation) in [
                    (digits.clone(), Notation::Integer),
                    (format!("-{digits}"), Notation::Integer),
                    (format!("0.{digits}"), Notation::Fraction),
                    (format!("{digits}.{digits}"), Notation::Fraction),
                    (format!("-{digits}e-{digits}"), Notation::Exponent),
                ] {
                    let text = format!("{number}{end}");
                    assert_eq!(
                        scan(text.as_bytes()),
                        Ok((number.len(), notation)),
                        "{text}"
                    );
                }
            }
            for start in [format!("{digits}."), format!("-{digits}.{digits}e+")] {
                assert_eq!(scan(format!("{start}x").as_bytes()), Err(start.len()));
                assert_eq!(scan(start.as_bytes()), Err(start.len()));
            }
        }
    }

    #[test]
    fn what_is_plainly_canonical_is_what_its_double_is_written_as() {
        for (text, expected) in [
            ("0.1", true),
            ("-0.1", true),
            ("0.000001", true),
            ("0.00000100000001", true),
            ("99999999999999.9", true),
            ("0.99999999999999", true),
            ("-0.0", false),
            ("1.50", false),
            ("0.0000001", false),
            ("0.0000000999", false),
            ("999999999999999.9", false),
        ] {
            assert_eq!(is_canonical(text), expected, "{text}");
        }
        let mut found = 0;
        for text in decimals().filter(|text| is_canonical(text)) {
            assert_eq!(canonical_text(&text).as_ref(), Ok(&text));
            found += 1;
        }
        assert!(found > 10_000, "{found}");
    }

    /// Decimals of all lengths, the same on each run (xorshift64).
    fn decimals() -> impl Iterator<Item = String> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        (0..50_000).flat_map(move |index| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let all_digits = format!("{state:019}");
            let digits = &all_digits[..=index % 18];
            let (whole, fraction) = digits.split_at(index / 18 % digits.len());
            let zeros = "0".repeat(index / 18 % 8);
            [format!("0.{zeros}{digits}"), format!("1{whole}.{fraction}")]
        })
    }

    #[test]
    fn every_print_of_a_double_has_the_doubles_digits() {
        let doubles = [
            0.1,
            1.0 / 3.0,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
            1e9 / 3.0,
            117_965.0 / 131_072.0,
            9_007_199_254_740_993.0,
        ];
        for double in doubles {
            let shortest = canonical_text(&format!("{double:e}"));
            for digits in [16, 17, 18, 20, 40, 800] {
                let printed = format!("{double:.digits$e}");
                assert_eq!(canonical_text(&printed), shortest, "{printed}");
            }
        }
    }

    #[test]
    fn both_neighbours_of_a_half_pass() {
        // Exactly 0.90000152587890625.
        assert!(canonical_text("0.9000015258789062").is_ok());
        assert!(canonical_text("0.9000015258789063").is_ok());
        assert_eq!(
            canonical_text("0.90000152587890626"),
            Err(DecimalError::Imprecise)
        );
    }

    /// A power of two, whose fraction has no bit that is set, and doubles that are not normal.
    #[test]
    fn both_neighbours_of_a_half_pass_whatever_the_doubles_bits_are() {
        for double in [
            0.5_f64.powi(60),
            0.5_f64.powi(1022),
            0.5_f64.powi(1074),
            3.0 * 0.5_f64.powi(1074),
            0.5_f64.powi(1030) + 0.5_f64.powi(1050),
        ] {
            let shortest = canonical_text(&format!("{double:e}"));
            let exact = format!("{double:.800e}");
            let (digits, exponent) = exact.split_once('e').unwrap_or_default();
            let digits = digits.trim_end_matches('0');
            let lower = digits.trim_end_matches('5');
            assert_eq!(digits.len() - lower.len(), 1);
            let (head, last) = lower.split_at(lower.len() - 1);
            let above = |more: u8| char::from(last.as_bytes()[0] + more);
            let upper = above(1);
            for text in [
                format!("{digits}e{exponent}"),
                format!("{lower}e{exponent}"),
                format!("{head}{upper}e{exponent}"),
            ] {
                assert_eq!(canonical_text(&text), shortest, "{text}");
            }
            for text in [
                format!("{lower}4e{exponent}"),
                format!("{lower}6e{exponent}"),
                format!("{head}{}e{exponent}", above(2)),
            ] {
                assert_eq!(
                    canonical_text(&text),
                    Err(DecimalError::Imprecise),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_longest_double_passes_with_all_its_digits() {
        let double = f64::from_bits(0x001f_ffff_ffff_ffff);
        let exact = format!("{double:.766e}");
        assert_eq!(
            canonical_text(&exact).as_deref(),
            Ok("4.4501477170144023e-308")
        );
        let (digits, exponent) = exact.split_once('e').unwrap_or_default();
        assert!(!digits.ends_with('0'));
        for more in ["1", "01", "0000000001"] {
            assert_eq!(
                canonical_text(&format!("{digits}{more}e{exponent}")),
                Err(DecimalError::Imprecise)
            );
        }
    }

    #[test]
    fn a_decimal_that_says_more_than_its_double_is_imprecise() {
        for text in [
            "12345678901234567.89",
            "12345678901234567.90",
            "1e-400",
            "3e-324",
            "1.0000000000000000000001",
        ] {
            assert_eq!(canonical_text(text), Err(DecimalError::Imprecise), "{text}");
        }
        let long = format!("1.{}1", "0".repeat(2000));
        assert_eq!(canonical_text(&long), Err(DecimalError::Imprecise));
    }

    #[test]
    fn zeros_are_zero_however_many_there_are() {
        for text in [
            "0.0",
            "-0.0",
            "0e5",
            "0.000000000000000000000000",
            "-0E-999",
        ] {
            assert_eq!(canonical_text(text).as_deref(), Ok("0"), "{text}");
        }
        for (text, expected) in [("0.1", "0.1"), ("1.0", "1"), ("1e23", "1e+23")] {
            let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
            let point = if mantissa.contains('.') { "" } else { "." };
            let long = format!("{mantissa}{point}{}e{exponent}", "0".repeat(2000));
            assert_eq!(canonical_text(&long).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn digits_and_an_exponent_of_any_length_cancel_each_other() {
        let zeros = "0".repeat(100_000);
        for (text, expected) in [
            (format!("1{zeros}e-100000"), Ok("1")),
            (format!("1{zeros}e-1000000"), Err(DecimalError::Imprecise)),
            (format!("0.{zeros}25e100001"), Ok("2.5")),
            (format!("-0.{zeros}25e100001"), Ok("-2.5")),
            (format!("0.{zeros}25e1000001"), Err(DecimalError::TooLarge)),
            (format!("1e{zeros}2"), Ok("100")),
            (format!("1e-{zeros}2"), Ok("0.01")),
            (
                format!("1e{zeros}{}", "9".repeat(10_000)),
                Err(DecimalError::TooLarge),
            ),
            (format!("0.{zeros}e1"), Ok("0")),
        ] {
            assert_eq!(
                canonical_text(&text).as_deref(),
                expected.as_deref(),
                "{}",
                &text[..6]
            );
        }
    }

    #[test]
    fn what_is_beyond_a_double_is_too_large() {
        assert_eq!(canonical_text("1e999"), Err(DecimalError::TooLarge));
    }
}
