//! Floats (RFC 8785 section 3.2.2.3 and Appendix B): the shortest digits that give the number back,
//! in ECMAScript's layout. Integers: all their digits. Arrays of both.

use std::collections::{BTreeMap, LinkedList};

use agentidemp::Canonical;
use agentidemp_tests::ecmascript::number_to_string;
use agentidemp_tests::jcs::jcs_of_wire;
use agentidemp_tests::payload::{Payload, assert_canonical, assert_refused, canonical};

/// Says what holds for each text of a float: it gives the number back, and both an independent JCS
/// and the standard library agree with it.
#[track_caller]
fn assert_shortest(value: f64) {
    let text = canonical(value);
    assert_eq!(text, number_to_string(value));
    assert_eq!(text, jcs_of_wire(&value));
    assert_eq!(text.parse(), Ok(value));
}

/// A float, the two next to it, and all three with the other sign.
fn with_neighbours(value: f64) -> impl Iterator<Item = f64> {
    [value.next_down(), value, value.next_up()]
        .into_iter()
        .flat_map(|value| [value, -value])
        .filter(|value| value.is_finite())
}

#[test]
fn rfc_8785_appendix_b() {
    let rows: Vec<_> = include_str!("../data/rfc8785-appendix-b.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    assert_eq!(rows.len(), 26, "24 values and 2 errors");
    for (bits, expected) in rows {
        let value = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
        match expected.strip_prefix("error: ") {
            Some(message) => assert_refused(&Payload(value), message),
            None => assert_canonical(value, expected),
        }
    }
}

#[test]
fn what_is_not_finite_has_no_form() {
    assert_refused(&Payload(f64::NAN), "NaN has no canonical form");
    assert_refused(&Payload(-f64::NAN), "NaN has no canonical form");
    assert_refused(&Payload(f64::INFINITY), "infinity has no canonical form");
    assert_refused(
        &Payload(f64::NEG_INFINITY),
        "-infinity has no canonical form",
    );
    assert_refused(&Payload(f32::NAN), "NaN has no canonical form");
    assert_refused(&Payload(f32::INFINITY), "infinity has no canonical form");
    assert_refused(
        &Payload(f32::NEG_INFINITY),
        "-infinity has no canonical form",
    );
}

#[test]
fn any_nan_is_refused() {
    for payload in [
        1,
        2,
        0x0007_ffff_ffff_ffff,
        0x0008_0000_0000_0000,
        0x000f_ffff_ffff_ffff,
    ] {
        for sign in [0, 1 << 63] {
            let value = f64::from_bits(sign | 0x7ff0_0000_0000_0000 | payload);
            assert_refused(&Payload(value), "NaN has no canonical form");
        }
    }
}

/// The text of a power of ten follows from the rule alone.
#[test]
fn every_power_of_ten() {
    for exponent in -323..=308 {
        let value: f64 = format!("1e{exponent}").parse().unwrap();
        let expected = match exponent {
            0..=20 => format!("1{}", "0".repeat(usize::try_from(exponent).unwrap())),
            -6..=-1 => format!("0.{}1", "0".repeat(usize::try_from(-exponent - 1).unwrap())),
            _ => format!("1e{exponent:+}"),
        };
        assert_canonical(value, &expected);
        assert_canonical(-value, &format!("-{expected}"));
        with_neighbours(value).for_each(assert_shortest);
    }
}

#[test]
fn every_power_of_two() {
    let mut count = 0;
    let mut value = f64::from_bits(1);
    while value.is_finite() {
        with_neighbours(value).for_each(assert_shortest);
        value *= 2.0;
        count += 1;
    }
    assert_eq!(count, 2098, "from 2^-1074 to 2^1023");
}

#[test]
fn powers_of_two_have_known_texts() {
    assert_canonical(f64::from_bits(1), "5e-324");
    assert_canonical(2_f64.powi(-1022), "2.2250738585072014e-308");
    assert_canonical(2_f64.powi(-25), "2.9802322387695312e-8");
    assert_canonical(2_f64.powi(-10), "0.0009765625");
    assert_canonical(2_f64.powi(-1), "0.5");
    assert_canonical(2_f64.powi(52), "4503599627370496");
    assert_canonical(2_f64.powi(53), "9007199254740992");
    assert_canonical(2_f64.powi(64), "18446744073709552000");
    assert_canonical(2_f64.powi(69), "590295810358705700000");
    assert_canonical(2_f64.powi(70), "1.1805916207174113e+21");
    assert_canonical(2_f64.powi(1023), "8.98846567431158e+307");
}

#[test]
fn subnormals() {
    let edges = [1, 2, 3, 0x000f_ffff_ffff_ffff, 0x0008_0000_0000_0000];
    let spread = (0..52).map(|bit| 1_u64 << bit);
    for bits in spread.chain(edges) {
        let value = f64::from_bits(bits);
        assert!(value.is_subnormal());
        with_neighbours(value).for_each(assert_shortest);
    }
    assert_canonical(
        f64::from_bits(0x000f_ffff_ffff_ffff),
        "2.225073858507201e-308",
    );
}

/// The first is exactly 1424953923781206.25. Both 1424953923781206.2 and 1424953923781206.3 are
/// shortest and equally near: ECMAScript takes the even digit.
#[test]
fn a_tie_goes_to_the_even_digit() {
    assert_canonical(5_699_815_695_124_825.0 / 4.0, "1424953923781206.2");
    assert_canonical(-5_699_815_695_124_825.0 / 4.0, "-1424953923781206.2");
    assert_canonical(5_699_815_695_124_827.0 / 4.0, "1424953923781206.8");
}

/// The layout changes at 1e-7 and at 1e21.
#[test]
fn the_layout_follows_the_size() {
    assert_canonical(123_456_789_012_345_680_000.0, "123456789012345680000");
    assert_canonical(1_234_567_890_123_456_800_000.0, "1.2345678901234568e+21");
    assert_canonical(0.000_001_234, "0.000001234");
    assert_canonical(0.000_000_123_4, "1.234e-7");
    assert_canonical(1.5, "1.5");
    assert_canonical(100.0, "100");
    assert_canonical(-1e-9, "-1e-9");
    assert_canonical(12e300, "1.2e+301");
}

/// Arrays of random finite floats, the same in each run. An array is faster to check than its
/// elements are one by one.
fn random_arrays<F: Copy>(
    count: usize,
    mut next: impl FnMut(&mut fastrand::Rng) -> F,
    is_finite: fn(F) -> bool,
) -> impl Iterator<Item = Vec<F>> {
    let mut random = fastrand::Rng::with_seed(0x1dea);
    let array = move || {
        std::iter::repeat_with(|| next(&mut random))
            .filter(|value| is_finite(*value))
            .take(1000)
            .collect()
    };
    std::iter::repeat_with(array).take(count)
}

#[test]
fn random_bits_of_f64_agree_with_an_independent_jcs() {
    for array in random_arrays(200, |random| f64::from_bits(random.u64(..)), f64::is_finite) {
        assert_eq!(canonical(&array), jcs_of_wire(&array));
    }
}

/// The same for what people write: a few digits before and after the point.
#[test]
fn random_decimals_agree_with_an_independent_jcs() {
    let decimal = |random: &mut fastrand::Rng| {
        let digits = random.i64(-9_999_999_999..=9_999_999_999) >> random.u32(0..32);
        #[expect(clippy::cast_precision_loss, reason = "the digits are fewer than 2^53")]
        let digits = digits as f64;
        digits / 10_f64.powi(random.i32(0..9))
    };
    for array in random_arrays(200, decimal, f64::is_finite) {
        assert_eq!(canonical(&array), jcs_of_wire(&array));
    }
}

/// serde_json writes the shortest digits of an f32, so that those are what a double is read from.
#[test]
fn random_bits_of_f32_agree_with_what_serde_json_writes() {
    for array in random_arrays(500, |random| f32::from_bits(random.u32(..)), f32::is_finite) {
        assert_eq!(canonical(&array), jcs_of_wire(&array));
    }
}

/// All of them, of which the test above takes a sample. The sign is written apart from the digits.
#[test]
#[ignore = "takes about eight minutes in release mode"]
fn every_f32_agrees_with_what_serde_json_writes() {
    let infinity = f32::INFINITY.to_bits();
    for start in (0..infinity).step_by(1 << 12) {
        let bits = start..infinity.min(start + (1 << 12));
        let array: Vec<_> = bits.map(f32::from_bits).collect();
        assert_eq!(canonical(&array), jcs_of_wire(&array));
    }
}

#[test]
fn edges_of_f32_agree_with_what_serde_json_writes() {
    let mut value = f32::from_bits(1);
    while value.is_finite() {
        for value in [value.next_down(), value, value.next_up()] {
            assert_eq!(canonical(value), jcs_of_wire(&value));
            assert_eq!(canonical(-value), jcs_of_wire(&-value));
        }
        value *= 2.0;
    }
    assert_eq!(canonical(f32::MAX), jcs_of_wire(&f32::MAX));
}

/// An f32 is not widened: 0.1 would become 0.10000000149011612.
#[test]
fn an_f32_has_its_own_digits() {
    assert_canonical(0.1_f32, "0.1");
    assert_canonical(0.3_f32, "0.3");
    assert_canonical(16_777_216_f32, "16777216");
    assert_canonical(33_554_432_f32, "33554432");
    assert_canonical(3.402_823_5e38_f32, "3.4028235e+38");
    assert_canonical(1e-45_f32, "1e-45");
    assert_canonical(1e21_f32, "1e+21");
    assert_canonical(1e20_f32, "100000000000000000000");
    assert_canonical(1e-6_f32, "0.000001");
    assert_canonical(1e-7_f32, "1e-7");
    assert_canonical(f64::from(0.1_f32), "0.10000000149011612");
}

/// An array of numbers is written in one go, a `LinkedList` element by element.
#[track_caller]
fn assert_written_like_elements<T: Canonical + Copy>(numbers: &[T]) {
    let text = canonical(numbers);
    assert_eq!(text, canonical(numbers.iter().collect::<LinkedList<_>>()));
    let elements: Vec<_> = numbers.iter().map(canonical).collect();
    assert_eq!(text, format!("[{}]", elements.join(",")));
}

#[test]
fn an_array_of_numbers_is_that_of_its_elements() {
    assert_written_like_elements::<u8>(&[]);
    assert_written_like_elements(&[7_u8]);
    assert_written_like_elements(&(0..=u8::MAX).collect::<Vec<_>>());
    assert_written_like_elements(&[i128::MIN, -1, 0, 99_999_999, 100_000_000, i128::MAX]);
    assert_written_like_elements(&[0.5_f32, -0.0, 1e21, f32::MIN_POSITIVE, f32::MAX]);
    assert_written_like_elements(&[0.1, -1.5, 5e-324, 1e21, f64::MAX]);
}

#[test]
fn what_is_not_finite_in_an_array_is_found_there() {
    let message = "/2: NaN has no canonical form";
    assert_refused(&Payload([0.5, 1.5, f64::NAN, f64::INFINITY]), message);
    assert_refused(&Payload(vec![0.5_f32, 1.5, f32::NAN]), message);
    let message = "/1/0: -infinity has no canonical form";
    assert_refused(
        &Payload([vec![1.0], vec![f64::NEG_INFINITY], vec![]]),
        message,
    );
}

#[test]
fn an_array_of_numbers_names_no_member() {
    let map = BTreeMap::from([([1_u8, 2], "value")]);
    assert_refused(&Payload(map), "an array cannot be the name of a member");
}

#[test]
fn integers_have_all_their_digits() {
    let powers = (0..=19).map(|exponent| 10_u64.pow(exponent));
    for integer in powers.flat_map(|power| [power - 1, power, power + 1]) {
        assert_canonical(integer, &integer.to_string());
        let negative = -i128::from(integer);
        assert_canonical(negative, &negative.to_string());
    }
    for integer in (0..100_000_000_u32).step_by(99_991) {
        assert_canonical(integer, &integer.to_string());
    }
}
