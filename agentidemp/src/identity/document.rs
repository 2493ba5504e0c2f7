//! An [`Identity`] as a document: a JSON object that Rust, Python, JavaScript and the shell share. Its
//! members are described in `FORMAT.md`.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};

use super::Identity;

const MEMBERS: &[&str] = &[
    "exclude",
    "exclude_everywhere",
    "json",
    "only",
    "scope",
    "scope_field",
    "scope_member",
    "unordered",
];

/// The rules and the scope. A secret is never a part of a document.
///
/// ```
/// use agentidemp::Identity;
///
/// let identity = Identity::new().exclude(["sent_at"]).scope("charges.create");
/// let document = serde_json::to_string(&identity)?;
/// assert_eq!(document, r#"{"exclude":["sent_at"],"scope":"charges.create"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        let lists = [
            ("exclude", &self.exclude),
            ("exclude_everywhere", &self.exclude_everywhere),
            ("json", &self.json),
            ("only", &self.only),
        ];
        for (name, list) in lists {
            if !list.is_empty() {
                members.serialize_entry(name, list)?;
            }
        }
        if !self.operations.is_empty() {
            members.serialize_entry("scope", &self.operations.join(">"))?;
        }
        for (name, pairs) in [
            ("scope_field", &self.fields),
            ("scope_member", &self.scope_members),
        ] {
            if !pairs.is_empty() {
                members.serialize_entry(name, &Pairs(pairs))?;
            }
        }
        if !self.unordered.is_empty() {
            members.serialize_entry("unordered", &self.unordered)?;
        }
        members.end()
    }
}

/// Labels and texts, as an object.
struct Pairs<'a>(&'a [(String, String)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(label, text)| (label, text)))
    }
}

/// Strictly: an unknown member, a member that is there twice, and a mistake that
/// [`check`](Identity::check) finds are errors.
///
/// ```
/// use agentidemp::Identity;
///
/// let document = r#"{"scope":"charges.create","scope_member":{"tenant":"/tenant"},"exclude":["sent_at"]}"#;
/// let identity: Identity = serde_json::from_str(document)?;
/// let body = br#"{"amount":500,"sent_at":1,"tenant":"acme"}"#;
/// assert_eq!(
///     identity.canonical_bytes_of_json(body)?,
///     br#"charges.create:tenant:acme:{"amount":500}"#
/// );
/// assert!(serde_json::from_str::<Identity>(r#"{"exlude":["sent_at"]}"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Document)
    }
}

struct Document;

impl<'de> Visitor<'de> for Document {
    type Value = Identity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rules of an identity, as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Identity, A::Error> {
        let mut identity = Identity::new();
        let mut seen = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let Some(name) = MEMBERS.iter().find(|member| **member == name) else {
                return Err(A::Error::unknown_field(&name, MEMBERS));
            };
            if seen.contains(name) {
                return Err(A::Error::duplicate_field(name));
            }
            seen.push(*name);
            identity = read_member(identity, name, &mut map)?;
        }
        identity.check().map_err(A::Error::custom)?;
        Ok(identity)
    }
}

fn read_member<'de, A: MapAccess<'de>>(
    identity: Identity,
    name: &str,
    map: &mut A,
) -> Result<Identity, A::Error> {
    Ok(match name {
        "exclude" => identity.exclude(map.next_value::<Vec<String>>()?),
        "exclude_everywhere" => identity.exclude_everywhere(map.next_value::<Vec<String>>()?),
        "json" => identity.json(map.next_value::<Vec<String>>()?),
        "only" => identity.only(map.next_value::<Vec<String>>()?),
        "unordered" => identity.unordered(map.next_value::<Vec<String>>()?),
        "scope" => {
            let operations = map.next_value::<String>()?;
            operations.split('>').fold(identity, Identity::scope)
        }
        "scope_field" => {
            let fields = map.next_value::<UniquePairs>()?.0;
            let add = |identity: Identity, (label, value)| identity.scope_field(label, value);
            fields.into_iter().fold(identity, add)
        }
        _ => {
            let members = map.next_value::<UniquePairs>()?.0;
            let add = |identity: Identity, (label, pointer)| identity.scope_member(label, pointer);
            members.into_iter().fold(identity, add)
        }
    })
}

/// An object of texts, in which no name is there twice.
struct UniquePairs(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for UniquePairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = UniquePairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose members are strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniquePairs, A::Error> {
                let mut pairs = BTreeMap::new();
                while let Some((label, text)) = map.next_entry::<String, String>()? {
                    if pairs.insert(label, text).is_some() {
                        return Err(A::Error::custom("two labels are the same"));
                    }
                }
                Ok(UniquePairs(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
