//! What the canonical form of a wire text is, from sources other than `agentidemp`.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The JCS of what serde_json writes for a value, by `serde_json_canonicalizer`. None where
/// serde_json reports an error, or where two members of one object have one name.
///
/// It reads numbers as doubles, so integers are to stay within 2^53.
pub fn of_wire<T: serde::Serialize + ?Sized>(value: &T) -> Option<String> {
    let text = serde_json::to_string(value).ok()?;
    (!has_twins(&text)).then(|| of_text(&text))
}

/// As [`of_wire`], of a value that has a JCS.
#[track_caller]
pub fn jcs_of_wire<T: serde::Serialize + ?Sized>(value: &T) -> String {
    of_wire(value).expect("serde_json writes the value, and each name once")
}

/// The JCS of a JSON text.
pub fn of_text(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json_canonicalizer::to_string(&value).unwrap()
}

/// Whether two members of one object have one name.
pub fn has_twins(text: &str) -> bool {
    let Twins(found) = serde_json::from_str(text).unwrap();
    found
}

struct Twins(bool);

impl<'de> Deserialize<'de> for Twins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TwinsVisitor)
    }
}

struct TwinsVisitor;

macro_rules! scalars {
    ($($method:ident($($value:ty)?))*) => {$(
        fn $method<E>(self $(, _: $value)?) -> Result<Twins, E> {
            Ok(Twins(false))
        }
    )*};
}

impl<'de> Visitor<'de> for TwinsVisitor {
    type Value = Twins;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    scalars! {
        visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str) visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Twins, A::Error> {
        let mut found = false;
        while let Some(Twins(within)) = elements.next_element()? {
            found |= within;
        }
        Ok(Twins(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Twins, A::Error> {
        let mut found = false;
        let mut names = HashSet::new();
        while let Some((name, Twins(within))) = members.next_entry::<String, Twins>()? {
            found |= within | !names.insert(name);
        }
        let _: Option<(IgnoredAny, IgnoredAny)> = members.next_entry()?;
        Ok(Twins(found))
    }
}
