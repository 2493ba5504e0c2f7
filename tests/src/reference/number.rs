//! The canonical form of a number's text (FORMAT.md section 2.2), and which texts have none.

use num_bigint::{BigInt, BigUint};

use super::Kind;

/// Beyond it, whatever the digits, a number is too large for a double or rounds to zero: the digits of
/// a text in memory are far fewer.
const FAR: i64 = 1 << 50;

/// The canonical form of the text of a number.
///
/// # Errors
///
/// [`Kind::NotFinite`]. [`Kind::Imprecise`], where the text is a decimal that its double does not
/// stand for: neither is it the exact value of the double, rounded to as many digits, nor is it the
/// same number as its canonical form. So each text that a double is printed as has a canonical form,
/// with however many digits, and any text of up to 15 digits in the range of normal doubles.
pub fn canonical(text: &str) -> Result<String, Kind> {
    if text.contains(['.', 'e', 'E']) {
        float(text)
    } else if text == "-0" {
        Ok("0".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

fn float(text: &str) -> Result<String, Kind> {
    let decimal = Decimal::read(text);
    let double = decimal.nearest_double();
    if double.is_infinite() {
        return Err(Kind::NotFinite);
    }
    let canonical = shortest(double);
    if decimal.is_rounded_from(double) || decimal.is_same_number(&Decimal::read(&canonical)) {
        Ok(canonical)
    } else {
        Err(Kind::Imprecise)
    }
}

/// A double as ECMAScript writes it.
fn shortest(double: f64) -> String {
    let without_sign_of_zero = double + 0.0;
    ryu_js::Buffer::new()
        .format_finite(without_sign_of_zero)
        .to_owned()
}

/// The double that the text of a number stands for: the nearest one.
#[must_use]
pub fn double(text: &str) -> f64 {
    Decimal::read(text).nearest_double()
}

/// A number as it is spelled: `digits` times ten to the power of `exponent`.
struct Decimal {
    is_negative: bool,
    /// Without leading zeros. Zeros at the end are digits as any others.
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_negative = whole.starts_with('-');
        let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
        Self {
            is_negative,
            digits: digits.trim_start_matches('0').to_owned(),
            exponent: clamped(exponent) - length(fraction),
        }
    }

    /// Spelled as `0.123e4`, with an exponent that no reader can mistake.
    fn nearest_double(&self) -> f64 {
        let magnitude = self.exponent.saturating_add(length(&self.digits));
        let absolute = if self.digits.is_empty() || magnitude < -400 {
            0.0
        } else if magnitude > 400 {
            f64::INFINITY
        } else {
            let text = format!("0.{}e{magnitude}", self.digits);
            text.parse().expect("it is a number")
        };
        if self.is_negative {
            -absolute
        } else {
            absolute
        }
    }

    /// Whether the text is the exact value of its double, rounded at the text's last digit that is not
    /// zero: zeros behind it say nothing. An exact
    /// tie is rounded to either side: C's `printf` takes the even digit, ECMAScript's `toFixed` the
    /// larger one.
    fn is_rounded_from(&self, double: f64) -> bool {
        if self.digits.is_empty() || double == 0.0 {
            return self.digits.is_empty();
        }
        let trimmed = self.digits.trim_end_matches('0');
        let exponent_of_last = self.exponent + length(&self.digits) - length(trimmed);
        let digits: BigInt = trimmed.parse().expect("there are digits alone");
        let (significand, exponent) = parts(double);

        // All three times the same powers of two and of ten, so that they are integers.
        let binary = BigUint::from(2_u8).pow(power(-exponent));
        let decimal = BigUint::from(10_u8).pow(power(-exponent_of_last));
        let unit: BigInt = (BigUint::from(10_u8).pow(power(exponent_of_last)) * &binary).into();
        let text = digits * &unit;
        let exact = (BigUint::from(significand) << power(exponent)) * decimal;

        let distance = text - BigInt::from(exact);
        BigInt::from(distance.magnitude() * 2_u8) <= unit
    }

    /// Whether it is the same number, so that nothing is lost if the other is written for it. Of a
    /// power of two the shortest digits need not be the nearest ones, and printers put zeros behind
    /// them.
    fn is_same_number(&self, other: &Self) -> bool {
        let parts = |decimal: &Self| {
            let digits = decimal.digits.trim_end_matches('0').to_owned();
            let zeros = length(&decimal.digits) - length(&digits);
            (decimal.is_negative, digits, decimal.exponent + zeros)
        };
        parts(self) == parts(other)
    }
}

/// The power, where it is none below zero.
fn power(exponent: i64) -> u32 {
    u32::try_from(exponent.max(0)).expect("a text in memory is shorter")
}

/// The exponent, or one that is as good where it is very large.
fn clamped(exponent: &str) -> i64 {
    let far = if exponent.starts_with('-') { -FAR } else { FAR };
    let exponent: i64 = exponent.parse().unwrap_or(far);
    exponent.clamp(-FAR, FAR)
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).expect("a text in memory is shorter")
}

/// A finite double's absolute value: an integer, and the power of two that it is multiplied with.
fn parts(double: f64) -> (u64, i64) {
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = double.to_bits();
    let biased = i64::try_from(bits >> 52 & 0x7ff).expect("it has 11 bits");
    match biased {
        0 => (bits & FRACTION, -1074),
        _ => (bits & FRACTION | 1 << 52, biased - 1075),
    }
}
