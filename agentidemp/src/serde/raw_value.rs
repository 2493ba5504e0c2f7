//! JSON text within a value: serde_json's `RawValue`. It is read and written anew, as its text need
//! not be canonical.

use crate::canonical::Encoder;

/// The name of the struct, and of its one field, by which serde_json says that a text is JSON.
pub(super) const TOKEN: &str = "$serde_json::private::RawValue";

#[cfg(not(feature = "serde_json"))]
pub(super) fn encode(_text: &str, out: &mut Encoder<'_>) {
    out.refuse("a `RawValue` needs the feature `serde_json` of agentidemp");
}

#[cfg(feature = "serde_json")]
pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
    json::encode(text, out);
}

#[cfg(feature = "serde_json")]
mod json {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::fmt;

    use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use serde_json::value::RawValue;

    use super::super::number;
    use crate::canonical::{Canonical, Encoder};

    /// How deep objects and arrays nest: up to there the stack of a thread is safe. serde_json reads
    /// no deeper either.
    const MAX_DEPTH: usize = 128;

    pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
        if out.is_ready_for_any_value("a `RawValue`") {
            Text { text, depth: 0 }.encode(out);
        }
    }

    /// A JSON text within so many objects and arrays of the `RawValue`.
    struct Text<'a> {
        text: &'a str,
        depth: usize,
    }

    impl Canonical for Text<'_> {
        fn encode(&self, out: &mut Encoder<'_>) {
            let text = self.text.trim_ascii();
            let encoded = match text.as_bytes().first() {
                Some(b'{' | b'[') if self.depth == MAX_DEPTH => {
                    return out.refuse("a `RawValue` nests deeper than 128 levels");
                }
                Some(b'{') => self.encode_object(out),
                Some(b'[') => self.encode_array(out),
                Some(b'"') => serde_json::from_str(text).map(|text: String| text.encode(out)),
                Some(b'-' | b'0'..=b'9') => return number::encode(text, out),
                _ => serde_json::from_str(text).map(|value: Option<bool>| value.encode(out)),
            };
            if let Err(error) = encoded {
                out.refuse(error.to_string());
            }
        }
    }

    impl Text<'_> {
        fn encode_object(&self, out: &mut Encoder<'_>) -> Result<(), serde_json::Error> {
            let Members(members) = serde_json::from_str(self.text)?;
            let mut object = out.object();
            for (name, value) in members {
                object.member(&name, &self.inner(value));
            }
            object.finish();
            Ok(())
        }

        fn encode_array(&self, out: &mut Encoder<'_>) -> Result<(), serde_json::Error> {
            let elements: Vec<&RawValue> = serde_json::from_str(self.text)?;
            let mut array = out.array();
            for value in elements {
                array.element(&self.inner(value));
            }
            array.finish();
            Ok(())
        }

        fn inner<'a>(&self, value: &'a RawValue) -> Text<'a> {
            Text {
                text: value.get(),
                depth: self.depth + 1,
            }
        }
    }

    /// The members of an object as they stand there: also two of one name.
    struct Members<'a>(Vec<(String, &'a RawValue)>);

    impl<'de> Deserialize<'de> for Members<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(MembersVisitor)
        }
    }

    struct MembersVisitor;

    impl<'de> Visitor<'de> for MembersVisitor {
        type Value = Members<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(Members(members))
        }
    }
}
