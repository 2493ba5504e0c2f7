//! Bodies that have no key, and documents that are no identity: a port refuses them too, as a wrong key
//! loses somebody's request.

use agentidemp::Identity;
use serde::{Deserialize, Serialize};

use super::Document;
use super::vector::{checksum, identity};

/// A body that has no key by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub name: String,
    pub body: String,
    pub identity: Document,
    /// The secret of a keyed key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// As that of a vector.
    pub checksum: String,
}

/// A text that is the document of no identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedIdentity {
    pub name: String,
    pub identity: String,
    /// As that of a vector.
    pub checksum: String,
}

impl Refused {
    pub(super) fn new(name: &str, identity: Document, body: &str) -> Self {
        Self {
            name: name.into(),
            body: body.into(),
            identity,
            secret: None,
            checksum: String::new(),
        }
        .with_checksum()
    }

    /// Keyed, with a secret in hex.
    fn keyed(self, secret: &str) -> Self {
        Self {
            secret: Some(secret.into()),
            ..self
        }
        .with_checksum()
    }

    /// What identifies the body.
    ///
    /// # Panics
    ///
    /// Where its document is of no identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        identity(&self.name, &self.identity, self.secret.as_deref())
    }

    fn with_checksum(self) -> Self {
        let checksum = checksum(&self);
        Self { checksum, ..self }
    }
}

impl RefusedIdentity {
    pub(super) fn new(name: &str, identity: &str) -> Self {
        let refused = Self {
            name: name.into(),
            identity: identity.into(),
            checksum: String::new(),
        };
        Self {
            checksum: checksum(&refused),
            ..refused
        }
    }
}

