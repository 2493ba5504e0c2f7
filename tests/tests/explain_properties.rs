//! What holds for the explanation of any two requests, and of any bytes at all.

use agentidemp::canonical::Encoder;
use agentidemp::explain::{Change, describe_bytes, explain_bytes};
use agentidemp::{Canonical, IdempotencyKey, Identity, Scope, explain};
use json_patch::Patch;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

/// A request as a foreign type: a JSON value in a scope.
#[derive(Debug, Clone)]
struct Request {
    operation: Option<String>,
    user: Option<String>,
    payload: Value,
}

impl Request {
    fn bytes(&self) -> Vec<u8> {
        let mut identity = Identity::new();
        if let Some(operation) = &self.operation {
            identity = identity.scope(operation);
        }
        if let Some(user) = &self.user {
            identity = identity.scope_field("user", user);
        }
        identity.canonical_bytes(&self.payload).unwrap()
    }
}

impl Canonical for Request {
    fn encode(&self, out: &mut Encoder<'_>) {
        agentidemp::by_serialize::encode(&self.payload, out);
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        if let Some(operation) = &self.operation {
            scope.operation(operation);
        }
        if let Some(user) = &self.user {
            scope.field("user", user);
        }
    }
}

impl IdempotencyKey for Request {}

/// Numbers as wide as there are.
#[derive(IdempotencyKey)]
struct Numbers(f32, f64, i128, u128);

/// Few different texts, so that two values often have one in common; with all that is escaped.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{0,2}",
        "[a\"\\\\:~/\n\u{1}\u{7f}é\u{301}\u{e000}😀]{0,6}",
        any::<String>(),
    ]
}

fn payload() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_u64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let object = prop::collection::vec((text(), inner.clone()), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..8).prop_map(Value::from),
            object.prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A change somewhere in a payload.
#[derive(Debug, Clone)]
enum Edit {
    Replace(Value),
    Insert(Value),
    Remove,
    Swap(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        payload().prop_map(Edit::Replace),
        payload().prop_map(Edit::Insert),
        Just(Edit::Remove),
        any::<Index>().prop_map(Edit::Swap),
    ]
}

/// Walks down as the path says, and edits what is there.
fn apply(value: &mut Value, path: &[Index], edit: Edit) {
    match (value, path) {
        (Value::Array(elements), [at, rest @ ..]) if !elements.is_empty() => {
            let at = at.index(elements.len());
            match (edit, rest) {
                (Edit::Insert(new), []) => elements.insert(at, new),
                (Edit::Remove, []) => drop(elements.remove(at)),
                (Edit::Swap(other), []) => {
                    let other = other.index(elements.len());
                    elements.swap(at, other);
                }
                (edit, rest) => apply(&mut elements[at], rest, edit),
            }
        }
        (Value::Object(members), [at, rest @ ..]) if !members.is_empty() => {
            let at = at.index(members.len());
            let name = members.keys().nth(at).unwrap().clone();
            match (edit, rest) {
                (Edit::Insert(new), []) => drop(members.insert(name + "/", new)),
                (Edit::Remove, []) => drop(members.remove(&name)),
                (edit, rest) => apply(&mut members[&name], rest, edit),
            }
        }
        (value, _) => {
            if let Edit::Replace(new) | Edit::Insert(new) = edit {
                *value = new;
            }
        }
    }
}

/// Two payloads, most often with much in common.
fn payloads() -> impl Strategy<Value = (Value, Value)> {
    let path = prop::collection::vec(any::<Index>(), 0..4);
    let edits = prop::collection::vec((path, edit()), 0..5);
    let edited = (payload(), edits).prop_map(|(old, edits)| {
        let mut new = old.clone();
        for (path, edit) in edits {
            apply(&mut new, &path, edit);
        }
        (old, new)
    });
    prop_oneof![4 => edited, 1 => (payload(), payload())]
}

fn requests() -> impl Strategy<Value = (Request, Request)> {
    let scope = || {
        let operation = prop::option::of("[a{\"]{1,4}|chat\\.create");
        (operation, prop::option::of(text()))
    };
    (scope(), scope(), payloads(), any::<bool>()).prop_map(
        |(old_scope, new_scope, (old, new), in_one_scope)| {
            let request = |(operation, user), payload| Request {
                operation,
                user,
                payload,
            };
            let new_scope = if in_one_scope {
                old_scope.clone()
            } else {
                new_scope
            };
            (request(old_scope, old), request(new_scope, new))
        },
    )
}

