//! What the ratios to raw SHA-256 should be, and what they have been.

use crate::contenders::{ANY, DERIVE, EXCLUSIONS, JSON_TEXT};
use crate::measure::Case;

pub(crate) struct Limit {
    case: &'static str,
    contender: &'static str,
    /// What is aimed at; none where there is no aim.
    pub(crate) target: Option<f64>,
    /// What was measured, rounded up.
    pub(crate) accepted: f64,
}

const fn limit(
    case: &'static str,
    contender: &'static str,
    target: Option<f64>,
    accepted: f64,
) -> Limit {
    Limit {
        case,
        contender,
        target,
        accepted,
    }
}

/// Lower an accepted ratio when the code has become faster.
#[rustfmt::skip]
const LIMITS: &[Limit] = &[
    limit("chat, 300 B",       DERIVE,     Some(1.35), 2.0),
    limit("chat, 300 B",       ANY,        Some(3.0),  3.7),
    limit("chat, 300 B",       EXCLUSIONS, Some(3.0),  4.1),
    limit("chat, 4 KB",        DERIVE,     Some(1.15), 1.2),
    limit("chat, 4 KB",        ANY,        Some(1.5),  1.5),
    limit("chat, 4 KB",        EXCLUSIONS, Some(1.5),  1.5),
    limit("chat, 100 KB",      DERIVE,     Some(1.12), 1.2),
    limit("chat, 100 KB",      ANY,        Some(1.3),  1.3),
    limit("chat, 100 KB",      EXCLUSIONS, Some(1.3),  1.3),
    limit("chat, 2 MB",        DERIVE,     Some(1.12), 1.2),
    limit("chat, 2 MB",        ANY,        Some(1.3),  1.4),
    limit("chat, 2 MB",        EXCLUSIONS, Some(1.3),  1.4),
    limit("1536 f32",          DERIVE,     Some(3.4),  3.5),
    limit("1536 f32",          ANY,        Some(3.7),  4.6),
    limit("1536 f32",          EXCLUSIONS, Some(3.7),  4.6),
    limit("64 small integers", DERIVE,     Some(2.2),  2.2),
    limit("64 small integers", ANY,        None,       5.6),
    limit("64 small integers", EXCLUSIONS, None,       6.2),
    limit("code, 4 KB",        DERIVE,     Some(1.3),  1.4),
    limit("code, 100 KB",      DERIVE,     Some(1.3),  1.4),
    limit("JSON, 4 KB",        DERIVE,     Some(1.6),  1.8),
    limit("JSON, 100 KB",      DERIVE,     Some(1.6),  1.8),
    limit("chat, 300 B",       JSON_TEXT,  Some(4.5),  6.0),
    limit("chat, 4 KB",        JSON_TEXT,  Some(2.2),  2.6),
    limit("chat, 100 KB",      JSON_TEXT,  Some(2.2),  2.6),
    limit("chat, 2 MB",        JSON_TEXT,  Some(2.2),  2.6),
    limit("1536 f32",          JSON_TEXT,  Some(6.0),  9.0),
    limit("code, 4 KB",        JSON_TEXT,  Some(2.75), 3.2),
    limit("code, 100 KB",      JSON_TEXT,  Some(2.75), 3.2),
    limit("JSON, 4 KB",        JSON_TEXT,  Some(2.75), 5.5),
    limit("JSON, 100 KB",      JSON_TEXT,  Some(2.75), 5.5),
];

/// Only what is this many times the accepted ratio has fallen far. A neighbour on the processor's core
/// takes half of what the text needs, and nothing of what the hash needs: ratios have been seen at 1.7
/// times what they are without it. And the accepted ones are of Sapphire Rapids: an AMD EPYC of Zen 3 has had 1.8
/// times as much, and 2.7 times with a dozen compilers beside it.
const TOLERANCE: f64 = 4.0;

pub(crate) fn of(case: &str, contender: &str) -> Option<&'static Limit> {
    LIMITS
        .iter()
        .find(|limit| limit.case == case && limit.contender == contender)
}

/// What has fallen far, or was not measured.
pub(crate) fn broken(measured: &[Case]) -> Vec<String> {
    let broken = LIMITS.iter().filter_map(|limit| {
        let case = measured.iter().find(|case| case.name == limit.case);
        let figure = case.and_then(|case| case.of(limit.contender));
        let highest = limit.accepted * TOLERANCE;
        match figure {
            Some(figure) if figure.ratio <= highest => None,
            Some(figure) => Some(format!(
                "{}, {}: {:.2} times raw SHA-256, where {highest:.2} is the limit",
                limit.case, limit.contender, figure.ratio
            )),
            None => Some(format!("{}, {}: not measured", limit.case, limit.contender)),
        }
    });
    broken.collect()
}
