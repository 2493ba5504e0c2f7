//! What holds for all values: one value has one key, two values have two, and the canonical form is
//! what an independent implementation of RFC 8785 makes of the JSON text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use agentidemp::{IdempotencyKey, sha256_hex};
use agentidemp_tests::jcs::jcs_of_wire;
use agentidemp_tests::payload::{Payload, canonical, text_of};
use agentidemp_tests::tree::{Tree, text, tree};
use proptest::prelude::*;

/// A request around a tree, with a scope before it.
#[derive(IdempotencyKey)]
struct Scoped<'a> {
    payload: &'a Tree,
    #[idem(scope)]
    tenant: &'a str,
}

mod canonical_form {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn is_what_an_independent_jcs_makes_of_the_json_text(value in tree()) {
            prop_assert_eq!(text_of(&value), jcs_of_wire(&value.to_json()));
        }

        /// The length of the scope moves what follows over the bounds of the encoder's blocks.
        #[test]
        fn does_not_depend_on_where_it_begins(value in tree(), tenant in "[a-z]{0,600}") {
            let scoped = text_of(&Scoped { payload: &value, tenant: &tenant });
            let payload = jcs_of_wire(&value.to_json());
            prop_assert_eq!(scoped, format!(r#"tenant:{tenant}:{{"payload":{payload}}}"#));
        }

        #[test]
        fn does_not_depend_on_the_order_in_which_things_are_given(value in tree(), by: usize) {
            prop_assert_eq!(text_of(&value.shuffled(by)), text_of(&value));
        }

        #[test]
        fn is_utf8_json_of_the_same_value(value in tree()) {
            let read: serde_json::Value = serde_json::from_str(&text_of(&value)).unwrap();
            prop_assert_eq!(canonical(&value), jcs_of_wire(&read));
        }
    }

    /// Maps, sets and arrays within each other, far deeper than the arbitrary values above.
    #[test]
    fn does_not_depend_on_how_deep_a_value_lies() {
        let level = |inner: Tree| {
            let name = |text: &str| text.to_owned();
            let set = Tree::Set(vec![Tree::Integer(9), inner, Tree::Integer(10)]);
            let members = vec![(name("b"), set), (name("a"), Tree::Null)];
            Tree::Flatten(
                Box::new(Tree::Array(vec![Tree::Object(members)])),
                Vec::new(),
            )
        };
        let deep = (0..25).fold(Tree::Null, |inner, _| level(inner));
        assert_eq!(text_of(&deep), jcs_of_wire(&deep.to_json()));
    }

    /// A string, an escape and a name at each offset in the encoder's block, and each length of
    /// what comes after it.
    #[test]
    fn does_not_depend_on_the_bounds_of_blocks() {
        for before in 0..=1100 {
            let padding = "x".repeat(before);
            let map = BTreeMap::from([("\u{1}b", padding.as_str()), ("a\"", "\n\u{1f600}\u{1f}")]);
            let set = HashSet::from([padding.as_str(), "\\", "yy"]);
            let value = (&padding, "\u{1f}", &map, &set, 1.5, &padding);
            let mut elements = [format!("\"{padding}\""), r#""\\""#.into(), r#""yy""#.into()];
            elements.sort();
            let set = elements.join(",");
            let map = format!(r#"{{"\u0001b":"{padding}","a\"":"\n😀\u001f"}}"#);
            let text = format!(r#"["{padding}","\u001f",{map},[{set}],1.5,"{padding}"]"#);
            assert_eq!(canonical(value), text, "{before}");
        }
    }
}

mod one_value_has_one_key {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Owned {
        model: String,
        tags: Vec<String>,
        limits: HashMap<String, i64>,
        seen: HashSet<String>,
    }

    /// The same wire format with borrowed types and its fields in another order.
    #[derive(IdempotencyKey)]
    struct Borrowed<'a> {
        seen: &'a BTreeSet<&'a str>,
        limits: BTreeMap<&'a str, i128>,
        tags: &'a [&'a str],
        model: Cow<'a, str>,
    }

    proptest! {
        #[test]
        fn however_the_type_is_spelled(
            model in text(),
            tags in proptest::collection::vec(text(), 0..4),
            limits in proptest::collection::hash_map(text(), any::<i64>(), 0..20),
            seen in proptest::collection::hash_set(text(), 0..20),
        ) {
            let borrowed = Borrowed {
                seen: &seen.iter().map(String::as_str).collect(),
                limits: limits.iter().map(|(name, limit)| (name.as_str(), (*limit).into())).collect(),
                tags: &tags.iter().map(String::as_str).collect::<Vec<_>>(),
                model: Cow::Borrowed(&model),
            }
            .idempotency_key();
            let owned = Owned { model, tags, limits, seen };
            prop_assert_eq!(owned.idempotency_key(), borrowed);
        }

        #[test]
        fn in_whatever_order_a_map_was_filled(
            mut entries in Just((0..50).collect::<Vec<i32>>()).prop_shuffle(),
        ) {
            let first: HashMap<_, _> = entries.iter().map(|n| (n.to_string(), n * 2)).collect();
            entries.reverse();
            let second: HashMap<_, _> = entries.iter().map(|n| (n.to_string(), n * 2)).collect();
            let sorted: BTreeMap<_, _> = entries.iter().map(|n| (*n, n * 2)).collect();
            let key = Payload(sorted).idempotency_key();
            prop_assert_eq!(Payload(first).idempotency_key(), key);
            prop_assert_eq!(Payload(second).idempotency_key(), key);
        }
    }
}

/// Exhaustively over short strings of what could be taken for structure.
mod two_values_have_two_keys {
    use super::*;

    /// All strings of the characters up to a length.
    fn strings(characters: &str, length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut longest = all.clone();
        for _ in 0..length {
            longest = longest
                .iter()
                .flat_map(|text| characters.chars().map(move |c| format!("{text}{c}")))
                .collect();
            all.extend(longest.iter().cloned());
        }
        all
    }

    /// Says that no two requests have the same canonical bytes. Their keys are hashes of these.
    #[track_caller]
    fn assert_all_differ(requests: impl IntoIterator<Item = impl IdempotencyKey>) {
        let mut seen = HashSet::new();
        for request in requests {
            let bytes = request.canonical_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(seen.insert(bytes), "two requests are {text}");
        }
        assert!(seen.len() > 500, "too few requests to say anything");
    }

    #[derive(IdempotencyKey)]
    struct Fields<'a> {
        first: &'a str,
        second: &'a str,
    }

    #[test]
    fn across_the_bounds_of_fields() {
        let texts = strings("\"\\,:{n", 2);
        assert_all_differ(
            texts
                .iter()
                .flat_map(|first| texts.iter().map(move |second| Fields { first, second })),
        );
    }

    #[test]
    fn across_the_bounds_of_elements() {
        let texts = strings("a\",[]", 2);
        let one = texts.iter().map(|a| Payload(vec![a]));
        let two = texts
            .iter()
            .flat_map(|a| texts.iter().map(move |b| Payload(vec![a, b])));
        assert_all_differ(one.chain(two).chain([Payload(Vec::new())]));
        assert_ne!(canonical(["a", "bc"]), canonical(["ab", "c"]));
    }

    #[test]
    fn across_the_bounds_of_names() {
        let texts = strings("a\":,}", 2);
        assert_all_differ(texts.iter().flat_map(|name| {
            texts
                .iter()
                .map(move |value| Payload(BTreeMap::from([(name, value)])))
        }));
    }

    #[derive(IdempotencyKey)]
    struct OneScope<'a>(#[idem(scope = "a")] &'a str, &'a str);

    #[derive(IdempotencyKey)]
    struct TwoScopes<'a> {
        #[idem(scope)]
        a: &'a str,
        #[idem(scope)]
        b: &'a str,
        text: &'a str,
    }

