//! Any `Serialize` in canonical form: serde's whole data model, and what is wrong with a value, with
//! the place where it is wrong.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, Error, ErrorKind, IdempotencyKey, Identity};
use agentidemp_tests::jcs;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A function that calls a `Serializer` by hand.
macro_rules! by_hand {
    (|$serializer:ident| $body:expr) => {{
        struct ByHand;

        impl Serialize for ByHand {
            fn serialize<S: Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                $body
            }
        }

        ByHand
    }};
}

fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let bytes = Identity::new().canonical_bytes(value)?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn pointer_and_kind<T: Serialize + ?Sized>(value: &T) -> (String, ErrorKind) {
    let error = canonical(value).unwrap_err();
    assert_eq!(Identity::new().key(value), Err(error.clone()));
    (error.pointer().to_owned(), error.kind())
}

macro_rules! written {
    ($($name:ident: $value:expr => $expected:expr;)*) => {$(
        #[test]
        fn $name() {
            let value = $value;
            assert_eq!(canonical(&value).unwrap(), $expected);
        }
    )*};
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Newtype(u8);

#[derive(Serialize)]
struct Pair(u8, char);

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
enum Variant {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { z: u8, a: u8 },
}

written! {
    wide_integers: (u128::MAX, i128::MIN, u64::MAX, i64::MIN) =>
        "[340282366920938463463374607431768211455,-170141183460469231731687303715884105728,\
        18446744073709551615,-9223372036854775808]";
    narrow_integers: (u8::MAX, i8::MIN, u16::MAX, i16::MIN, u32::MAX, i32::MIN) =>
        "[255,-128,65535,-32768,4294967295,-2147483648]";
    floats: (1.0, -0.0, 0.1_f32, 0.1_f64, 1e21, 5e-324, f32::MAX) =>
        "[1,0,0.1,0.1,1e+21,5e-324,3.4028235e+38]";
    a_tie_between_shortest_digits: 5_699_815_695_124_825.0 / 4.0 => "1424953923781206.2";
    bools: [true, false] => "[true,false]";
    chars: ['a', '"', '\u{1f}', '\u{1f600}'] => "[\"a\",\"\\\"\",\"\\u001f\",\"\u{1f600}\"]";
    strings: "\u{8}\t\n\u{c}\r\u{7f}/é\u{2028}" => "\"\\b\\t\\n\\f\\r\u{7f}/é\u{2028}\"";
    bytes: serde_bytes::Bytes::new(&[0, 255]) => "[0,255]";
    no_bytes: serde_bytes::ByteBuf::new() => "[]";
    options: [Some(Some(1)), Some(None), None] => "[1,null,null]";
    units: ((), Unit) => "[null,null]";
    newtypes: Newtype(1) => "1";
    tuples: (1, "a", Pair(2, 'b')) => "[1,\"a\",[2,\"b\"]]";
    variants: [Variant::Unit, Variant::Newtype(1), Variant::Tuple(1, 2), Variant::Struct { z: 1, a: 2 }] =>
        r#"["Unit",{"Newtype":1},{"Tuple":[1,2]},{"Struct":{"a":2,"z":1}}]"#;
    members_sort_by_utf16: BTreeMap::from([("\u{fb33}", 1), ("\u{1f600}", 2), ("\u{e9}", 3), ("", 4), ("b", 5)]) =>
        "{\"\":4,\"b\":5,\"\u{e9}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}";
    keys_of_numbers: BTreeMap::from([(u128::MAX, 1), (2, 2), (10, 3)]) =>
        r#"{"10":3,"2":2,"340282366920938463463374607431768211455":1}"#;
    keys_of_bools: BTreeMap::from([(true, 1), (false, 2)]) => r#"{"false":2,"true":1}"#;
    keys_of_chars: BTreeMap::from([('b', 1), ('a', 2)]) => r#"{"a":2,"b":1}"#;
    keys_of_unit_variants: BTreeMap::from([(Variant::Unit, 1)]) => r#"{"Unit":1}"#;
    text_by_display: by_hand!(|s| s.collect_str(&format_args!("{}\n", 1))) => r#""1\n""#;
    keys_by_display: by_hand!(|s| s.collect_map([(by_hand!(|s| s.collect_str(&1.5)), 1)])) => r#"{"1.5":1}"#;
    addresses_as_people_read_them: std::net::Ipv4Addr::LOCALHOST => r#""127.0.0.1""#;
    a_readable_form: by_hand!(|s| { let readable = s.is_human_readable(); s.serialize_bool(readable) }) => "true";
    sequences_of_unknown_length: by_hand!(|s| {
        let mut sequence = s.serialize_seq(None)?;
        sequence.serialize_element(&1)?;
        sequence.serialize_element(&2)?;
        sequence.end()
    }) => "[1,2]";
    sequences_that_announce_another_length: by_hand!(|s| {
        let mut sequence = s.serialize_seq(Some(7))?;
        sequence.serialize_element(&1)?;
        sequence.end()
    }) => "[1]";
    maps_of_unknown_length: by_hand!(|s| {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("b", &1)?;
        map.serialize_key("a")?;
        map.serialize_value(&[2])?;
        map.end()
    }) => r#"{"a":[2],"b":1}"#;
    fields_that_are_skipped: by_hand!(|s| {
        let mut fields = s.serialize_struct("Payload", 1)?;
        fields.serialize_field("b", &1)?;
        fields.skip_field("a")?;
        fields.end()
    }) => r#"{"b":1}"#;
    containers_of_nothing: by_hand!(|s| (
        by_hand!(|s| s.serialize_seq(Some(0))?.end()),
        by_hand!(|s| s.serialize_tuple(0)?.end()),
        by_hand!(|s| s.serialize_tuple_struct("T", 0)?.end()),
        by_hand!(|s| s.serialize_tuple_variant("E", 0, "V", 0)?.end()),
        by_hand!(|s| s.serialize_map(Some(0))?.end()),
        by_hand!(|s| s.serialize_struct("S", 0)?.end()),
        by_hand!(|s| s.serialize_struct_variant("E", 0, "V", 0)?.end()),
    ).serialize(s)) => r#"[[],[],[],{"V":[]},{},{},{"V":{}}]"#;
}

#[test]
fn a_hash_map_has_one_form() {
    let map: HashMap<String, u32> = (0..100).map(|n| (format!("{n}é"), n)).collect();
    let sorted: BTreeMap<_, _> = map.iter().collect();
    assert_eq!(canonical(&map).unwrap(), canonical(&sorted).unwrap());
}

/// What is wrong, and where.
mod errors {
    use super::*;

    #[derive(Serialize)]
    struct Request<T> {
        #[serde(rename = "a/b~c")]
        options: Vec<BTreeMap<String, T>>,
    }

    /// The value within a request, at `/a~1b~0c/1/x`.
    fn within<T>(value: T) -> Request<T> {
        let options = vec![BTreeMap::new(), BTreeMap::from([("x".to_owned(), value)])];
        Request { options }
    }

    macro_rules! refused {
        ($($name:ident: $value:expr => $below:literal, $kind:ident;)*) => {$(
            #[test]
            fn $name() {
                let value = || $value;
                assert_eq!(pointer_and_kind(&value()), ($below.to_owned(), ErrorKind::$kind));
                let pointer = format!("/a~1b~0c/1/x{}", $below);
                assert_eq!(pointer_and_kind(&within(value())), (pointer, ErrorKind::$kind));
            }
        )*};
    }

    /// A map with one entry.
    struct Entry<K>(K);

    impl<K: Serialize> Serialize for Entry<K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, 1)])
        }
    }

    #[derive(Serialize)]
    enum Content {
        Newtype(f64),
        Tuple(u8, f64),
        Struct { a: u8, b: f64 },
    }

    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Text(&'static str),
        Struct {
            b: f64,
        },
        /// serde keeps what is within, until it has all of it.
        Variant(Content),
    }

    refused! {
        not_a_number: f64::NAN => "", NotFinite;
        infinity: f32::INFINITY => "", NotFinite;
        minus_infinity: [0.0, f64::NEG_INFINITY] => "/1", NotFinite;
        floats_in_options: Some(f64::NAN) => "", NotFinite;
        floats_in_newtype_variants: Content::Newtype(f64::NAN) => "/Newtype", NotFinite;
        floats_in_tuple_variants: Content::Tuple(1, f64::NAN) => "/Tuple/1", NotFinite;
        floats_in_struct_variants: Content::Struct { a: 1, b: f64::NAN } => "/Struct/b", NotFinite;
        fields_of_variants_of_one_name: by_hand!(|s| {
            let mut fields = s.serialize_struct_variant("E", 0, "V", 2)?;
            fields.serialize_field("a", &1)?;
            fields.serialize_field("a", &1)?;
            fields.end()
        }) => "/V/a", DuplicateMember;
        floats_in_tagged_variants: Tagged::Struct { b: f64::NAN } => "/b", NotFinite;
        floats_in_tuples_that_serde_keeps: Tagged::Variant(Content::Tuple(1, f64::NAN)) => "/Tuple/1", NotFinite;
        floats_in_structs_that_serde_keeps: Tagged::Variant(Content::Struct { a: 1, b: f64::NAN }) =>
            "/Struct/b", NotFinite;
        float_keys: Entry(1.5) => "", InvalidMemberName;
        small_float_keys: Entry(1.0_f32) => "", InvalidMemberName;
        keys_that_are_not_finite: Entry(f64::NAN) => "", NotFinite;
        sequence_keys: Entry([1, 2]) => "", InvalidMemberName;
        tuple_keys: Entry((1, 2)) => "", InvalidMemberName;
        byte_keys: Entry(serde_bytes::Bytes::new(b"a")) => "", InvalidMemberName;
        map_keys: Entry(Entry(1)) => "", InvalidMemberName;
        struct_keys: Entry(within(1)) => "", InvalidMemberName;
        unit_keys: Entry(()) => "", InvalidMemberName;
        unit_struct_keys: Entry(Unit) => "", InvalidMemberName;
        option_keys: Entry(Some("a")) => "", InvalidMemberName;
        absent_keys: Entry(None::<u8>) => "", InvalidMemberName;
        newtype_variant_keys: Entry(Variant::Newtype(1)) => "", InvalidMemberName;
        tuple_variant_keys: Entry(Variant::Tuple(1, 2)) => "", InvalidMemberName;
        struct_variant_keys: Entry(Variant::Struct { z: 1, a: 2 }) => "", InvalidMemberName;
        two_members_of_one_name: by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_entry(&1, "a number")?;
            map.serialize_entry("1", "a text")?;
            map.end()
        }) => "/1", DuplicateMember;
        two_fields_of_one_name: by_hand!(|s| {
            let mut fields = s.serialize_struct("Payload", 2)?;
            fields.serialize_field("é", &1)?;
            fields.serialize_field("é", &1)?;
            fields.end()
        }) => "/é", DuplicateMember;
        custom_errors: by_hand!(|_s| Err(S::Error::custom("out of stock"))) => "", Custom;
        custom_errors_in_a_member: by_hand!(|s| {
            s.collect_map([("a", by_hand!(|_s| Err(S::Error::custom("out of stock"))))])
        }) => "/a", Custom;
        custom_errors_in_a_key: by_hand!(|s| {
            s.collect_map([(by_hand!(|_s| Err(S::Error::custom("out of stock"))), 1)])
        }) => "", Custom;
        custom_errors_half_way: by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_entry("a", &1)?;
            Err(S::Error::custom("out of stock"))
        }) => "", Custom;
        text_merged_with_a_tag: Tagged::Text("a") => "", Custom;
        broken_display: by_hand!(|s| s.collect_str(&Broken)) => "", Display;
        broken_display_of_an_error: by_hand!(|_s| Err(S::Error::custom(Broken))) => "", Custom;
        broken_display_of_a_key: Entry(by_hand!(|s| s.collect_str(&Broken))) => "", Display;
        a_value_without_a_key: by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_value(&1)?;
            map.end()
        }) => "", Custom;
        a_second_value: by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_entry("a", &1)?;
            map.serialize_value(&1)?;
            map.end()
        }) => "", Custom;
    }

    /// A `Display` that fails.
    struct Broken;

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a part")?;
            Err(fmt::Error)
        }
    }

    #[cfg(unix)]
    #[test]
    fn paths_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt;

        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(&[0xff]));
        assert_eq!(
            pointer_and_kind(&[path]),
            ("/0".to_owned(), ErrorKind::Custom)
        );
    }

    /// The level of the map that is left open is not a place of its own.
    #[test]
    fn a_key_without_a_value() {
        let at_the_end = by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_key("a")?;
            map.end()
        });
        assert_eq!(pointer_and_kind(&at_the_end).1, ErrorKind::Custom);
        let twice = by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_key("a")?;
            map.serialize_key("b")?;
            map.serialize_value(&1)?;
            map.end()
        });
        assert_eq!(pointer_and_kind(&twice).1, ErrorKind::Custom);
    }

    /// Also where the key is excluded, so that nothing is written.
    #[test]
    fn a_key_without_a_value_that_is_excluded() {
        let value = by_hand!(|s| {
            let mut map = s.serialize_map(None)?;
            map.serialize_entry("b", &1)?;
            map.serialize_key("a")?;
            map.end()
        });
        let error = Identity::new().exclude(["a"]).key(&value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Custom);
    }

    #[test]
    fn an_error_that_is_swallowed_still_counts() {
        let value = by_hand!(|s| {
            let mut sequence = s.serialize_seq(None)?;
            let _ = sequence.serialize_element(&f64::NAN);
            let _ = sequence.serialize_element(&1);
            sequence.end()
        });
        assert_eq!(
            pointer_and_kind(&value),
            ("/0".to_owned(), ErrorKind::NotFinite)
        );
    }

    #[test]
    fn an_error_says_where_and_why() {
        let error = canonical(&within(by_hand!(|_s| Err(S::Error::custom(
            "out of stock"
        )))))
        .unwrap_err();
        assert_eq!(error.to_string(), "/a~1b~0c/1/x: out of stock");
    }
}

