//! The three functions on bytes, the two shorter forms of a key, and `Key` as a type.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;

use agentidemp::{
    IdempotencyKey, Key, ParseKeyError, ParseKeyErrorKind, Uuid, scoped, sha256_hex, uuidv5,
};
use agentidemp_tests::payload::assert_canonical;
use proptest::prelude::*;
use uuid::Variant;

const DIGEST: &str = "ik_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHORT: &str = "ik_ba7816bf8f01cfea414140de5dae2223";
const UUID: &str = "ik_2ed6657d-e927-568b-95e1-2665a8aea6a2";

/// One key of each form.
fn forms() -> [Key; 3] {
    [DIGEST, SHORT, UUID].map(|text| text.parse().unwrap())
}

mod functions {
    use super::*;

    /// The first three are NIST's examples of SHA-256.
    #[test]
    fn sha256_hex_is_the_hash_of_the_content() {
        assert_eq!(sha256_hex(b"abc"), DIGEST);
        assert_eq!(
            sha256_hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "ik_248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(
            sha256_hex(&vec![b'a'; 1_000_000]),
            "ik_cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
        assert_eq!(
            sha256_hex(b""),
            "ik_e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn scoped_is_the_hash_of_scope_colon_content() {
        assert_eq!(
            scoped("user:42", b"{}"),
            "ik_05aed8cfee303fd416f8e55cb2488411e679ab9c24d07e917cb0e3d9d5337093"
        );
        assert_eq!(
            scoped("", b""),
            "ik_e7ac0786668e0ff0f02b62bd04f45ff636fd82db63b1104601c975dc005f3a67"
        );
    }

    /// The second is the example of RFC 9562 appendix A.4.
    #[test]
    fn uuidv5_is_the_uuid_of_the_content() {
        assert_eq!(
            uuidv5(&Uuid::NAMESPACE_URL, b"https://example.com/"),
            "ik_dd2c1780-811a-5296-81c5-178a0ef488bc"
        );
        assert_eq!(uuidv5(&Uuid::NAMESPACE_DNS, b"www.example.com"), UUID);
        assert_eq!(
            uuidv5(&Uuid::NAMESPACE_DNS, b""),
            "ik_4ebd0208-8328-5d69-8c44-ec50939c0967"
        );
    }

    #[derive(IdempotencyKey)]
    struct CreateCharge {
        amount: u64,
        currency: &'static str,
        #[idem(scope)]
        user: u64,
    }

    #[test]
    fn the_key_of_a_request_is_all_of_them() {
        let charge = CreateCharge {
            amount: 500,
            currency: "eur",
            user: 42,
        };
        let key = charge.idempotency_key();
        assert_eq!(
            key,
            "ik_e9d45f231903d8f3c3d8e62261faa7188581e5f6dba08505caab46864b34c22b"
        );
        assert_eq!(sha256_hex(&charge.canonical_bytes()), key);
        assert_eq!(
            scoped("user:42", br#"{"amount":500,"currency":"eur"}"#),
            key
        );
    }

    proptest! {
        #[test]
        fn scoped_is_sha256_hex_of_the_joined_bytes(scope: String, content: Vec<u8>) {
            let joined = [scope.as_bytes(), b":", &content].concat();
            prop_assert_eq!(scoped(&scope, &content), sha256_hex(&joined));
        }

        #[test]
        fn each_gives_a_key_that_parses(scope: String, namespace: u128, content: Vec<u8>) {
            let namespace = Uuid::from_u128(namespace);
            let keys = [sha256_hex(&content), scoped(&scope, &content), uuidv5(&namespace, &content)];
            for (key, length) in keys.into_iter().zip([67, 67, 39]) {
                prop_assert_eq!(key.len(), length);
                prop_assert_eq!(key.parse(), Ok(key));
            }
        }
    }
}

mod shorter_forms {
    use super::*;

    #[test]
    fn short_is_the_first_32_digits() {
        let [digest, short, uuid] = forms();
        assert_eq!(digest.short(), SHORT);
        assert_eq!(short.short(), SHORT);
        assert_eq!(uuid.short(), "ik_2ed6657de927568b95e12665a8aea6a2");
    }

    #[test]
    fn uuid_is_version_8_unless_it_is_version_5_already() {
        let [digest, short, uuid] = forms();
        let version_8 = "ba7816bf-8f01-8fea-8141-40de5dae2223";
        assert_eq!(digest.uuid().to_string(), version_8);
        assert_eq!(short.uuid().to_string(), version_8);
        assert_eq!(uuid.uuid().to_string(), &UUID[3..]);
        assert_eq!(
            uuid.short().uuid().to_string(),
            "2ed6657d-e927-868b-95e1-2665a8aea6a2"
        );
    }

    #[test]
    fn uuid_of_other_keys() {
        assert_eq!(
            sha256_hex(b"").uuid().to_string(),
            "e3b0c442-98fc-8c14-9afb-f4c8996fb924"
        );
        assert_eq!(
            scoped("user:42", b"{}").uuid().to_string(),
            "05aed8cf-ee30-8fd4-96f8-e55cb2488411"
        );
    }

    proptest! {
        #[test]
        fn they_are_valid(content: Vec<u8>) {
            let key = sha256_hex(&content);
            prop_assert_eq!(key.short().parse(), Ok(key.short()));
            prop_assert_eq!(key.short(), &key[..35]);
            prop_assert_eq!(key.uuid().get_version_num(), 8);
            prop_assert_eq!(key.uuid().get_variant(), Variant::RFC4122);
            prop_assert_eq!(key.uuid(), key.short().uuid());
        }
    }
}

mod as_a_string {
    use super::*;

    /// Says how a key compares with a text, each way round.
    #[track_caller]
    fn assert_compares<T>(key: Key, text: &T, expected: Ordering)
    where
        T: PartialOrd<Key> + ?Sized,
        Key: PartialOrd<T>,
    {
        assert_eq!(key.partial_cmp(text), Some(expected));
        assert_eq!(text.partial_cmp(&key), Some(expected.reverse()));
        assert_eq!(key == *text, expected.is_eq());
        assert_eq!(*text == key, expected.is_eq());
    }

    #[test]
    fn a_key_compares_with_text_both_ways() {
        for key in forms() {
            for (text, expected) in [
                (key.as_str(), Ordering::Equal),
                ("ik_", Ordering::Greater),
                ("il", Ordering::Less),
            ] {
                assert_compares(key, text, expected);
                assert_compares(key, &text, expected);
                assert_compares(key, &String::from(text), expected);
            }
        }
    }

    #[test]
    fn a_key_is_found_by_its_text() {
        let numbers = || forms().into_iter().zip(0..);
        let hashed: HashMap<Key, i32> = numbers().collect();
        let sorted: BTreeMap<Key, i32> = numbers().collect();
        for (text, number) in [DIGEST, SHORT, UUID].into_iter().zip(0..) {
            assert_eq!(hashed.get(text), Some(&number));
            assert_eq!(sorted.get(text), Some(&number));
        }
        assert_eq!(hashed.get("ik_"), None);
        let before_b = (Bound::Unbounded, Bound::Excluded("ik_b"));
        assert_eq!(sorted.range::<str, _>(before_b).count(), 1);
    }

    #[test]
    fn a_key_is_shown_as_text() {
        let [_, short, _] = forms();
        assert_eq!(short.to_string(), SHORT);
        assert_eq!(format!("{short:?}"), format!("Key({SHORT:?})"));
        assert_eq!(format!("{short:>37}|"), format!("  {SHORT}|"));
        assert_eq!(format!("{short:<37}|"), format!("{SHORT}  |"));
        assert_eq!(format!("{short:-^37}|"), format!("-{SHORT}-|"));
        assert_eq!(format!("{short:.6}|"), "ik_ba7|");
    }

    #[test]
    fn a_key_converts_to_and_from_text() {
        for text in [DIGEST, SHORT, UUID] {
            let key: Key = text.parse().unwrap();
            assert_eq!(Key::try_from(text), Ok(key));
            assert_eq!(Key::try_from(String::from(text)), Ok(key));
            assert_eq!(String::from(key), text);
            assert_eq!(AsRef::<str>::as_ref(&key), text);
            assert_eq!(AsRef::<[u8]>::as_ref(&key), text.as_bytes());
            assert_eq!(Borrow::<str>::borrow(&key), text);
            assert_eq!(&*key, text);
            assert_canonical(key, &format!("{text:?}"));
        }
    }

    #[test]
    fn a_key_is_a_small_value() {
        fn is_value<T: Copy + Send + Sync + Unpin + 'static>() {}
        is_value::<Key>();
        assert!(size_of::<Key>() <= 72);
        let key = sha256_hex(b"abc");
        let copy = key;
        assert_eq!(key, copy);
    }

    proptest! {
        #[test]
        fn keys_order_and_hash_as_their_text_does(
            left in "ik_(0|a){64}", right in "ik_(0|a){32}|ik_0a0a0a0a-0000-50aa-80a0-0a0a0a0a(0|a){4}",
        ) {
            let keys: [Key; 2] = [left.parse().unwrap(), right.parse().unwrap()];
            prop_assert_eq!(keys[0].cmp(&keys[1]), left.cmp(&right));
            prop_assert_eq!(keys[0].partial_cmp(&keys[1]), left.partial_cmp(&right));
            prop_assert_eq!(keys[0] == keys[1], left == right);
            let state = RandomState::new();
            prop_assert_eq!(state.hash_one(keys[0]), state.hash_one(left.as_str()));
            prop_assert_eq!(state.hash_one(keys[1]), state.hash_one(right.as_str()));
        }
    }
}

mod serde {
    use super::*;

    #[test]
    fn a_key_is_a_string() {
        for key in forms() {
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(json, format!("{:?}", key.as_str()));
            assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), key);
            assert_eq!(serde_json::from_slice::<Key>(json.as_bytes()).unwrap(), key);
            let value = serde_json::to_value(key).unwrap();
            assert_eq!(serde_json::from_value::<Key>(value).unwrap(), key);
        }
    }

    #[test]
    fn a_key_is_read_from_escaped_text() {
        let json = format!(r#""\u0069{}""#, &SHORT[1..]);
        assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), SHORT);
    }

