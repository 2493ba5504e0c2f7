//! Keys from the bytes of a JSON body, held against an independent reader and writer over random texts:
//! valid, nearly valid, and mutated. What holds for any bytes is said by the fuzz target of JSON text.

use agentidemp::{Error, ErrorKind, Identity, sha256_hex};
use agentidemp_tests::fuzz::{assert_known_reason, json_text};
use agentidemp_tests::json_text::{
    config, deep, mutated, nearly_valid, number, path, shown, valid, value, value_of,
};
use agentidemp_tests::reference::{self, Kind, Path, Rules, canonical_text};
use fastrand::Rng;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::RawValue;

/// The canonical form of a body as text. Its key is checked on the way: it is the hash of that text,
/// or the same error.
fn canonical(identity: &Identity, body: &[u8]) -> Result<String, Error> {
    let bytes = identity.canonical_bytes_of_json(body);
    let key = identity.key_of_json(body);
    assert_eq!(key, bytes.as_deref().map(sha256_hex).map_err(Clone::clone));
    bytes.map(|bytes| String::from_utf8(bytes).expect("canonical bytes are UTF-8"))
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn a_text_has_the_canonical_form_of_the_reference(text in valid()) {
        json_text(text.as_bytes());
    }

    #[test]
    fn a_text_that_is_nearly_json_is_read_as_the_reference_reads_it(text in nearly_valid()) {
        json_text(text.as_bytes());
    }

    #[test]
    fn mutated_bytes_are_read_as_the_reference_reads_them(body in mutated()) {
        json_text(&body);
    }

    #[test]
    fn random_bytes_are_read_as_the_reference_reads_them(body in vec(any::<u8>(), 0..20)) {
        json_text(&body);
    }

    #[test]
    fn structure_is_read_as_the_reference_reads_it(text in r#"[\[\]{}:,"a0\- ]{0,12}"#) {
        json_text(text.as_bytes());
    }

    #[test]
    fn a_number_has_the_canonical_form_of_the_reference(text in number::text()) {
        json_text(text.as_bytes());
    }

    #[test]
    fn a_decimal_is_as_precise_as_the_reference_says(text in number::decimal()) {
        json_text(text.as_bytes());
    }

    /// Of what is JSON: the reference knows no places in anything else.
    #[test]
    fn an_error_points_to_what_is_at_its_offset(text in valid()) {
        if let Err(error) = canonical(&Identity::new(), text.as_bytes())
            && !matches!(error.kind(), ErrorKind::InvalidJson | ErrorKind::TooDeep)
        {
            let pointer = reference::pointer(text.as_bytes(), error.offset().unwrap());
            prop_assert_eq!(Some(error.pointer()), pointer.as_deref());
        }
    }

    #[test]
    fn neither_spelling_nor_order_counts(value in value(), one: u64, other: u64) {
        let shuffled = value.shuffled(&mut Rng::with_seed(other));
        let [one, other] = [value.spelled(one), shuffled.spelled(other)]
            .map(|text| canonical(&Identity::new(), text.as_bytes()).ok());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn the_canonical_form_is_its_own(text in valid()) {
        let identity = Identity::new();
        if let Ok(canonical_text) = canonical(&identity, text.as_bytes()) {
            prop_assert_eq!(canonical(&identity, canonical_text.as_bytes()), Ok(canonical_text));
        }
    }
}

proptest! {
    // Each has a hundred texts.
    #![proptest_config(config(200))]

    #[test]
    fn every_print_of_a_double_is_read_as_the_reference_reads_it(double in number::double()) {
        for text in number::prints(double) {
            json_text(text.as_bytes());
        }
    }
}

/// The other ways to the key of a JSON text.
mod other_ways {
    use super::*;

    proptest! {
        #![proptest_config(config(500))]

        #[test]
        fn a_raw_value_has_the_key_of_its_text(text in valid()) {
            let identity = Identity::new();
            // serde_json refuses what is deeper than 127 levels, when it is read and not before.
            if let Ok(raw) = serde_json::from_str::<&RawValue>(&text) {
                let of_raw = identity.canonical_bytes(raw).map_err(|error| error.kind());
                let of_json = identity.canonical_bytes_of_json(text.as_bytes());
                prop_assert_eq!(of_raw, of_json.map_err(|error| error.kind()));
            }
        }

        #[test]
        fn a_parsed_value_has_the_key_of_its_text(value in value_of(number::plain()), style: u64) {
            let identity = Identity::new();
            let text = value.spelled(style);
            if let Ok(of_json) = identity.canonical_bytes_of_json(text.as_bytes()) {
                let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(identity.canonical_bytes(&parsed), Ok(of_json));
            }
        }
    }
}

/// What of a body counts, against the same rules done to a tree.
mod identities {
    use super::*;

    /// Says that an identity leaves of a body what the rules leave. What they leave out is JSON, and
    /// may be refused for a fault of its own (FORMAT.md section 2.7).
    fn assert_left(identity: &Identity, rules: &Rules, body: &[u8]) -> Result<(), TestCaseError> {
        let whole = canonical_text(body).err().unwrap_or_default();
        match (canonical(identity, body), reference::canonical(body, rules)) {
            (Ok(text), Ok(expected)) => prop_assert_eq!(text, format!("operation:{expected}")),
            (Err(error), Err(faults)) if faults[0].kind == Kind::NothingLeft => {
                if error.kind() != ErrorKind::NothingLeft {
                    assert_known_reason(body, &error, &whole);
                }
            }
            (Err(error), Err(_)) => assert_known_reason(body, &error, &whole),
            (Err(error), Ok(_)) => {
                let may_be = [ErrorKind::DuplicateMember, ErrorKind::InvalidJson];
                prop_assert!(may_be.contains(&error.kind()), "{error:?}");
                prop_assert!(!whole.is_empty(), "{error:?}");
                assert_known_reason(body, &error, &whole);
            }
            (Ok(text), Err(faults)) => {
                prop_assert!(false, "{}\n{text}\n{faults:?}", shown(body));
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(config(1000))]

        #[test]
        fn leave_out_what_is_excluded(
            value in prop_oneof![9 => value().boxed(), 1 => deep().boxed()],
            style: u64,
            excluded in vec(path(), 1..6),
        ) {
            let identity = Identity::new().scope("operation").exclude(&excluded);
            let rules = Rules {
                exclude: excluded.iter().map(|path| Path::read(path)).collect(),
                ..Rules::default()
            };
            assert_left(&identity, &rules, value.spelled(style).as_bytes())?;
        }

        #[test]
        fn leave_out_nothing_that_is_not_json(
            text in nearly_valid(),
            excluded in vec(path(), 1..6),
        ) {
            let identity = Identity::new().exclude(&excluded);
            let faults = canonical_text(text.as_bytes()).err().unwrap_or_default();
            if faults.iter().any(|fault| fault.kind.ends_reading()) {
                let error = canonical(&identity, text.as_bytes()).unwrap_err();
                prop_assert!(matches!(
                    error.kind(),
                    ErrorKind::InvalidJson | ErrorKind::TooDeep | ErrorKind::DuplicateMember
                ));
            }
        }
    }
}