/// JSON text within a value.
mod raw_values {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    /// The text comes out as the payload, as a member through the derive, and as an element.
    fn assert_written(text: &str, expected: &str) {
        #[derive(Serialize, IdempotencyKey)]
        struct Payload(Box<RawValue>);

        assert_eq!(canonical(&raw(text)).unwrap(), expected);
        assert_eq!(Payload(raw(text)).canonical_bytes(), expected.as_bytes());
        assert_eq!(
            canonical(&[(); 1].map(|()| raw(text))).unwrap(),
            format!("[{expected}]")
        );
    }

    macro_rules! read_anew {
        ($($name:ident: $text:expr => $expected:expr;)*) => {$(
            #[test]
            fn $name() {
                assert_written($text, $expected);
            }
        )*};
    }

    read_anew! {
        whitespace_goes: " { \"b\" : [ 1 ,\n2 ] ,\t\"a\":\r{ } } " => r#"{"a":{},"b":[1,2]}"#;
        members_are_sorted: r#"{"b":{"z":1,"y":2},"a":0}"# => r#"{"a":0,"b":{"y":2,"z":1}}"#;
        escapes_are_resolved: r#"{"\u0061\/":"\u00e9\u001F\ud83d\ude00\"\\"}"# => "{\"a/\":\"é\\u001f\u{1f600}\\\"\\\\\"}";
        floats_are_shortest: "[1.0, 1E2, -0, -0.0, 100e-2, 1e21, 0.10000000000000000555]" => "[1,100,0,0,1,1e+21,0.1]";
        integers_keep_their_digits: "[9007199254740993,-340282366920938463463374607431768211456]" =>
            "[9007199254740993,-340282366920938463463374607431768211456]";
        scalars: "[null,true,false,\"\"]" => "[null,true,false,\"\"]";
        null_alone: "null" => "null";
        a_number_alone: " 1.50 " => "1.5";
    }