    #[test]
    fn a_key_names_a_member() {
        let results = BTreeMap::from(forms().map(|key| (key, true)));
        let json = serde_json::to_string(&results).unwrap();
        let read: BTreeMap<Key, bool> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, results);
    }

    #[test]
    fn what_is_no_key_is_not_read() {
        let message = |json: &str| serde_json::from_str::<Key>(json).unwrap_err().to_string();
        let upper = SHORT.to_uppercase();
        assert!(message(&format!("{upper:?}")).starts_with("a key starts with `ik_`"));
        assert!(message("\"ik_\"").starts_with("a key has 67, 35 or 39 characters, not 3 bytes"));
        assert!(message("42").starts_with(
            "invalid type: integer `42`, expected an idempotency key that starts with `ik_`"
        ));
        assert!(message("null").starts_with("invalid type: null"));
    }
}

mod digest {
    use super::*;

    #[test]
    fn a_key_of_a_digest_is_the_key_of_its_64_digits() {
        let digest = sha256_hex(b"abc").digest().unwrap();
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);
        assert_eq!(Key::from_digest(digest), DIGEST);
    }

    #[test]
    fn a_key_that_holds_no_whole_digest_gives_none() {
        assert_eq!(
            forms().map(|key| key.digest().is_some()),
            [true, false, false]
        );
    }

    proptest! {
        #[test]
        fn every_digest_comes_back(digest: [u8; 32]) {
            prop_assert_eq!(Key::from_digest(digest).digest(), Some(digest));
        }
    }
}

