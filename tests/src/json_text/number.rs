//! The texts of numbers, in all notations and lengths.

use std::iter;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Numbers on which all readers of JSON agree: integers within 2^53, and decimals that a reader gets
/// right without care, as there are at most 15 digits and few zeros.
pub fn plain() -> impl Strategy<Value = String> {
    const MAX: i64 = (1 << 53) - 1;
    prop_oneof![
        (-20..20_i64).prop_map(|integer| integer.to_string()),
        (-MAX..=MAX).prop_map(|integer| integer.to_string()),
        r"-?(0|[1-9][0-9]{0,6})\.[0-9]{1,7}",
        r"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,5})?[eE][+-]?0?[0-9]",
    ]
}

/// The texts of numbers, of which some have no canonical form.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => plain(),
        8 => r"-?(0|[1-9][0-9]{0,40})",
        8 => print(),
        1 => decimal(),
        1 => select(EXTREME).prop_map(str::to_owned),
    ]
}

/// Doubles that are finite.
pub fn double() -> impl Strategy<Value = f64> {
    prop_oneof![
        any_bits().prop_filter("finite", |double| double.is_finite()),
        (-1_000_000_i32..1_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
        (any::<i64>(), 0..12).prop_map(|(digits, places)| {
            #[expect(clippy::cast_precision_loss, reason = "any double will do")]
            let digits = digits as f64;
            digits / 10_f64.powi(places)
        }),
        powers_and_their_neighbours(),
    ]
}

fn any_bits() -> impl Strategy<Value = f64> {
    proptest::num::u64::ANY.prop_map(f64::from_bits)
}

fn powers_and_their_neighbours() -> impl Strategy<Value = f64> {
    let ten = (-323..309_i32).prop_map(|power| format!("1e{power}").parse().unwrap());
    let two = (-1074..1024_i32).prop_map(|power| 2_f64.powi(power));
    (prop_oneof![ten, two], 0..3).prop_map(|(double, side): (f64, i32)| match side {
        0 => double.next_down(),
        1 => double,
        _ => double.next_up(),
    })
}

/// Texts of a double, as printers of many kinds write it: `%.17g`, `%.3e`, `%.20f` and all others.
pub fn prints(double: f64) -> impl Iterator<Item = String> {
    let shortest = iter::once(format!("{double:e}"));
    let scientific = (1..40).map(move |precision| format!("{double:.precision$e}"));
    let fixed = (1..40).map(move |precision| format!("{double:.precision$}"));
    let exact = iter::once(format!("{double:.1100}"));
    shortest.chain(scientific).chain(fixed).chain(exact)
}

/// One of the texts of a double.
fn print() -> impl Strategy<Value = String> {
    (double(), any::<Index>()).prop_map(|(double, choice)| {
        let texts: Vec<_> = prints(double).collect();
        choice.get(&texts).clone()
    })
}

/// Any decimal: of those with many digits, most are not what their double is.
pub fn decimal() -> impl Strategy<Value = String> {
    r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,20}|[eE][+-]?[0-9]{1,3}|\.[0-9]{1,20}[eE][+-]?[0-9]{1,3})"
}

/// Numbers at the edges of what is a double, and at those of what is read without care.
const EXTREME: &[&str] = &[
    "-0",
    "-0.0",
    "0e0",
    "0.0e-99999999999999999999",
    "-0E+99999999999999999999",
    "1e400",
    "-1e99999999999999999999",
    "1e-400",
    "1e-99999999999999999999",
    "1e22",
    "1e23",
    "1.0000000000000000e23",
    "4.9e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "9007199254740993",
    "9007199254740993.0",
    "9007199254740992.0",
    "9007199254740992.5",
    "12345678901234567.89",
    "1424953923781206.2",
    "1424953923781206.25",
    "1424953923781206.3",
    "0.1000000000000000055511151231257827021181583404541015625",
    "0.1000000000000000055511151231257827021181583404541015624",
    "0.0000010000000000000000",
    "123456789012345678901234567890e-30",
    "0.000000000000000000000000000001e30",
];
