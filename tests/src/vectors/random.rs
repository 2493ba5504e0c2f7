//! Random bodies, scopes and exclusions, the same ones in every run. They are not kept: what is
//! computed of them in Rust is compared with what the ports compute.

use fastrand::Rng;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Label, Vector};
use crate::random::text;

/// Up to so many vectors: fewer by those of which nothing is left.
#[must_use]
pub fn random(count: usize) -> Vec<Vector> {
    let rng = &mut Rng::with_seed(1);
    (0..count)
        .filter_map(|index| vector(index, rng))
        .map(Vector::with_checksum)
        .collect()
}

fn vector(index: usize, rng: &mut Rng) -> Option<Vector> {
    let payload = object(3, rng);
    let mut vector = Vector::of_body(format!("random/{index}"), &payload);
    if rng.bool() {
        vector.scope.operation = Some(format!("operation {}", text(rng, 10)));
    }
    vector.scope.fields = fields(rng);
    vector.exclude = (0..rng.u8(..4)).map(|_| pointer(&payload, rng)).collect();
    let identity = vector.identity();
    let canonical = identity.canonical_bytes(&payload).ok()?;
    let key = identity.key(&payload).ok()?;
    Some(vector.with_key(canonical, key))
}

fn fields(rng: &mut Rng) -> Vec<Label> {
    let mut labels = different_texts(rng);
    labels.retain(|label| !label.is_empty() && !label.contains([':', '%']));
    labels.truncate(rng.usize(..4));
    let field = |label| Label {
        label,
        value: text(rng, 10),
    };
    labels.into_iter().map(field).collect()
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
    Integer(i128),
    Float(f64),
    Text(String),
    Array(Vec<Json>),
    /// Members in any order.
    Object(Vec<(String, Json)>),
}

fn json(depth: u32, rng: &mut Rng) -> Json {
    match rng.u8(..if depth == 0 { 7 } else { 11 }) {
        0 => Json::Null,
        1 => Json::Bool(rng.bool()),
        2 | 3 => Json::Integer(integer(rng)),
        4 | 5 => Json::Float(float(rng)),
        6 => Json::Text(text(rng, 20)),
        7 | 8 => Json::Array((0..3).map(|_| json(depth - 1, rng)).collect()),
        _ => object(depth - 1, rng),
    }
}

fn object(depth: u32, rng: &mut Rng) -> Json {
    let names = different_texts(rng);
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

/// Any double, or one of few digits.
fn float(rng: &mut Rng) -> f64 {
    let any = f64::from_bits(rng.u64(..));
    if any.is_finite() && rng.bool() {
        any
    } else {
        f64::from(rng.i32(..)) / 10_f64.powi(rng.i32(-20..20))
    }
}

/// A JSON Pointer to a part of an object, which may name any one member or element on the way.
fn pointer(json: &Json, rng: &mut Rng) -> String {
    let (segment, part) = match json {
        Json::Object(members) if !members.is_empty() => {
            let (name, part) = &members[rng.usize(..members.len())];
            (name.replace('~', "~0").replace('/', "~1"), part)
        }
        Json::Array(elements) if !elements.is_empty() => {
            let index = rng.usize(..elements.len());
            (index.to_string(), &elements[index])
        }
        _ => return String::new(),
    };
    let segment = if rng.u8(..6) == 0 { "*" } else { &segment };
    let rest = if rng.bool() {
        pointer(part, rng)
    } else {
        String::new()
    };
    format!("/{segment}{rest}")
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Bool(value) => value.serialize(serializer),
            Self::Integer(value) => value.serialize(serializer),
            Self::Float(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Array(elements) => elements.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