mod parsing {
    use super::*;

    const PREFIX: &str = "a key starts with `ik_`, followed by 64 or 32 lower-case hex digits or a \
                          version 5 UUID";
    const VERSION: &str = "the UUID in the key is not of version 5 and the RFC 9562 variant";

    /// Says why a text is no key.
    #[track_caller]
    fn assert_no_key(text: &str, message: &str) {
        let error: ParseKeyError = text.parse::<Key>().unwrap_err();
        assert_eq!(error.to_string(), message, "{text:?}");
    }

    fn wrong_length(length: usize) -> String {
        format!("a key has 67, 35 or 39 characters, not {length} bytes")
    }

    fn wrong_digit(at: usize) -> String {
        format!("byte {at} of the key is no lower-case hex digit")
    }

    fn wrong_hyphen(at: usize) -> String {
        format!("byte {at} of the key is no hyphen, as in a UUID's text")
    }

    #[test]
    fn a_program_can_tell_what_is_wrong() {
        let kind = |text: &str| text.parse::<Key>().unwrap_err().kind();
        let version_4 = UUID.replacen("-568b", "-468b", 1);
        assert_eq!(kind(&UUID[3..]), ParseKeyErrorKind::Prefix);
        assert_eq!(kind(&SHORT[..34]), ParseKeyErrorKind::Length);
        assert_eq!(kind(&SHORT.replace('f', "F")), ParseKeyErrorKind::Digit);
        assert_eq!(kind(&UUID.replace('-', "0")), ParseKeyErrorKind::Digit);
        assert_eq!(kind(&version_4), ParseKeyErrorKind::UuidVersion);
    }