/// The canonical form of a value, as the library writes it for a key.
fn canonical(value: &Value) -> String {
    String::from_utf8(Identity::new().canonical_bytes(value).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn an_explanation_is_empty_exactly_when_the_bytes_are_equal((old, new) in requests()) {
        let explanation = explain(&old, &new);
        let are_equal = old.bytes() == new.bytes();
        prop_assert_eq!(explanation.is_equal(), are_equal);
        prop_assert_eq!(explanation.scope_changes().is_empty() && explanation.differences().len() == 0, are_equal);
        prop_assert_eq!(explanation.to_string().starts_with("the keys are equal"), are_equal);
    }

    #[test]
    fn the_differences_make_the_second_of_the_first((old, new) in payloads()) {
        let (old_text, new_text) = (canonical(&old), canonical(&new));
        let explanation = explain_bytes(old_text.as_bytes(), new_text.as_bytes()).unwrap();
        let patch: Patch = serde_json::from_str(&explanation.to_json_patch()).unwrap();
        let mut patched = old;
        json_patch::patch(&mut patched, &patch).unwrap();
        prop_assert_eq!(canonical(&patched), new_text);
    }

    #[test]
    fn the_pointers_lead_to_the_values((old, new) in payloads()) {
        let explanation = explain_bytes(canonical(&old).as_bytes(), canonical(&new).as_bytes()).unwrap();
        let at = |value: &Value, pointer: &str| value.pointer(pointer).map(canonical);
        for difference in explanation.differences() {
            let pointer = difference.pointer();
            match difference.change() {
                Change::Removed { value } => prop_assert_eq!(at(&old, &pointer).unwrap(), value),
                Change::Added { value } => prop_assert_eq!(at(&new, &pointer).unwrap(), value),
                Change::Replaced { old: before, new: after } | Change::Reordered { old: before, new: after } => {
                    prop_assert_ne!(before, after);
                    prop_assert_eq!(at(&new, &pointer).unwrap(), after);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn an_inserted_element_is_the_only_difference(
        elements in prop::collection::vec(payload(), 0..40),
        at in any::<Index>(),
    ) {
        let new: Value = "inserted".repeat(3).into();
        let mut more = elements.clone();
        more.insert(at.index(elements.len() + 1), new.clone());
        let (fewer, more) = (canonical(&elements.into()), canonical(&more.into()));

        let added = explain_bytes(fewer.as_bytes(), more.as_bytes()).unwrap();
        let changes: Vec<_> = added.differences().map(|difference| difference.change()).collect();
        prop_assert_eq!(changes, [Change::Added { value: &canonical(&new) }]);

        let removed = explain_bytes(more.as_bytes(), fewer.as_bytes()).unwrap();
        let changes: Vec<_> = removed.differences().map(|difference| difference.change()).collect();
        prop_assert_eq!(changes, [Change::Removed { value: &canonical(&new) }]);
    }

    #[test]
    fn every_number_is_read(
        small in any::<f32>(),
        large in any::<f64>(),
        signed in any::<i128>(),
        unsigned in any::<u128>(),
    ) {
        let request = |shift: u128| Numbers(small, large, signed, unsigned.wrapping_add(shift));
        prop_assert!(explain(&request(0), &request(0)).is_equal());
        let explanation = explain(&request(0), &request(1));
        let changes: Vec<_> = explanation.differences().map(|difference| difference.change()).collect();
        let (old, new) = (unsigned.to_string(), unsigned.wrapping_add(1).to_string());
        prop_assert_eq!(changes, [Change::Replaced { old: &old, new: &new }]);
    }

    #[test]
    fn a_text_fills_at_most_a_screen((old, new) in requests()) {
        let text = explain(&old, &new).to_string();
        prop_assert!(text.lines().count() <= 24, "{}", text);
    }

    #[test]
    fn arbitrary_bytes_are_explained_or_refused(
        old in prop::collection::vec(any::<u8>(), 0..64),
        new in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        check_bytes(&old, &new)?;
    }

    #[test]
    fn text_that_is_almost_canonical_is_explained_or_refused(
        old in "([\\[\\]{}:,\"\\\\0-2eu.\\-%]|true|null|\"a\":|:|\\\\n|\\\\u001f){0,12}",
        new in "(a:)?(\\[|\\{\"a\":){0,3}(1|-|\"\"|\"\\\\)(\\]|\\}){0,3}",
    ) {
        check_bytes(old.as_bytes(), new.as_bytes())?;
    }

    #[test]
    fn a_canonical_text_that_is_cut_or_mangled_is_explained_or_refused(
        (old, _) in requests(),
        at in any::<Index>(),
        byte in any::<u8>(),
    ) {
        let bytes = old.bytes();
        let at = at.index(bytes.len());
        check_bytes(&bytes, &bytes[..at])?;
        let mut mangled = bytes.clone();
        mangled[at] = byte;
        check_bytes(&bytes, &mangled)?;
    }

    #[test]
    fn what_is_accepted_is_the_canonical_form_of_a_json_value(text in "([\\[\\]{},\"a:0-2.\\-]|e-7|\"a\":|\"b\":|\\\\n|\\\\u001f){0,10}") {
        if describe_bytes(text.as_bytes()).is_ok()
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            prop_assert_eq!(canonical(&value), text);
        }
    }

    #[test]
    fn a_description_is_the_canonical_form_and_white_space(value in payload()) {
        let text = canonical(&value);
        let description = describe_bytes(text.as_bytes()).unwrap().to_string();
        let (key, payload) = description.split_once('\n').unwrap();
        prop_assert_eq!(agentidemp::sha256_hex(text.as_bytes()), key);
        let read: Value = serde_json::from_str(payload).unwrap();
        prop_assert_eq!(canonical(&read), text);
    }
}

/// Explains them if both are canonical, and in no case panics.
fn check_bytes(old: &[u8], new: &[u8]) -> Result<(), TestCaseError> {
    for bytes in [old, new] {
        match describe_bytes(bytes) {
            Ok(description) => prop_assert!(!description.to_string().is_empty()),
            Err(error) => prop_assert!(error.position() <= bytes.len()),
        }
    }
    if let Ok(explanation) = explain_bytes(old, new) {
        prop_assert_eq!(explanation.is_equal(), old == new);
        prop_assert!(!explanation.to_string().is_empty());
        let patch = explanation.to_json_patch();
        prop_assert!(serde_json::from_str::<Value>(&patch).is_ok(), "{}", patch);
    }
    Ok(())
}
