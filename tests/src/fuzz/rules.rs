//! The rules of an identity, against [`naive`](super::naive).

use agentidemp::{Canonical, Error, ErrorKind, IdempotencyKey, Identity, Key, Secret, sha256_hex};
use serde_json::Value;

use super::naive::{Document, canonical, canonical_of_body};
use super::source::Source;
use crate::payload::by_hand;

/// By whatever way a payload comes, its identity leaves what the naive implementation leaves, or
/// refuses it for a reason that it knows.
pub(super) fn rules(data: &[u8]) {
    let source = &mut Source::new(data);
    let document = document(source);
    let payload = payload(source);
    let identity = identity(&document);
    let body = serde_json::to_vec_pretty(&payload).expect("a value has a JSON text");

    let check = Check {
        expected: canonical(&document, &payload),
        shown: format!("{document:?}\n{payload}"),
    };
    check.request("by Serialize", &identity.of(&payload));
    check.outcome(
        "by Serialize",
        identity.canonical_bytes(&payload),
        identity.key(&payload),
    );
    assert_within(&document, &identity, &payload, check.text());
    assert_as_document(&document, &identity, &payload, check.key());

    let check = Check {
        expected: canonical_of_body(&document, &payload),
        ..check
    };
    check.request("by the body", &identity.of_json(&body));
    let bytes = identity.canonical_bytes_of_json(&body);
    check.outcome("by the body", bytes, identity.key_of_json(&body));
    assert_keyed(&identity, &body, check.text());
}

/// What the naive implementation says.
struct Check {
    expected: Result<String, Vec<ErrorKind>>,
    shown: String,
}

impl Check {
    fn text(&self) -> Option<&str> {
        self.expected.as_deref().ok()
    }

    fn key(&self) -> Option<Key> {
        self.text().map(|text| sha256_hex(text.as_bytes()))
    }

    fn request(&self, way: &str, request: &impl IdempotencyKey) {
        self.outcome(
            way,
            request.try_canonical_bytes(),
            request.try_idempotency_key(),
        );
    }

    fn outcome(&self, way: &str, bytes: Result<Vec<u8>, Error>, key: Result<Key, Error>) {
        let is_expected = match (&bytes, &self.expected) {
            (Ok(bytes), Ok(text)) => bytes == text.as_bytes(),
            (Err(error), Err(kinds)) => kinds.contains(&error.kind()),
            _ => false,
        };
        let shown = &self.shown;
        assert!(
            is_expected,
            "{way}: {bytes:?}\n{shown}\n{:?}",
            self.expected
        );
        assert_eq!(key.ok(), self.key(), "{way}\n{shown}");
    }
}

/// As a value and no request, the payload stands without its scope, of which a mistake says nothing.
fn assert_within(document: &Document, identity: &Identity, payload: &Value, text: Option<&str>) {
    if document.mistakes().contains(&ErrorKind::InvalidScope) {
        return;
    }
    let request = by_hand(|out| identity.of(payload).encode(out));
    let expected = text.map(|text| payload_of(document, text).to_owned());
    let bytes = request.try_canonical_bytes().ok();
    let written = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(written, expected, "{document:?}\n{payload}");
}

/// The canonical bytes without the scope, whose labels and operations are known.
fn payload_of<'t>(document: &Document, text: &'t str) -> &'t str {
    let fields = document.scope_field.len() + document.scope_member.len();
    let parts = 2 * fields + usize::from(!document.scope.is_empty());
    text.splitn(parts + 1, ':').last().unwrap_or_default()
}

fn assert_keyed(identity: &Identity, body: &[u8], canonical: Option<&str>) {
    let secret = Secret::new(b"secret");
    let expected = canonical.map(|text| secret.key_of(text.as_bytes()).expect("a secret"));
    let keyed = identity.clone().secret(secret);
    assert_eq!(keyed.key_of_json(body).ok(), expected);
    assert_eq!(keyed.of_json(body).try_idempotency_key().ok(), expected);
}

