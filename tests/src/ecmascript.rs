//! Numbers as ECMAScript writes them, by way of the standard library: a second opinion on the
//! library that the crate uses.

/// `Number::toString` of ECMA-262 for a finite double.
#[must_use]
pub fn number_to_string(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let (digits, exponent) = shortest(value.abs());
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", layout(&digits, exponent))
}

/// The fewest digits that give the number back, and the exponent of the first one.
///
/// Of two texts that are equally short, ECMAScript takes the nearer one, and of two that are equally
/// near, the even one (note 2). The standard library's `{:e}` is as short, but takes any; its
/// `{:.precision$e}` is the nearest, and even, but need not give the number back at a power of two.
fn shortest(value: f64) -> (String, i32) {
    let short = parts(&format!("{value:e}"));
    let nearest = format!("{value:.precision$e}", precision = short.0.len() - 1);
    if nearest.parse() == Ok(value) {
        parts(&nearest)
    } else {
        short
    }
}

/// The digits and the exponent of `d.ddde-d`.
fn parts(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').expect("there is an exponent");
    let exponent = exponent.parse().expect("the exponent is an integer");
    (mantissa.replace('.', ""), exponent)
}

/// Places the point in `d.ddd` times ten to the power of the exponent.
fn layout(digits: &str, exponent: i32) -> String {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let count = i32::try_from(digits.len()).expect("a double has few digits");
    match exponent {
        -6..=-1 => format!("0.{}{digits}", zeros(-exponent - 1)),
        0..=20 if exponent + 1 >= count => format!("{digits}{}", zeros(exponent + 1 - count)),
        0..=20 => with_point(digits, usize::try_from(exponent + 1).unwrap_or_default()),
        _ if count == 1 => format!("{digits}e{exponent:+}"),
        _ => format!("{}e{exponent:+}", with_point(digits, 1)),
    }
}

fn with_point(digits: &str, place: usize) -> String {
    let (whole, fraction) = digits.split_at(place);
    format!("{whole}.{fraction}")
}
