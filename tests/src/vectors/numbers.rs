//! Numbers: integers with all their digits, floats as ECMAScript writes them.

use std::fmt::Display;
use std::num::{NonZeroU8, Wrapping};

use agentidemp::{Canonical, IdempotencyKey};
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Number<T> {
    n: T,
}

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = integers();
    vectors.extend(doubles());
    vectors.extend(doubles_of_rfc_8785());
    vectors.extend(decades());
    vectors.extend(floats());
    vectors.extend(decimals());
    vectors
}

fn integer<T: Canonical + Serialize + Display>(n: T) -> Vector {
    Vector::new(format!("integer/{n}"), &Number { n })
}

fn integers() -> Vec<Vector> {
    const TWO_TO_53: u64 = 1 << 53;
    let mut vectors = vec![
        integer(0_u8),
        integer(NonZeroU8::MAX),
        integer(Wrapping(-1_i8)),
        integer(i8::MIN),
        integer(u16::MAX),
        integer(i16::MIN),
        integer(u32::MAX),
        integer(i32::MIN),
        integer(TWO_TO_53 - 1),
        integer(TWO_TO_53),
        integer(TWO_TO_53 + 1),
        integer(-TWO_TO_53.cast_signed() + 1),
        integer(-TWO_TO_53.cast_signed()),
        integer(-TWO_TO_53.cast_signed() - 1),
        integer(i64::MAX),
        integer(i64::MIN),
        integer(u64::MAX),
        integer(i128::MAX),
        integer(i128::MIN),
        integer(u128::MAX),
    ];
    let lengths = (0..=38).map(|digits| 10_u128.pow(digits));
    let n: Vec<u128> = lengths.flat_map(|power| [power - 1, power]).collect();
    vectors.push(Vector::new("integer/of each length", &Number { n }));
    vectors
}

/// The edges of the range, of exactness, and between the notations.
fn doubles() -> Vec<Vector> {
    let edges = [
        ("zero", 0.0),
        ("minus zero", -0.0),
        ("one", 1.0),
        ("minus one", -1.0),
        ("one tenth", 0.1),
        ("three tenths, almost", 0.1 + 0.2),
        ("one third", 1.0 / 3.0),
        ("with a fraction", 1.5),
        ("of three digits", 100.0),
        ("epsilon", f64::EPSILON),
        ("2^53 - 1", 9_007_199_254_740_991.0),
        ("2^53", 9_007_199_254_740_992.0),
        ("2^53 + 2", 9_007_199_254_740_994.0),
        ("2^64", 18_446_744_073_709_551_616.0),
        ("2^70", 1_180_591_620_717_411_303_424.0),
        ("the last before an exponent", 1e21_f64.next_down()),
        ("the first with an exponent", 1e21),
        ("the smallest without an exponent", 1e-6),
        ("the largest with a negative exponent", 1e-6_f64.next_down()),
        ("1e-7", 1e-7),
        ("the smallest subnormal", 5e-324),
        ("the second subnormal", 1e-323),
        ("the largest subnormal", f64::MIN_POSITIVE.next_down()),
        ("the smallest normal", f64::MIN_POSITIVE),
        ("the largest", f64::MAX),
        ("the most negative", f64::MIN),
    ];
    edges
        .map(|(name, n)| Vector::new(format!("double/{name}"), &Number { n }))
        .into()
}

/// RFC 8785 appendix B.
fn doubles_of_rfc_8785() -> Vec<Vector> {
    let bits = [
        0x8000_0000_0000_0001,
        0xc340_0000_0000_0000,
        0x4430_0000_0000_0000,
        0x44b5_2d02_c7e1_4af5,
        0x44b5_2d02_c7e1_4af6,
        0x44b5_2d02_c7e1_4af7,
        0x444b_1ae4_d6e2_ef4e,
        0x444b_1ae4_d6e2_ef4f,
        0x3eb0_c6f7_a0b5_ed8c,
        0x41b3_de43_5555_5553,
        0x41b3_de43_5555_5554,
        0x41b3_de43_5555_5555,
        0x41b3_de43_5555_5556,
        0x41b3_de43_5555_5557,
        0xbecb_f647_612f_3696,
        0x4314_3ff3_c1cb_0959,
    ];
    bits.map(|bits| {
        let n = f64::from_bits(bits);
        Vector::new(format!("double/0x{bits:016x}"), &Number { n })
    })
    .into()
}