    #[test]
    fn across_the_bound_of_scope_and_payload() {
        let texts = strings(":%23A\"{[]", 2);
        assert_all_differ(
            texts
                .iter()
                .flat_map(|scope| texts.iter().map(move |text| OneScope(scope, text))),
        );
    }

    #[test]
    fn across_the_bounds_of_scope_fields() {
        // Long enough for a text that looks escaped already: `%3A`.
        let texts = strings(":%3A", 3);
        let text = "";
        assert_all_differ(
            texts
                .iter()
                .flat_map(|a| texts.iter().map(move |b| TwoScopes { a, b, text })),
        );
    }

    /// No scope, one field and two fields of types that share their labels.
    #[test]
    fn across_types_with_different_scopes() {
        #[derive(IdempotencyKey)]
        struct Unscoped<'a>(&'a str, ());
        let texts = strings(":ab%", 3);
        let unscoped = texts
            .iter()
            .map(|text| Unscoped(text, ()).canonical_bytes());
        let one = texts.iter().map(|a| OneScope(a, "").canonical_bytes());
        let two = texts
            .iter()
            .map(|a| TwoScopes { a, b: "", text: "" }.canonical_bytes());
        let all: Vec<_> = unscoped.chain(one).chain(two).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn whatever_the_scope_and_payload(a: [String; 3], b: [String; 3]) {
            let key = |[a, b, text]: &[String; 3]| TwoScopes { a, b, text }.idempotency_key();
            prop_assert_eq!(key(&a) == key(&b), a == b);
        }

        /// A character moves from one part to the next.
        #[test]
        fn if_text_moves_from_scope_to_payload(a in text(), b in text(), c in text()) {
            prop_assume!(!b.is_empty());
            let left = TwoScopes { a: &format!("{a}{b}"), b: &c, text: "" };
            let right = TwoScopes { a: &a, b: &format!("{b}{c}"), text: "" };
            prop_assert_ne!(left.idempotency_key(), right.idempotency_key());
            let left = OneScope(&format!("{a}{b}"), &c).idempotency_key();
            let right = OneScope(&a, &format!("{b}{c}")).idempotency_key();
            prop_assert_ne!(left, right);
        }

        #[test]
        fn and_equal_keys_mean_equal_json(a in tree(), b in tree()) {
            let equal = jcs_of_wire(&a.to_json()) == jcs_of_wire(&b.to_json());
            prop_assert_eq!(a.idempotency_key() == b.idempotency_key(), equal);
        }

        #[test]
        fn the_key_is_the_hash_of_the_canonical_bytes(value in tree()) {
            prop_assert_eq!(value.idempotency_key(), sha256_hex(&value.canonical_bytes()));
        }
    }
}
