//! JSON text, against the independent canonicalizer, and serde_json for what is JSON.

use agentidemp::{Error, ErrorKind, Identity, sha256_hex};
use fastrand::Rng;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::source::Source;
use crate::json_text::{Json, error_kind, shown};
use crate::reference::{Fault, canonical_text};

/// A text has the canonical form that the reference writes, or is refused for a reason that the
/// reference knows.
///
/// # Panics
///
/// Where it has another one.
pub fn json_text(body: &[u8]) {
    let identity = Identity::new();
    let outcome = identity.canonical_bytes_of_json(body);
    let key = outcome.as_deref().map(sha256_hex).map_err(Clone::clone);
    assert_eq!(identity.key_of_json(body), key, "{}", shown(body));
    match (&outcome, canonical_text(body)) {
        (Ok(bytes), Ok(expected)) => {
            assert_eq!(str::from_utf8(bytes), Ok(&*expected), "{}", shown(body));
            assert_eq!(identity.canonical_bytes_of_json(bytes).as_ref(), Ok(bytes));
        }
        (Err(error), Err(faults)) => assert_known_reason(body, error, &faults),
        (outcome, expected) => panic!("{}\n{outcome:?}\n{expected:?}", shown(body)),
    }
    assert_as_serde_json(body, &outcome);
}

/// Says that an error is one of the faults. Before a text is seen to be no JSON, there may be another
/// fault, which the reference does not look for; and of bytes that are not UTF-8, another may be the
/// first to be found.
///
/// # Panics
///
/// Where it is none of them.
pub fn assert_known_reason(body: &[u8], error: &Error, faults: &[Fault]) {
    let offset = error.offset().expect("an error of a body has an offset");
    let is_known = faults
        .iter()
        .any(|fault| (error.kind(), offset) == (error_kind(fault.kind), fault.offset));
    let end = faults.iter().find(|fault| fault.kind.ends_reading());
    let is_before = end.is_some_and(|end| offset < end.offset)
        && (error.kind() == ErrorKind::DuplicateMember || body[offset..].starts_with(b"\\u"));
    let is_utf8 = str::from_utf8(body).is_ok();
    assert!(
        is_known || is_before || !is_utf8 && offset <= body.len(),
        "{}\n{error:?}\n{faults:?}",
        shown(body),
    );
}

/// What serde_json skips is JSON by the grammar, of any depth, and with halves of surrogate pairs.
fn assert_as_serde_json(body: &[u8], outcome: &Result<Vec<u8>, Error>) {
    let Ok(text) = str::from_utf8(body) else {
        return assert!(outcome.is_err());
    };
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    assert!(is_json || outcome.is_err(), "{}", shown(body));
    if let Ok(raw) = serde_json::from_str::<&RawValue>(text) {
        let of_raw = Identity::new().canonical_bytes(raw);
        let kind = |outcome: &Result<Vec<u8>, Error>| outcome.clone().map_err(|error| error.kind());
        assert_eq!(kind(&of_raw), kind(outcome), "{}", shown(body));
    }
}

/// JSON text in any style, of which every other is damaged.
pub(super) fn input(rng: &mut Rng) -> Vec<u8> {
    let bytes = super::any_bytes(rng);
    let value = value(&mut Source::new(&bytes), 5);
    let style = rng.u64(..) * u64::from(rng.bool());
    let mut text = value.spelled(style).into_bytes();
    for _ in 0..rng.usize(..3) {
        damage(rng, &mut text);
    }
    text
}

fn value(source: &mut Source<'_>, levels: usize) -> Json {
    match source.below(if levels == 0 { 6 } else { 12 }) {
        0 => Json::Verbatim(source.pick(&["null", "true", "false", r#""\ud83d""#])),
        1..4 => Json::Number(number(source)),
        4..6 => Json::Text(source.text()),
        6..9 => Json::Array(source.many(4, |source| value(source, levels - 1))),
        _ => Json::Object(source.many(5, |source| (source.name(), value(source, levels - 1)))),
    }
}

/// A number in many spellings, some of them beyond what a double stands for.
fn number(source: &mut Source<'_>) -> String {
    let integer = source.integer();
    match source.below(6) {
        0 => integer.to_string(),
        1 => format!("{integer}.{}", source.number()),
        2 => format!("{integer}e{}", source.below(640) as i64 - 320),
        3 => format!("{}{}", integer, source.number()),
        4 => format!("{:.*}", source.below(25), source.float()),
        _ => format!("{:.*e}", source.below(25), source.float()),
    }
}

fn damage(rng: &mut Rng, text: &mut Vec<u8>) {
    const PIECES: &[&[u8]] = &[
        b",",
        b":",
        b"[",
        b"]",
        b"{",
        b"}",
        b"\"",
        b"\\",
        b"0",
        b"-",
        b".",
        b"e",
        b" ",
        b"null",
        b"\\u",
        b"\\ud83d",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\x7f",
    ];
    let at = rng.usize(..=text.len());
    let end = text.len().min(at + rng.usize(..2));
    match rng.u8(..8) {
        0 => text.truncate(at),
        1 => drop(text.drain(at..end)),
        2 => drop(text.splice(at..end, [rng.u8(..)])),
        _ => {
            let piece = rng.choice(PIECES).copied().unwrap_or_default();
            drop(text.splice(at..end, piece.iter().copied()));
        }
    }
}
