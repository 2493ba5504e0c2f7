//! `agentidemp::compat` against the published version 0.1.0 of the crate. The Python package of that
//! version is compared in `tests/interop/check_published.py`.

use agentidemp::{Key, Uuid, compat, sha256_hex, uuidv5};
use agentidemp_tests::published::{Input, inputs};

const INPUTS: usize = 20_000;

#[test]
fn the_keys_are_those_of_the_published_crate() {
    for input in inputs(INPUTS) {
        let Input {
            scope,
            content,
            namespace,
            ..
        } = &input;
        assert_eq!(
            compat::sha256_hex(content),
            agentidemp_0_1::sha256_hex(content),
            "{input:?}"
        );
        assert_eq!(
            compat::scoped_sha256_hex(scope, content),
            agentidemp_0_1::scoped_sha256_hex(scope, content),
            "{input:?}"
        );
        assert_eq!(
            compat::uuid_v5(namespace, content),
            agentidemp_0_1::uuid_v5(namespace, content),
            "{input:?}"
        );
    }
}

#[test]
fn the_namespace_is_that_of_the_published_crate() {
    assert_eq!(
        compat::NAMESPACE_ANTHROPIC,
        agentidemp_0_1::NAMESPACE_ANTHROPIC
    );
    assert_eq!(compat::NAMESPACE_ANTHROPIC, Uuid::NAMESPACE_DNS);
}

/// `scoped_key` is in the Python package alone.
#[test]
fn a_zero_byte_comes_before_each_part() {
    for input in inputs(INPUTS) {
        let content = input.parts.join(&0);
        let expected = if input.parts.is_empty() {
            agentidemp_0_1::sha256_hex(input.scope.as_bytes())
        } else {
            agentidemp_0_1::scoped_sha256_hex(&input.scope, &content)
        };
        assert_eq!(
            compat::scoped_key(&input.scope, &input.parts),
            expected,
            "{input:?}"
        );
    }
}

#[test]
fn a_zero_byte_in_the_scope_does_not_separate() {
    assert_eq!(
        compat::scoped_sha256_hex("a", b"b\0c"),
        compat::scoped_sha256_hex("a\0b", b"c")
    );
}

#[test]
fn parts_are_text_or_bytes() {
    let texts = compat::scoped_key("scope", &["one", "two"]);
    assert_eq!(compat::scoped_key("scope", &[b"one", b"two"]), texts);
    assert_eq!(
        compat::scoped_key("scope", &[String::from("one"), String::from("two")]),
        texts
    );
}

#[test]
fn the_old_key_is_the_short_form_of_the_new_one() {
    for input in inputs(100) {
        let key = sha256_hex(&input.content);
        assert_eq!(compat::sha256_hex(&input.content), key.short());
    }
}

#[test]
fn a_stored_key_of_the_published_crate_is_read_as_a_key() {
    let stored = agentidemp_0_1::scoped_sha256_hex("tenant", b"{}");
    let key: Key = stored.parse().unwrap();
    assert_eq!(key, compat::scoped_sha256_hex("tenant", b"{}"));
}

#[test]
fn a_uuid_key_is_the_published_uuid_with_a_prefix() {
    for input in inputs(100) {
        let uuid = agentidemp_0_1::uuid_v5(&input.namespace, &input.content);
        let key = uuidv5(&input.namespace, &input.content);
        assert_eq!(key, format!("ik_{uuid}"));
        assert_eq!(key.uuid(), uuid);
    }
}