/// The identity as a document is the same identity, or the same mistake.
fn assert_as_document(document: &Document, identity: &Identity, payload: &Value, key: Option<Key>) {
    let text = serde_json::to_string(identity).expect("an identity is a document");
    // Two fields of one label have no place in an object.
    let read = serde_json::from_str::<Identity>(&text);
    let is_valid = document.mistakes().is_empty();
    assert_eq!(identity.check().is_ok(), is_valid, "{document:?}");
    assert_eq!(read.is_ok(), is_valid, "{document:?}\n{text}\n{read:?}");
    if let Ok(read) = read {
        assert_eq!(read.key(payload).ok(), key);
        let again = serde_json::to_string(&read).expect("an identity is a document");
        let of = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
        assert_eq!(of(&again), of(&text));
    }
}

fn identity(document: &Document) -> Identity {
    let mut identity = Identity::new()
        .exclude(&document.exclude)
        .exclude_everywhere(&document.exclude_everywhere)
        .only(&document.only)
        .unordered(&document.unordered)
        .json(&document.json);
    for operation in &document.scope {
        identity = identity.scope(operation);
    }
    for (label, value) in &document.scope_field {
        identity = identity.scope_field(label, value);
    }
    for (label, pointer) in &document.scope_member {
        identity = identity.scope_member(label, pointer);
    }
    identity
}

fn document(source: &mut Source<'_>) -> Document {
    let pointers = |source: &mut Source<'_>| match source.below(3) {
        0 => source.many(3, pointer),
        _ => Vec::new(),
    };
    Document {
        exclude: source.many(2, path),
        exclude_everywhere: match source.below(3) {
            0 => source.many(2, Source::name),
            _ => Vec::new(),
        },
        only: pointers(source),
        unordered: pointers(source),
        json: pointers(source),
        scope: source.many(2, |source| {
            source
                .pick(&["a", "b.c", "d", "{", "a:", ""][..])
                .to_owned()
        }),
        scope_field: match source.below(4) {
            0 => vec![(label(source), source.text())],
            _ => Vec::new(),
        },
        scope_member: match source.below(3) {
            0 => source.many(2, |source| (label(source), pointer(source))),
            _ => Vec::new(),
        },
    }
}

fn label(source: &mut Source<'_>) -> String {
    source
        .pick(&["user", "a", "é", "\u{fb33}", "\u{1f600}", "a:b", ""])
        .to_owned()
}

fn path(source: &mut Source<'_>) -> String {
    if source.once_in(3) {
        source.name()
    } else {
        pointer(source)
    }
}

fn pointer(source: &mut Source<'_>) -> String {
    match source.below(24) {
        0 => source
            .pick(&["", "/", "a", "/~", "/~2", "/**", "/a/**/b", "/01", "/-"])
            .to_owned(),
        _ => {
            let count = 1 + source.below(3);
            (0..count).map(|_| segment(source)).collect()
        }
    }
}

fn segment(source: &mut Source<'_>) -> String {
    match source.below(4) {
        0 => "/*".to_owned(),
        _ => format!("/{}", source.name().replace('~', "~0").replace('/', "~1")),
    }
}

/// Mostly an object, with JSON text in strings.
fn payload(source: &mut Source<'_>) -> Value {
    let mut value = match source.below(8) {
        0 => source.value(3),
        1 => source.many(4, |source| source.value(3)).into(),
        _ => Value::Object(source.members(3)),
    };
    hold_text(source, &mut value);
    // serde_json reads one level less than the library, so that a text in a string is not as deep.
    match source.below(40) {
        0 => {
            let levels = 110 + source.below(20);
            (0..levels).fold(value, |value, _| vec![value].into())
        }
        1..5 => value.to_string().into(),
        _ => value,
    }
}

/// Puts JSON text in the place of values.
fn hold_text(source: &mut Source<'_>, value: &mut Value) {
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|value| hold_text(source, value)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| hold_text(source, value)),
        _ => {}
    }
    if !source.is_empty() && source.once_in(6) {
        let text = match source.below(8) {
            0 => r#"{"a":1,"a":2}"#.to_owned(),
            1 => r#"{"a":"#.to_owned(),
            2 => " null ".to_owned(),
            _ => value.to_string(),
        };
        *value = text.into();
    }
}