    #[test]
    fn the_text_is_read_as_serde_json_reads_it() {
        let text = r#"{"messages":[{"role":"user","content":"\u00dc\n"}],"n":1.5e3,"stop":null}"#;
        assert_written(text, &jcs::of_text(text));
    }

    #[test]
    fn what_is_ambiguous_or_no_number_is_refused() {
        let refused = |text| pointer_and_kind(&raw(text));
        let duplicate = |pointer: &str| (pointer.to_owned(), ErrorKind::DuplicateMember);
        assert_eq!(refused(r#"{"a":1,"a":1}"#), duplicate("/a"));
        assert_eq!(
            refused(r#"[0,{"x":{"a":1,"\u0061":1}}]"#),
            duplicate("/1/x/a")
        );
        let infinite = ("/0/a".to_owned(), ErrorKind::NotFinite);
        assert_eq!(refused(r#"[{"a":1e999}]"#), infinite);
        let imprecise = ("/0".to_owned(), ErrorKind::Imprecise);
        assert_eq!(refused("[12345678901234567.89]"), imprecise);
        assert_eq!(
            refused(r#"["\ud800"]"#),
            ("/0".to_owned(), ErrorKind::InvalidJson)
        );
        assert_eq!(
            refused(r#"{"\ud800":1}"#),
            (String::new(), ErrorKind::InvalidJson)
        );
    }

    #[test]
    fn the_text_nests_128_levels_at_most() {
        let nested = |levels: usize| raw(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels)));
        assert_eq!(canonical(&nested(128)).unwrap(), nested(128).get());
        let error = canonical(&nested(129)).unwrap_err();
        assert_eq!(error.pointer(), "/0".repeat(128));
        assert_eq!(error.kind(), ErrorKind::TooDeep);
        assert_eq!(canonical(&nested(100_000)).unwrap_err(), error);
        let objects = raw(&format!(
            "{}1{}",
            r#"{"a":"#.repeat(1_000),
            "}".repeat(1_000)
        ));
        assert_eq!(canonical(&objects).unwrap_err().pointer(), "/a".repeat(128));
    }

    #[test]
    fn exclusions_reach_into_the_text() {
        let identity = Identity::new().exclude(["/raw/*/id", "/raw/1"]);
        let payload = BTreeMap::from([("raw", raw(r#"[{"id":1,"a":2},3,{"id":4}]"#))]);
        assert_eq!(
            identity.canonical_bytes(&payload).unwrap(),
            br#"{"raw":[{"a":2},{}]}"#
        );
    }

    #[test]
    fn the_text_names_no_member() {
        let key = by_hand!(|s| s.collect_map([(raw("\"a\""), 1)]));
        assert_eq!(
            pointer_and_kind(&key),
            (String::new(), ErrorKind::InvalidMemberName)
        );
    }

    /// A variant whose content is JSON text, beside its tag: serde_json refuses it too.
    #[test]
    fn the_text_does_not_merge_with_a_tag() {
        #[derive(Serialize, IdempotencyKey)]
        #[serde(tag = "kind")]
        enum Tagged {
            #[serde(rename = "1")]
            Raw(Box<RawValue>),
        }

        let tagged = Tagged::Raw(raw(r#"{"a":1}"#));
        assert!(serde_json::to_string(&tagged).is_err());
        assert_eq!(pointer_and_kind(&tagged).1, ErrorKind::Custom);
        assert_eq!(
            tagged.try_idempotency_key().unwrap_err().kind(),
            ErrorKind::NotMergeable
        );
    }
}

/// Numbers as serde_json's feature `arbitrary_precision` gives them, here by hand.
mod numbers_as_text {
    use super::*;

    struct Number(&'static str);

    impl Serialize for Number {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let name = "$serde_json::private::Number";
            let mut number = serializer.serialize_struct(name, 1)?;
            number.serialize_field(name, self.0)?;
            number.end()
        }
    }

    #[test]
    fn integers_keep_their_digits_and_others_are_doubles() {
        let numbers = [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("-1", "-1"),
            ("9007199254740993", "9007199254740993"),
            (
                "123456789012345678901234567890123456789012345678901234567890",
                "123456789012345678901234567890123456789012345678901234567890",
            ),
            ("1.0", "1"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1.5e-7", "1.5e-7"),
            ("0.1000", "0.1"),
            ("0e-999", "0"),
        ];
        for (text, expected) in numbers {
            assert_eq!(canonical(&Number(text)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_number_is_refused() {
        for text in ["1e-999", "0.1000000000000000000001"] {
            assert_eq!(
                pointer_and_kind(&[Number(text)]),
                ("/0".to_owned(), ErrorKind::Imprecise)
            );
        }
        for text in ["1e999", "-1e400"] {
            assert_eq!(
                pointer_and_kind(&[Number(text)]),
                ("/0".to_owned(), ErrorKind::NotFinite)
            );
        }
        let no_numbers = [
            "", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "NaN", "inf", "infinity", "1_0",
            "0x1", " 1", "1 ", "1.5.5", "1e5e5", "--1", "١",
        ];
        for text in no_numbers {
            assert_eq!(
                pointer_and_kind(&[Number(text)]),
                ("/0".to_owned(), ErrorKind::Custom),
                "{text}"
            );
        }
    }

    #[test]
    fn only_integers_name_a_member() {
        let by = |text| canonical(&keyed(Number(text)));
        assert_eq!(by("12").unwrap(), r#"{"12":1}"#);
        assert_eq!(by("1.5").unwrap_err().kind(), ErrorKind::InvalidMemberName);
    }

    fn keyed(key: Number) -> impl Serialize {
        struct Map(Number);

        impl Serialize for Map {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([(&self.0, 1)])
            }
        }

        Map(key)
    }

    #[test]
    fn another_member_beside_the_text_is_refused() {
        let beside = by_hand!(|s| {
            let name = "$serde_json::private::Number";
            let mut number = s.serialize_struct(name, 2)?;
            number.serialize_field("kind", "1")?;
            number.serialize_field(name, "1")?;
            number.end()
        });
        assert_eq!(
            pointer_and_kind(&beside),
            (String::new(), ErrorKind::Custom)
        );
        let twice = by_hand!(|s| {
            let name = "$serde_json::private::Number";
            let mut number = s.serialize_struct(name, 2)?;
            number.serialize_field(name, "1")?;
            number.serialize_field(name, "1")?;
            number.end()
        });
        assert!(canonical(&twice).is_err());
    }

    #[test]
    fn an_absent_text_is_refused_whatever_stands_beside_it() {
        struct Beside<'a, T> {
            before: bool,
            absent: &'a T,
            after: bool,
        }

        impl<T: Serialize> Canonical for Beside<'_, T> {
            fn encode(&self, out: &mut Encoder<'_>) {
                if self.before {
                    1.encode(out);
                }
                agentidemp::by_serialize::encode(self.absent, out);
                if self.after {
                    1.encode(out);
                }
            }
        }

        impl<T: Serialize> IdempotencyKey for Beside<'_, T> {}

        fn kind<T: Serialize>(before: bool, absent: &T, after: bool) -> ErrorKind {
            let beside = Beside {
                before,
                absent,
                after,
            };
            beside.try_canonical_bytes().unwrap_err().kind()
        }

        let number = by_hand!(|s| s.serialize_struct("$serde_json::private::Number", 0)?.end());
        let raw = by_hand!(|s| s
            .serialize_struct("$serde_json::private::RawValue", 0)?
            .end());
        for (before, after) in [(false, false), (false, true), (true, false)] {
            assert_eq!(kind(before, &number, after), ErrorKind::Custom);
            assert_eq!(kind(before, &raw, after), ErrorKind::Custom);
        }
    }
}

/// `agentidemp::by_serialize` in hand-written and derived implementations.
mod within_other_requests {
    use super::*;

    struct ByHand(Variant);

    impl Canonical for ByHand {
        fn encode(&self, out: &mut Encoder<'_>) {
            agentidemp::by_serialize::encode(&self.0, out);
        }
    }

    #[derive(IdempotencyKey)]
    struct Payload<T: Serialize> {
        by_hand: ByHand,
        #[idem(serde)]
        by_attribute: T,
        #[idem(serde)]
        #[serde(flatten)]
        flattened: Option<BTreeMap<u8, u8>>,
    }

    fn payload<T: Serialize>(by_attribute: T) -> Payload<T> {
        Payload {
            by_hand: ByHand(Variant::Tuple(1, 2)),
            by_attribute,
            flattened: Some(BTreeMap::from([(7, 8)])),
        }
    }

    #[test]
    fn the_bytes_are_those_of_serialize() {
        let expected =
            r#"{"7":8,"by_attribute":{"Struct":{"a":2,"z":1}},"by_hand":{"Tuple":[1,2]}}"#;
        let payload = payload(Variant::Struct { z: 1, a: 2 });
        assert_eq!(payload.canonical_bytes(), expected.as_bytes());
    }

    #[test]
    fn errors_have_their_place() {
        let error = payload([1.0, f64::NAN]).try_idempotency_key().unwrap_err();
        assert_eq!(error.pointer(), "/by_attribute/1");
    }
}

/// However much of the value would still come.
mod a_refusal_ends_the_serialization {
    use std::cell::Cell;

    use super::*;

    /// A value in a part of each kind, and whether what serializes it is told to go on.
    struct Parts<'a> {
        kind: Kind,
        value: f64,
        goes_on: &'a Cell<bool>,
    }

    #[derive(Clone, Copy)]
    enum Kind {
        Seq,
        Tuple,
        TupleStruct,
        TupleVariant,
        Map,
        Struct,
        StructVariant,
    }

    impl Serialize for Parts<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            macro_rules! parts {
                ($open:expr, $part:ident $arguments:tt) => {{
                    let mut parts = $open?;
                    parts.$part $arguments?;
                    self.goes_on.set(true);
                    parts.end()
                }};
            }

            let value = &self.value;
            match self.kind {
                Kind::Seq => parts!(serializer.serialize_seq(None), serialize_element(value)),
                Kind::Tuple => parts!(serializer.serialize_tuple(1), serialize_element(value)),
                Kind::TupleStruct => {
                    parts!(
                        serializer.serialize_tuple_struct("T", 1),
                        serialize_field(value)
                    )
                }
                Kind::TupleVariant => parts!(
                    serializer.serialize_tuple_variant("E", 0, "V", 1),
                    serialize_field(value)
                ),
                Kind::Map => parts!(serializer.serialize_map(None), serialize_entry("a", value)),
                Kind::Struct => {
                    parts!(
                        serializer.serialize_struct("T", 1),
                        serialize_field("a", value)
                    )
                }
                Kind::StructVariant => parts!(
                    serializer.serialize_struct_variant("E", 0, "V", 1),
                    serialize_field("a", value)
                ),
            }
        }
    }

    #[test]
    fn in_each_kind_of_value() {
        for kind in [
            Kind::Seq,
            Kind::Tuple,
            Kind::TupleStruct,
            Kind::TupleVariant,
            Kind::Map,
            Kind::Struct,
            Kind::StructVariant,
        ] {
            for (value, is_written) in [(0.5, true), (f64::NAN, false)] {
                let goes_on = &Cell::new(false);
                let parts = Parts {
                    kind,
                    value,
                    goes_on,
                };
                assert_eq!(Identity::new().key(&parts).is_ok(), is_written);
                assert_eq!(goes_on.get(), is_written);
            }
        }
    }
}

/// serde_json by itself reads some floats as their neighbours. JSON text that is read here is exact.
#[test]
fn json_text_is_read_to_the_nearest_double() {
    let raw = RawValue::from_string("[333333333.33333331,1.7976931348623157e+308]".to_owned());
    assert_eq!(
        canonical(&raw.unwrap()).unwrap(),
        "[333333333.3333333,1.7976931348623157e+308]"
    );
}

/// The golden file of `json_values.rs` against another implementation of RFC 8785, which reads all
/// numbers as doubles.
#[test]
fn the_golden_json_values_are_jcs() {
    let golden = include_str!("../data/json_values.tsv");
    let mut compared = 0;
    for line in golden.lines() {
        let columns: Vec<_> = line.split('\t').collect();
        let integer = columns[0].trim_start_matches('-');
        let is_exact = integer.len() > 15 && integer.bytes().all(|byte| byte.is_ascii_digit());
        if columns[1] != "error" && (columns.len() == 3 || !is_exact) {
            assert_eq!(jcs::of_text(columns[0]), columns[1]);
            compared += 1;
        }
    }
    assert!(compared > 30);
}