    #[test]
    fn the_prefix_is_not_optional() {
        for text in [DIGEST, SHORT, UUID] {
            assert_no_key(&text[3..], PREFIX);
            assert_no_key(&format!("IK_{}", &text[3..]), PREFIX);
            assert_no_key(&format!("ik-{}", &text[3..]), PREFIX);
            assert_no_key(&format!("sk_{}", &text[3..]), PREFIX);
            assert_no_key(&format!("ik{}", &text[3..]), PREFIX);
            assert_no_key(&format!(" {text}"), PREFIX);
            assert_no_key(&format!("\u{feff}{text}"), PREFIX);
            assert_no_key(&format!("\"{text}\""), PREFIX);
            assert_no_key(&text.to_uppercase(), PREFIX);
        }
        for text in ["", "i", "ik", "abc", "\0", "\u{0456}k_"] {
            assert_no_key(text, PREFIX);
        }
    }

    #[test]
    fn the_length_is_one_of_three() {
        assert_no_key("ik_", &wrong_length(3));
        for length in 0..200 {
            let text = format!("ik_{}", "0".repeat(length));
            match length {
                32 | 64 => assert_eq!(text.parse::<Key>().unwrap(), text),
                36 => assert_no_key(&text, &wrong_hyphen(11)),
                _ => assert_no_key(&text, &wrong_length(length + 3)),
            }
        }
    }

    #[test]
    fn nothing_stands_around_a_key() {
        for text in [DIGEST, SHORT, UUID] {
            for after in [" ", "\n", "\r\n", "\0", "0", ":"] {
                assert_no_key(
                    &format!("{text}{after}"),
                    &wrong_length(text.len() + after.len()),
                );
            }
            assert_no_key(&format!("ik_{text}"), &wrong_length(text.len() + 3));
        }
    }

    #[test]
    fn each_digit_is_lower_case_hex() {
        for text in [DIGEST, SHORT, UUID] {
            for at in (3..text.len()).filter(|at| text.as_bytes()[*at] != b'-') {
                for wrong in ["A", "F", "g", "-", " ", "_", "`", "/", ":", "\0", "\u{7f}"] {
                    let mut text = String::from(text);
                    text.replace_range(at..=at, wrong);
                    assert_no_key(&text, &wrong_digit(at));
                }
            }
        }
    }

    #[test]
    fn hyphens_stand_where_a_uuid_has_them() {
        for at in [11, 16, 21, 26] {
            for wrong in ["0", "_", " ", "\0"] {
                let mut text = String::from(UUID);
                text.replace_range(at..=at, wrong);
                assert_no_key(&text, &wrong_hyphen(at));
            }
        }
        assert_no_key("ik_2ed6657de-927-568b-95e1-2665a8aea6a2", &wrong_hyphen(11));
        assert_no_key("ik_2ed6657d-e927-568b-95e12-665a8aea6a2", &wrong_hyphen(26));
    }

