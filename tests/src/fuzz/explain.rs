//! What differs between two requests, and between any two texts.

use agentidemp::explain::{describe_bytes, explain_bytes};
use agentidemp::{Identity, sha256_hex};
use fastrand::Rng;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::source::Source;

/// The patch of an explanation makes the second value of the first, and nothing differs exactly where
/// the keys are one.
pub(super) fn explain(data: &[u8]) {
    let source = &mut Source::new(data);
    let old = source.value(4);
    let mut new = old.clone();
    for _ in 0..source.below(4) {
        edit(source, &mut new);
    }
    let (old_identity, new_identity) = (scope(source), scope(source));
    let bytes_of =
        |identity: &Identity, value| identity.canonical_bytes(value).expect("has a form");
    let (old_bytes, new_bytes) = (bytes_of(&old_identity, &old), bytes_of(&new_identity, &new));

    let explanation = agentidemp::explain(&old_identity.of(&old), &new_identity.of(&new));
    assert_eq!(explanation.is_equal(), old_bytes == new_bytes);
    assert_eq!(explanation.old_key(), sha256_hex(&old_bytes));
    assert_eq!(explanation.new_key(), sha256_hex(&new_bytes));
    let of_bytes = explain_bytes(&old_bytes, &new_bytes).expect("both are canonical");
    assert_eq!(of_bytes.is_equal(), explanation.is_equal());
    assert_eq!(of_bytes.to_json_patch(), explanation.to_json_patch());
    assert_eq!(of_bytes.to_string(), explanation.to_string());
    assert!(!explanation.redacted().to_string().is_empty());

    let patch: json_patch::Patch =
        serde_json::from_str(&explanation.to_json_patch()).expect("it is a JSON Patch");
    let mut patched = old;
    json_patch::patch(&mut patched, &patch).expect("it fits the first value");
    assert_eq!(canonical(&patched), canonical(&new));
}

/// Each change somewhere in a value.
fn edit(source: &mut Source<'_>, value: &mut Value) {
    let goes_on = !source.once_in(3);
    match value {
        Value::Array(elements) if goes_on && !elements.is_empty() => {
            let at = source.below(elements.len());
            match source.below(5) {
                0 => elements.insert(at, source.value(2)),
                1 => drop(elements.remove(at)),
                2 => elements.rotate_left(at),
                _ => edit(source, &mut elements[at]),
            }
        }
        Value::Object(members) if goes_on && !members.is_empty() => {
            let at = source.below(members.len());
            let name = members.keys().nth(at).cloned().unwrap_or_default();
            match source.below(4) {
                0 => drop(members.insert(source.name(), source.value(2))),
                1 => drop(members.remove(&name)),
                _ => edit(source, &mut members[&name]),
            }
        }
        value => *value = source.value(3),
    }
}

fn scope(source: &mut Source<'_>) -> Identity {
    let mut identity = Identity::new();
    if source.once_in(2) {
        identity = identity.scope(source.pick(&["charges.create", "a", "a{", "b[1]", "c\""]));
    }
    if source.once_in(3) {
        identity = identity.scope_field("user", source.text());
    }
    identity
}

fn canonical(value: &Value) -> Vec<u8> {
    Identity::new()
        .canonical_bytes(value)
        .expect("it has a form")
}

/// Any two texts are explained or refused; what is taken for canonical without a scope is what the
/// library writes for that value.
pub(super) fn canonical_bytes(data: &[u8]) {
    let middle = data.iter().position(|&byte| byte == b'\n');
    let (old, new) = data.split_at(middle.unwrap_or(data.len()));
    let new = new.strip_prefix(b"\n").unwrap_or(new);
    for bytes in [old, new] {
        assert_described(bytes);
    }
    if let Ok(explanation) = explain_bytes(old, new) {
        let trimmed = |bytes: &[u8]| bytes.trim_ascii_end().to_vec();
        assert_eq!(explanation.is_equal(), trimmed(old) == trimmed(new));
        assert!(!explanation.to_string().is_empty());
        let patch = explanation.to_json_patch();
        assert!(
            serde_json::from_str::<IgnoredAny>(&patch).is_ok(),
            "{patch}"
        );
    }
}

fn assert_described(bytes: &[u8]) {
    let description = match describe_bytes(bytes) {
        Ok(description) => description,
        Err(error) => return assert!(error.position() <= bytes.len()),
    };
    assert!(!description.to_string().is_empty());
    assert!(!description.redacted().to_string().is_empty());
    let text = description.canonical_text();
    assert_eq!(description.key(), sha256_hex(text.as_bytes()));
    if description.scope().is_none() {
        let written = Identity::new().canonical_bytes_of_json(text.as_bytes());
        assert_eq!(written.as_deref(), Ok(text.as_bytes()));
    }
}

/// Two canonical texts, of which every other is damaged.
pub(super) fn input(rng: &mut Rng) -> Vec<u8> {
    let bytes = super::any_bytes(rng);
    let source = &mut Source::new(&bytes);
    let old = source.value(4);
    let mut new = old.clone();
    edit(source, &mut new);
    let identity = scope(source);
    let text = |value| identity.canonical_bytes(value).unwrap_or_default();
    let mut text = [text(&old), text(&new)].join(&b'\n');
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..text.len());
        text[at] = *rng.choice(b"[]{},:\"\\0-e. %").unwrap_or(&b'x');
    }
    text
}