/// All such bodies.
#[must_use]
pub fn refused() -> Vec<Refused> {
    let mut refused = texts();
    refused.extend(decimals());
    refused.extend(rules());
    refused
        .push(Refused::new("refused/an empty secret", Document::default(), r#"{"n":1}"#).keyed(""));
    refused
}

/// Whatever the identity.
fn texts() -> Vec<Refused> {
    let deep =
        |open: &str, close: &str, levels| [open.repeat(levels), close.repeat(levels)].concat();
    let arrays = deep("[", "]", 129);
    let objects = deep(r#"{"a":"#, "}", 128).replace(":}", ":[]}");
    let unclosed = "[".repeat(20_000);
    let bodies = [
        ("two members of one name", r#"{"a":1,"a":2}"#),
        ("two members of one name and value", r#"{"a":1,"a":1}"#),
        (
            "two members of one name, nested",
            r#"[{"b":{"a":1,"c":0,"a":2}}]"#,
        ),
        ("two members of one name, escaped", r#"{"a":1,"\u0061":2}"#),
        (
            "two members of one name, of JavaScript's",
            r#"{"__proto__":{"a":1},"__proto__":{"a":1}}"#,
        ),
        ("two members of one name and null", r#"{"a":null,"a":null}"#),
        ("half a surrogate pair", r#"{"text":"\ud83d"}"#),
        (
            "the other half of a surrogate pair",
            r#"{"text":"\ude00 \ud83d"}"#,
        ),
        ("half a surrogate pair in a name", r#"{"\ud83d":1}"#),
        (
            "half a surrogate pair before another",
            r#"["\ud83d\ud83d\ude00"]"#,
        ),
        ("129 arrays", &arrays),
        ("129 objects and an array", &objects),
        ("arrays without an end", &unclosed),
        ("larger than any double", r#"{"n":1e309}"#),
        ("smaller than any double", r#"{"n":[-1.5e400]}"#),
        ("NaN", r#"{"n":NaN}"#),
        ("infinity", r#"{"n":-Infinity}"#),
        ("a leading zero", r#"{"n":01}"#),
        ("a plus sign", r#"{"n":+1}"#),
        ("a comma at the end", r#"{"n":[1,2,]}"#),
        ("text after the end", r#"{"n":1}{"#),
        ("a byte order mark", "\u{feff}{}"),
        ("a raw line end in a string", "{\"text\":\"a\nb\"}"),
        ("a no-break space", "[1,\u{a0}2]"),
        ("a comment", r#"{"n":1 /* one */}"#),
        ("nothing", ""),
    ];
    bodies
        .map(|(name, body)| Refused::new(&format!("refused/{name}"), Document::default(), body))
        .into()
}

/// Beyond the range of a double, or saying more than it.
fn decimals() -> Vec<Refused> {
    let long = format!("1.{}1", "0".repeat(1000));
    let decimals = [
        ("an exponent that overflows", "1e99999999999999999999"),
        ("an amount", "12345678901234567.89"),
        ("an amount of the same double", "12345678901234567.90"),
        ("2^53 + 1 with a fraction", "9007199254740993.0"),
        ("2^53 + 1 with an exponent", "9007199254740993e0"),
        ("a fraction that is lost", "9007199254740992.5"),
        ("a tenth and a bit", "0.10000000000000001000000000001"),
        (
            "a tenth, cut off where it is rounded up",
            "0.1000000000000000055511151231257827021181583404541015624",
        ),
        ("not the next double", "0.10000000000000004"),
        ("half, cut off", "1424953923781206.24"),
        ("a half, and a bit", "0.90000152587890626"),
        ("below the smallest double", "1e-400"),
        ("an exponent that underflows", "-1e-99999999999999999999"),
        ("rounded to the smallest double", "3e-324"),
        ("a subnormal of three digits", "1.23e-322"),
        ("the last of a thousand digits", &long),
    ];
    decimals
        .map(|(name, number)| {
            let body = format!(r#"{{"n":[{number}]}}"#);
            Refused::new(
                &format!("refused/decimal/{name}"),
                Document::default(),
                &body,
            )
        })
        .into()
}

/// By the rules of the identity.
fn rules() -> Vec<Refused> {
    let too_deep = format!(r#"{{"a":"{}{}"}}"#, "[".repeat(128), "]".repeat(128));
    let cases = [
        (
            "nothing left/a member",
            r#"{"exclude":["a"]}"#,
            r#"{"a":1}"#,
        ),
        ("nothing left/by a star", r#"{"exclude":["/*"]}"#, "[1,2]"),
        (
            "nothing left/elements",
            r#"{"exclude":["/0","/1"]}"#,
            "[1,2]",
        ),
        (
            "nothing left/by name everywhere",
            r#"{"exclude_everywhere":["a"]}"#,
            r#"{"a":{"b":1}}"#,
        ),
        (
            "nothing left/but the scope",
            r#"{"scope_member":{"user":"/user"},"exclude":["at"]}"#,
            r#"{"user":1,"at":2}"#,
        ),
        (
            "nothing left/of JSON text",
            r#"{"json":[""],"exclude":["/a"]}"#,
            r#""{\"a\":1}""#,
        ),
        (
            "nothing left/of an allow-list behind a star",
            r#"{"only":["/*/a/b"],"exclude":["/x"]}"#,
            r#"{"x":1}"#,
        ),
        (
            "absent/a mistyped member",
            r#"{"only":["/amount"]}"#,
            r#"{"amout":1}"#,
        ),
        ("absent/one of two", r#"{"only":["/a","/b"]}"#, r#"{"a":1}"#),
        (
            "absent/before a star",
            r#"{"only":["/list/*/id"]}"#,
            r#"{"a":1}"#,
        ),
        ("absent/of a scalar", r#"{"only":["/a"]}"#, "5"),
        ("absent/an element", r#"{"only":["/1"]}"#, "[1]"),
        (
            "absent/excluded",
            r#"{"only":["/a","/b"],"exclude":["/b"]}"#,
            r#"{"a":1,"b":2}"#,
        ),
        (
            "absent/a member of the scope",
            r#"{"scope_member":{"user":"/user"}}"#,
            r#"{"n":1}"#,
        ),
        (
            "absent/a member of the scope, excluded",
            r#"{"scope_member":{"user":"/user"},"exclude_everywhere":["user"]}"#,
            r#"{"user":1,"n":1}"#,
        ),
        (
            "absent/a member of the scope, listed",
            r#"{"scope_member":{"user":"/user"},"only":["/user","/n"]}"#,
            r#"{"user":1,"n":1}"#,
        ),
        (
            "absent/the payload as a member of the scope",
            r#"{"scope_member":{"user":""}}"#,
            "1",
        ),
        (
            "unordered/a string",
            r#"{"unordered":["/a"]}"#,
            r#"{"a":"ba"}"#,
        ),
        (
            "unordered/an object",
            r#"{"unordered":["/a"]}"#,
            r#"{"a":{}}"#,
        ),
        ("unordered/a number", r#"{"unordered":[""]}"#, "1"),
        (
            "unordered/a boolean, in JSON text",
            r#"{"json":["/a"],"unordered":["/a"]}"#,
            r#"{"a":"true"}"#,
        ),
        ("json/an object", r#"{"json":["/a"]}"#, r#"{"a":{}}"#),
        ("json/a number", r#"{"json":["/a"]}"#, r#"{"a":1}"#),
        ("json/no JSON", r#"{"json":["/a"]}"#, r#"{"a":"{"}"#),
        ("json/nothing", r#"{"json":["/a"]}"#, r#"{"a":""}"#),
        (
            "json/null as text",
            r#"{"json":["/a"]}"#,
            r#"{"a":" null "}"#,
        ),
        (
            "json/two members of one name",
            r#"{"json":["/a"]}"#,
            r#"{"a":"{\"b\":1,\"b\":2}"}"#,
        ),
        (
            "json/half a surrogate pair",
            r#"{"json":["/a"]}"#,
            r#"{"a":"\"\\ud83d\""}"#,
        ),
        (
            "json/129 levels with the one around it",
            r#"{"json":["/a"]}"#,
            &too_deep,
        ),
        (
            "scope/a decimal",
            r#"{"scope_member":{"a":"/a"}}"#,
            r#"{"a":1.0,"n":1}"#,
        ),
        (
            "scope/null",
            r#"{"scope_member":{"a":"/a"}}"#,
            r#"{"a":null,"n":1}"#,
        ),
        (
            "scope/an array",
            r#"{"scope_member":{"a":"/a"}}"#,
            r#"{"a":[1],"n":1}"#,
        ),
        (
            "scope/an object",
            r#"{"scope_member":{"a":"/a"}}"#,
            r#"{"a":{},"n":1}"#,
        ),
        (
            "scope/there twice",
            r#"{"scope_member":{"a":"/*/a"}}"#,
            r#"[{"a":1},{"a":1}]"#,
        ),
        (
            "excluded/two members of one name",
            r#"{"exclude":["a"]}"#,
            r#"{"a":{"b":1,"b":2},"n":1}"#,
        ),
        (
            "excluded/half a surrogate pair",
            r#"{"exclude":["a"]}"#,
            r#"{"a":"\ud83d","n":1}"#,
        ),
        (
            "excluded/half a surrogate pair in a name",
            r#"{"exclude":["a"]}"#,
            r#"{"a":{"\ud83d":1},"n":1}"#,
        ),
        (
            "excluded/twice",
            r#"{"exclude":["a"]}"#,
            r#"{"a":1,"a":2,"n":1}"#,
        ),
        (
            "excluded/no JSON",
            r#"{"exclude":["a"]}"#,
            r#"{"a":01,"n":1}"#,
        ),
    ];
    cases
        .map(|(name, identity, body)| {
            Refused::new(
                &format!("refused/rule/{name}"),
                Document::of(identity),
                body,
            )
        })
        .into()
}

/// Documents of no identity.
#[must_use]
pub fn refused_identities() -> Vec<RefusedIdentity> {
    let long = format!(r#"{{"exclude":["{}"]}}"#, "/a".repeat(129));
    let documents = [
        ("an unknown member", r#"{"exlude":["a"]}"#),
        ("a secret", r#"{"secret":"00"}"#),
        ("a member twice", r#"{"exclude":["a"],"exclude":["b"]}"#),
        ("a label twice", r#"{"scope_field":{"a":"1","a":"2"}}"#),
        (
            "a label given, and a member",
            r#"{"scope_field":{"a":"1"},"scope_member":{"a":"/a"}}"#,
        ),
        ("an array", "[]"),
        ("null", "null"),
        ("no JSON", "{"),
        ("text after the end", "{}{}"),
        ("a path for a list", r#"{"exclude":"a"}"#),
        ("null for a list", r#"{"only":null}"#),
        ("a number in a list", r#"{"exclude_everywhere":[1]}"#),
        ("a list for an operation", r#"{"scope":["a"]}"#),
        ("null for an operation", r#"{"scope":null}"#),
        ("a number for a value", r#"{"scope_field":{"a":1}}"#),
        ("a list for fields", r#"{"scope_field":[["a","1"]]}"#),
        ("a pointer without a slash", r#"{"only":["a"]}"#),
        (
            "a name with a slash",
            r#"{"exclude":["metadata/trace_id"]}"#,
        ),
        ("a tilde before another digit", r#"{"exclude":["/~2"]}"#),
        ("a tilde at the end", r#"{"unordered":["/a/b~"]}"#),
        ("a tilde before a slash", r#"{"json":["/a~/0"]}"#),
        ("two stars", r#"{"exclude":["/a/**/b"]}"#),
        ("129 segments", &long),
        ("the payload excluded", r#"{"exclude":[""]}"#),
        ("an empty operation", r#"{"scope":""}"#),
        ("an empty operation within", r#"{"scope":"a>"}"#),
        ("an operation with a colon", r#"{"scope":"a:b"}"#),
        ("an operation with a percent sign", r#"{"scope":"50%"}"#),
        ("an empty label", r#"{"scope_field":{"":"1"}}"#),
        ("a label with a colon", r#"{"scope_field":{"a:b":"1"}}"#),
        (
            "a label with a percent sign",
            r#"{"scope_member":{"50%":"/a"}}"#,
        ),
        (
            "two labels of one member",
            r#"{"scope_member":{"a":"/a","b":"/a"}}"#,
        ),
        (
            "two members that can be one value",
            r#"{"scope_member":{"a":"/*/a","b":"/b/*"}}"#,
        ),
        (
            "a member's pointer without a slash",
            r#"{"scope_member":{"a":"a"}}"#,
        ),
        ("half a surrogate pair", r#"{"scope":"\ud83d"}"#),
    ];
    documents
        .map(|(name, identity)| RefusedIdentity::new(&format!("refused identity/{name}"), identity))
        .into()
}
