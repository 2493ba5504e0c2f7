//! Random bodies and identities, the same ones in every run for a seed. They are not kept: what is
//! computed of them in Rust is compared with what the ports compute.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::file::{FORMAT, File};
use super::{Document, Refused, RefusedIdentity, Vector, hex};
use crate::random::text;

/// So many bodies with identities, as a file: those that have a key, and those that have none.
#[must_use]
pub fn random(count: usize, seed: u64) -> File {
    let rng = &mut Rng::with_seed(seed);
    let mut file = File {
        format: FORMAT,
        ..File::default()
    };
    for index in 0..count {
        add(&mut file, format!("random/{index}"), rng);
    }
    file
}

fn add(file: &mut File, name: String, rng: &mut Rng) {
    let payload = object(3, rng);
    let vector = Vector {
        name: name.clone(),
        body: written(&payload, rng),
        identity: document(&payload, rng),
        secret: (rng.u8(..4) == 0).then(|| hex::encode(&secret(rng))),
        ..Vector::default()
    };
    let Vector { body, identity, .. } = &vector;
    if identity.identity().is_err() {
        let identity = serde_json::to_string(identity).unwrap();
        let refused = RefusedIdentity::new(&name, &identity);
        return file.refused_identities.push(refused);
    }
    let refused = Refused::new(&name, identity.clone(), body);
    match vector.with_key_of_body() {
        Ok(vector) => file.vectors.push(vector.with_checksum()),
        Err(_) => file.refused.push(refused),
    }
}

fn secret(rng: &mut Rng) -> Vec<u8> {
    (0..rng.usize(1..100)).map(|_| rng.u8(..)).collect()
}

/// Rules for a payload, most of which fit.
fn document(payload: &Json, rng: &mut Rng) -> Document {
    let names =
        |at_most: u8, rng: &mut Rng| (0..rng.u8(..at_most)).map(|_| name(payload, rng)).collect();
    let mut document = Document {
        exclude: pointers(payload, |_| true, 3, rng),
        exclude_everywhere: names(2, rng),
        json: pointers(payload, |part| matches!(part, Json::Held(_)), 2, rng),
        unordered: pointers(payload, |part| matches!(part, Json::Array(_)), 3, rng),
        ..Document::default()
    };
    document.exclude.extend::<Vec<_>>(names(2, rng));
    let is_path =
        |path: &String| !path.is_empty() && (path.starts_with('/') || !path.contains('/'));
    document.exclude.retain(is_path);
    if rng.u8(..4) == 0 {
        document.only = pointers(payload, |_| true, 4, rng);
    }
    if rng.bool() {
        let operations = (0..rng.usize(1..3)).map(|_| format!("operation {}", rng.u8(..)));
        document.scope = Some(operations.collect::<Vec<_>>().join(">"));
    }
    document.scope_field = labels(rng)
        .into_iter()
        .map(|label| (label, text(rng, 10)))
        .collect();
    document.scope_member = members(payload, &document.scope_field, rng);
    document
}

/// Members of the scope, whose labels are not those of `given`.
fn members(
    payload: &Json,
    given: &BTreeMap<String, String>,
    rng: &mut Rng,
) -> BTreeMap<String, String> {
    let is_one = |part: &Json| matches!(part, Json::Text(_) | Json::Bool(_) | Json::Integer(_));
    let pointers = pointers(payload, is_one, 2, rng);
    let labels = labels(rng)
        .into_iter()
        .filter(|label| !given.contains_key(label));
    labels.zip(pointers).collect()
}

fn labels(rng: &mut Rng) -> Vec<String> {
    let mut labels = different_texts(rng);
    labels.retain(|label| !label.is_empty() && !label.contains([':', '%']));
    labels.truncate(rng.usize(..4));
    labels
}

/// Names that other objects have too, so that a pointer to a part leads to others.
fn few_names(rng: &mut Rng) -> Vec<String> {
    let mut names: Vec<_> = ["a", "b", "0", "1", "", "*", "~1"].map(String::from).into();
    rng.shuffle(&mut names);
    names.truncate(rng.usize(1..7));
    names
}

fn different_texts(rng: &mut Rng) -> Vec<String> {
    let mut texts: Vec<_> = (0..6).map(|_| text(rng, 3)).collect();
    texts.sort_unstable();
    texts.dedup();
    rng.shuffle(&mut texts);
    texts
}

enum Json {
    Null,
    Bool(bool),
    /// As it is spelled.
    Integer(String),
    /// As it is spelled.
    Decimal(String),
    Text(String),
    /// JSON text in a string.
    Held(String),
    Array(Vec<Json>),
    /// Members in any order.
    Object(Vec<(String, Json)>),
}

fn json(depth: u32, rng: &mut Rng) -> Json {
    match rng.u8(..if depth == 0 { 7 } else { 11 }) {
        0 => Json::Null,
        1 => Json::Bool(rng.bool()),
        2 | 3 => Json::Integer(integer(rng).to_string()),
        4 => Json::Decimal(decimal(rng)),
        5 if depth > 0 => {
            let held = json(depth - 1, rng);
            Json::Held(written(&held, rng))
        }
        5 | 6 => Json::Text(text(rng, 20)),
        7 | 8 => Json::Array((0..rng.usize(..5)).map(|_| json(depth - 1, rng)).collect()),
        _ => object(depth - 1, rng),
    }
}