    /// A character of several bytes at each byte, with the length as it should be.
    #[test]
    fn text_that_is_not_ascii_is_no_key() {
        for text in [DIGEST, SHORT, UUID] {
            for wide in ["é", "\u{ff41}", "\u{1f600}"] {
                for at in 0..=text.len() - wide.len() {
                    let mut wrong = String::from(text);
                    wrong.replace_range(at..at + wide.len(), wide);
                    assert_eq!(wrong.len(), text.len());
                    assert!(wrong.parse::<Key>().is_err(), "{wrong}");
                }
            }
        }
        assert_no_key(&DIGEST.replace("78", "é"), &wrong_digit(5));
    }

    #[test]
    fn a_uuid_is_of_version_5() {
        for version in "012346789abcdef".chars() {
            assert_no_key(&UUID.replace("-568b-", &format!("-{version}68b-")), VERSION);
        }
        for variant in "01234567cdef".chars() {
            assert_no_key(&UUID.replace("-95e1-", &format!("-{variant}5e1-")), VERSION);
        }
        for variant in "89ab".chars() {
            let text = UUID.replace("-95e1-", &format!("-{variant}5e1-"));
            assert_eq!(text.parse::<Key>().unwrap(), text);
        }
        assert_no_key("ik_00000000-0000-0000-0000-000000000000", VERSION);
        assert_no_key("ik_ffffffff-ffff-ffff-ffff-ffffffffffff", VERSION);
    }

    #[test]
    fn other_spellings_of_a_uuid_are_no_keys() {
        let uuid = &UUID[3..];
        assert_no_key(&format!("ik_{{{uuid}}}"), &wrong_length(41));
        assert_no_key(&format!("ik_urn:uuid:{uuid}"), &wrong_length(48));
        assert_no_key(uuid, PREFIX);
    }

    #[test]
    fn the_error_is_an_ordinary_one() {
        let error: Box<dyn std::error::Error + Send + Sync> =
            Box::new("".parse::<Key>().unwrap_err());
        assert_eq!(error.to_string(), PREFIX);
    }

    /// What a key looks like, said in another way than the crate says it.
    fn is_key(text: &str) -> bool {
        let is_hex = |text: &&str| text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        let Some(("", payload)) = text.split_once("ik_") else {
            return false;
        };
        let groups: Vec<_> = payload.split('-').collect();
        let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
        groups.iter().all(is_hex)
            && match lengths[..] {
                [64 | 32] => true,
                [8, 4, 4, 4, 12] => {
                    groups[2].starts_with('5') && groups[3].starts_with(['8', '9', 'a', 'b'])
                }
                _ => false,
            }
    }

    /// Keys, and what is left of them after a change or two.
    fn almost_key() -> impl Strategy<Value = String> {
        let key = "ik_[0-9a-f]{64}|ik_[0-9a-f]{32}|ik_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\
                   ik_[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
        let change = (
            any::<prop::sample::Index>(),
            "[0-9a-f]|[A-G\\-_ ]|\\PC|",
            0..2_usize,
        );
        (key, prop::collection::vec(change, 0..3)).prop_map(|(mut text, changes)| {
            for (index, insert, remove) in changes {
                let at = index.index(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(at + remove) {
                    text.replace_range(at..at + remove, &insert);
                }
            }
            text
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn a_key_is_accepted_and_nothing_else(text in almost_key()) {
            prop_assert_eq!(text.parse::<Key>().is_ok(), is_key(&text), "{}", text);
        }

        #[test]
        fn what_is_accepted_is_printed_back(text in almost_key()) {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string(), text);
                prop_assert_eq!(key.short().parse(), Ok(key.short()));
                prop_assert!(matches!(key.uuid().get_version_num(), 5 | 8));
            }
        }

        #[test]
        fn no_text_panics(text: String, tail in "ik_\\PC{0,70}") {
            prop_assert_eq!(text.parse::<Key>().is_ok(), is_key(&text));
            prop_assert_eq!(tail.parse::<Key>().is_ok(), is_key(&tail));
        }
    }
}