/// Each power of ten that is a double, between the doubles next to it.
fn decades() -> Vec<Vector> {
    let exponents: Vec<i32> = (-323..=308).collect();
    exponents
        .chunks(40)
        .map(|exponents| {
            let (first, last) = (exponents[0], exponents[exponents.len() - 1]);
            let powers = exponents.iter().map(|exponent| power_of_ten(*exponent));
            let n: Vec<f64> = powers
                .flat_map(|power| [power.next_down(), power, power.next_up()])
                .collect();
            Vector::new(format!("double/1e{first} to 1e{last}"), &Number { n })
        })
        .collect()
}

fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap()
}

/// Single precision, which is sent in its own shortest digits.
fn floats() -> Vec<Vector> {
    let edges = [
        ("one tenth", 0.1_f32),
        ("minus zero", -0.0),
        ("one", 1.0),
        ("2^24", 16_777_216.0),
        ("between two shortest", f32::from_bits(0x4a00_0001)),
        ("1e10", 1e10),
        ("1e20", 1e20),
        ("1e21", 1e21),
        ("1e-6", 1e-6),
        ("1e-7", 1e-7),
        ("the smallest subnormal", f32::from_bits(1)),
        ("the smallest normal", f32::MIN_POSITIVE),
        ("the largest", f32::MAX),
        ("the most negative", f32::MIN),
    ];
    edges
        .map(|(name, n)| Vector::new(format!("float/{name}"), &Number { n }))
        .into()
}

/// Decimals as others print them: each is what its double is, rounded to as many digits.
fn decimals() -> Vec<Vector> {
    let all_digits = format!("{:.1074}", 5e-324);
    let no_digits = format!("0.{}", "0".repeat(400));
    let cancelled = [
        format!("1{}e-400", "0".repeat(400)),
        format!("0.{}25e401", "0".repeat(400)),
    ];
    let largest = format!("{:.1}", f64::MAX);
    let decimals = [
        ("zero", "0.00"),
        ("zero, whatever the exponent", "-0e99999999999999999999"),
        ("zero of many digits", &no_digits),
        ("zeros at the end", "0.125000000000000000000000000000"),
        ("15 digits", "123456789012345e-10"),
        ("16 digits", "1234567890123456e-10"),
        ("shortest", "0.1"),
        ("17 digits", "0.10000000000000001"),
        ("20 digits", "0.10000000000000000555"),
        ("20 digits, and zeros", "0.10000000000000000555000"),
        (
            "all digits",
            "0.1000000000000000055511151231257827021181583404541015625",
        ),
        (
            "all digits, and zeros",
            "0.1000000000000000055511151231257827021181583404541015625000",
        ),
        ("all 751 digits of the smallest", &all_digits),
        ("all digits of the largest", &largest),
        ("the next double", "0.10000000000000002"),
        ("a whole number", "12345678901234568.0"),
        ("a half, to the even digit", "1424953923781206.2"),
        ("a half, away from zero", "1424953923781206.3"),
        ("a half, exactly", "1424953923781206.25"),
        ("the lower of two halves", "0.9000015258789062"),
        ("the upper of two halves", "0.9000015258789063"),
        ("the lower of two halves, odd", "0.90000534057617187"),
        ("the upper of two halves, even", "0.90000534057617188"),
        ("a power of ten that is no double", "1.0000000000000000e23"),
        ("what that double is", "99999999999999991611392.0"),
        ("rounded up to a power of ten", "0.0000010000000000000000"),
        (
            "shortest, though another is nearer",
            "6.290184345309701e-235",
        ),
        ("19 digits of 2^64", "1844674407370955162e1"),
        ("shortest digits of 2^64", "18446744073709552000.0"),
        ("one digit of a subnormal", "5e-324"),
        ("17 digits of a subnormal", "4.9406564584124654e-324"),
        ("three digits of a subnormal", "1.24e-322"),
        ("an exponent with zeros", "1.50E-0007"),
        (
            "zeros and an exponent that cancel each other",
            &cancelled[0],
        ),
        (
            "a fraction and an exponent that cancel each other",
            &cancelled[1],
        ),
    ];
    decimals
        .map(|(name, number)| {
            let body = format!(r#"{{"n":[{number},-{}]}}"#, number.trim_start_matches('-'));
            Vector::of_body(&format!("decimal/{name}"), "{}", &body)
        })
        .into()
}