fn object(depth: u32, rng: &mut Rng) -> Json {
    let names = if rng.bool() {
        different_texts(rng)
    } else {
        few_names(rng)
    };
    let member = |name| (name, json(depth, rng));
    Json::Object(names.into_iter().map(member).collect())
}

/// Mostly of a size that all libraries take.
fn integer(rng: &mut Rng) -> i128 {
    match rng.u8(..20) {
        0 => rng.i128(..) >> rng.u32(..128),
        _ => rng.i32(..).into(),
    }
}

/// A double, printed with more or fewer digits than it has, of which the last one is sometimes wrong.
fn decimal(rng: &mut Rng) -> String {
    let double = double(rng);
    let digits = rng.usize(..25);
    let printed = match rng.u8(..4) {
        0 | 1 => format!("{double:e}"),
        2 => format!("{double:.digits$e}"),
        _ => format!("{double:.digits$}"),
    };
    let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
    let mut mantissa = mantissa.to_owned();
    if rng.u8(..40) == 0 {
        let last = mantissa.pop().and_then(|digit| digit.to_digit(10));
        let next = (last.unwrap_or_default() + rng.choice([1, 9]).unwrap_or_default()) % 10;
        mantissa.push_str(&next.to_string());
    }
    if mantissa.contains('.') {
        mantissa.push_str(&"0".repeat(rng.usize(..3)));
    }
    let e = rng.choice(["e", "E"]).unwrap_or_default();
    format!("{mantissa}{e}{exponent}")
}

/// Any double, one with few digits, or one with few bits behind the point, which lies half-way between
/// decimals.
fn double(rng: &mut Rng) -> f64 {
    let any = f64::from_bits(rng.u64(..));
    match rng.u8(..4) {
        0 | 1 if any.is_finite() => any,
        2 => f64::from(rng.i32(..)) / f64::from(1 << rng.u32(..30)),
        _ => f64::from(rng.i32(..)) / 10_f64.powi(rng.i32(-20..20)),
    }
}

/// JSON text, with white space and escapes that need not be.
fn written(json: &Json, rng: &mut Rng) -> String {
    let space = if rng.u8(..8) == 0 { "\n " } else { "" };
    let list = |parts: Vec<String>| parts.join(&format!("{space},{space}"));
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Integer(text) | Json::Decimal(text) => text.clone(),
        Json::Text(text) | Json::Held(text) => quoted(text, rng),
        Json::Array(elements) => {
            let elements = elements.iter().map(|element| written(element, rng));
            format!("[{space}{}{space}]", list(elements.collect()))
        }
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let name = quoted(name, rng);
                format!("{name}{space}:{space}{}", written(value, rng))
            });
            format!("{{{space}{}{space}}}", list(members.collect()))
        }
    }
}

fn quoted(text: &str, rng: &mut Rng) -> String {
    if rng.u8(..8) > 0 {
        return serde_json::to_string(text).unwrap();
    }
    let units = text.encode_utf16();
    let escapes: String = units.map(|unit| format!("\\u{unit:04X}")).collect();
    format!("\"{escapes}\"")
}

/// The name of a member, at the top or within.
fn name(payload: &Json, rng: &mut Rng) -> String {
    let pointer = pointer(payload, rng).0;
    let segment = pointer.rsplit('/').next().unwrap_or_default();
    segment.replace("~1", "/").replace("~0", "~")
}

/// JSON Pointers to parts of a payload, most of which are as `fits` says.
fn pointers(
    payload: &Json,
    fits: impl Fn(&Json) -> bool,
    at_most: usize,
    rng: &mut Rng,
) -> Vec<String> {
    let count = rng.usize(..=at_most);
    let mut pointers = Vec::new();
    for _ in 0..count * 10 {
        let (pointer, part) = pointer(payload, rng);
        let is_taken = fits(part) || rng.u8(..100) == 0;
        if is_taken && pointers.len() < count && !pointers.contains(&pointer) {
            pointers.push(pointer);
        }
    }
    pointers
}

/// A JSON Pointer to a part of a value, which may name any one member or element on the way.
fn pointer<'j>(json: &'j Json, rng: &mut Rng) -> (String, &'j Json) {
    pointer_below(json, 30, rng)
}

/// As [`pointer`], whose first segment is `*` once in so many times.
fn pointer_below<'j>(json: &'j Json, star: u8, rng: &mut Rng) -> (String, &'j Json) {
    let (segment, part) = match json {
        Json::Object(members) if !members.is_empty() => {
            let (name, part) = &members[rng.usize(..members.len())];
            (name.replace('~', "~0").replace('/', "~1"), part)
        }
        Json::Array(elements) if !elements.is_empty() => {
            let index = rng.usize(..elements.len());
            (index.to_string(), &elements[index])
        }
        _ => return (String::new(), json),
    };
    let segment = if rng.u8(..star) == 0 { "*" } else { &segment };
    let (rest, part) = if rng.bool() {
        pointer_below(part, 5, rng)
    } else {
        (String::new(), part)
    };
    (format!("/{segment}{rest}"), part)
}
