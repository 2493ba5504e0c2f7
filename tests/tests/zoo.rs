//! The law: the payload of a type is the JCS of what serde_json writes for it, and the same bytes
//! come from its `Serialize` alone. Where serde_json has no text, there is no key.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::marker::PhantomData;

use agentidemp::{ErrorKind, IdempotencyKey, Identity};
use agentidemp_tests::jcs;
use agentidemp_tests::zoo::{
    conversions, flattening, generics, keys, leaves, names, skips, tagging,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde_json::value::RawValue;

/// The payload by the derive, by `Serialize` alone, by serde_json and JCS, and from the body alone.
type Forms = [Option<String>; 4];

fn forms<T: Serialize + IdempotencyKey>(value: &T) -> Forms {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    [
        value.try_canonical_bytes().ok().map(text),
        Identity::new().canonical_bytes(value).ok().map(text),
        jcs::of_wire(value),
        of_body(value).map(text),
    ]
}

/// The payload from what serde_json sends, if it sends anything.
fn of_body<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    let body = serde_json::to_vec(value).ok()?;
    Identity::new().canonical_bytes_of_json(&body).ok()
}

fn assert_law<T: Serialize + IdempotencyKey>(value: &T) {
    let [derived, serialized, expected, of_body] = forms(value);
    assert_eq!(derived, expected, "the derive");
    assert_eq!(serialized, expected, "`Serialize`");
    if expected.is_some() {
        assert_eq!(of_body, expected, "the body");
    }
    let key = value.try_idempotency_key().ok();
    assert_eq!(key, Identity::new().key(value).ok());
    assert_eq!(
        key,
        expected.map(|text| agentidemp::sha256_hex(text.as_bytes()))
    );
}

fn assert_law_for_any<T: Arbitrary + Serialize + IdempotencyKey>() {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(256)
    });
    let result = runner.run(&any::<T>(), |value| {
        let [derived, serialized, expected, of_body] = forms(&value);
        prop_assert_eq!(derived, expected.clone(), "the derive");
        prop_assert_eq!(serialized, expected.clone(), "`Serialize`");
        // Where there is no key, serde_json can have written something else, such as `null` for a NaN.
        if expected.is_some() {
            prop_assert_eq!(of_body, expected, "the body");
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

macro_rules! laws {
    ($($name:ident: $($ty:ty),+;)*) => {$(
        #[test]
        fn $name() {
            $(assert_law_for_any::<$ty>();)+
        }
    )*};
}

laws! {
    renamed_members: names::Renamed, names::RenamedForReaders;
    attributes_that_do_not_touch_serialization:
        names::ReadersAttributes, names::ReadersAttributesOfVariants;
    rename_all_lowercase: names::lower::Fields, names::lower::Variants, names::lower::VariantsAsWritten;
    rename_all_uppercase: names::upper::Fields, names::upper::Variants, names::upper::VariantsAsWritten;
    rename_all_pascal_case: names::pascal::Fields, names::pascal::Variants, names::pascal::VariantsAsWritten;
    rename_all_camel_case: names::camel::Fields, names::camel::Variants, names::camel::VariantsAsWritten;
    rename_all_snake_case: names::snake::Fields, names::snake::Variants, names::snake::VariantsAsWritten;
    rename_all_screaming_snake_case:
        names::screaming_snake::Fields, names::screaming_snake::Variants, names::screaming_snake::VariantsAsWritten;
    rename_all_kebab_case: names::kebab::Fields, names::kebab::Variants, names::kebab::VariantsAsWritten;
    rename_all_screaming_kebab_case:
        names::screaming_kebab::Fields, names::screaming_kebab::Variants, names::screaming_kebab::VariantsAsWritten;
    rename_all_of_an_enum_is_for_its_variants: names::FieldsKeepTheirNames;

    skipped_members: skips::Named, skips::Sometimes, skips::Flattened;
    skipped_elements: skips::Tuple, skips::TupleOfOne;
    a_newtype_is_written_even_if_skipped: skips::Newtype, skips::NewtypeSkipSerializing, skips::NewtypeSkipIf;
    skips_in_variants: skips::External, skips::Internal, skips::Adjacent, skips::Untagged,
        skips::NameOfHidden;

    two_fields_of_one_name: skips::EitherOr, skips::Both;

    flattened_structs: flattening::Struct, flattening::Alone, flattening::Optional, flattening::Nested;
    flattened_maps: flattening::OfMaps, flattening::OfObject, flattening::OfJson;
    flattened_nothing: flattening::OfNothing, flattening::OnlyNothing;
    flattened_newtypes: flattening::OfNewtypes;
    flattened_enums:
        flattening::OfExternal, flattening::OfInternal, flattening::OfAdjacent, flattening::OfUntagged,
        flattening::OfNestedEnums;
    flattened_integers_of_128_bits: flattening::Wide, flattening::OfWide, flattening::TaggedWide,
        flattening::OfTaggedWide, flattening::OfSerializedWide;
    flattened_by_a_function: flattening::WithFunction;
    flattened_tagged_structs: flattening::TaggedStruct, flattening::OfTaggedStruct;
    flattened_in_variants:
        flattening::InExternal, flattening::InInternal, flattening::InAdjacent, flattening::InUntagged;
    what_is_no_object_cannot_be_flattened:
        flattening::OfText, flattening::OfSequence, flattening::OfOptionalNumber;

    external_tags: tagging::External;
    internal_tags: tagging::Internal;
    adjacent_tags: tagging::Adjacent, tagging::AdjacentTagFirst;
    no_tags: tagging::Untagged;
    content_that_cannot_be_merged_with_a_tag: tagging::NotMergeable;
    a_tag_within_a_tag_of_one_name: tagging::TagTwice;
    single_untagged_variants: tagging::PartlyExternal, tagging::PartlyInternal, tagging::PartlyAdjacent;
    variants_of_one_name: tagging::OneNameExternal, tagging::OneNameInternal, tagging::OneNameAdjacent;
    functions_of_variants:
        tagging::FunctionsExternal, tagging::FunctionsInternal, tagging::FunctionsAdjacent,
        tagging::FunctionsUntagged;
    tagged_structs: tagging::TaggedStruct, tagging::TaggedEmpty, tagging::OfTaggedStructs;
    structs_of_nothing: tagging::Unit, tagging::Empty, tagging::EmptyTuple;

    functions_of_fields: conversions::Functions, conversions::Newtype, conversions::Tuple;
    functions_that_fail: conversions::Fallible;
    converted_types: conversions::IntoText, conversions::IntoStruct, conversions::OfInto;
    transparent_structs:
        conversions::Transparent, conversions::TransparentTuple, conversions::TransparentWith;
    packed_structs: conversions::Packed;
    bounds_of_functions: conversions::Bounded<u8>;

    keys_of_text: keys::By<String>, keys::By<leaves::Text>, keys::By<keys::Newtype>, keys::By<char>;
    keys_of_numbers_and_bools:
        keys::By<u8>, keys::By<i64>, keys::By<u128>, keys::By<i128>, keys::By<bool>, keys::By<keys::Transparent>;
    keys_of_unit_variants: keys::By<keys::Unit>, keys::By<keys::NewtypeOfUnit>;
    keys_by_a_function: keys::By<keys::WithFunction>;
    keys_of_several_kinds: keys::By<keys::NumberOrText>;
    keys_that_name_nothing:
        keys::By<keys::Mixed>, keys::By<keys::Pair>, keys::By<keys::Struct>, keys::By<keys::Adjacent>, keys::By<()>;
    maps_within_maps: keys::Nested;

    parameters: generics::Parameter<leaves::Text>, generics::Parameter<Option<u8>, tagging::Internal>;
    parameters_of_enums: generics::Either<leaves::Json, tagging::Adjacent>;
    recursive_types: generics::Tree;
    standard_types: generics::Standard;
    any_json: leaves::Json;
}

#[test]
fn unwritten_parameters_need_no_bounds() {
    struct Neither;
    assert_law(&generics::Unbounded {
        id: 1,
        skipped: Some(Neither),
        marker: PhantomData,
    });
}

#[test]
fn associated_types() {
    assert_law(&generics::Associated::<std::vec::IntoIter<leaves::Text>> {
        item: Some("é".into()),
    });
}

#[test]
fn borrowed_content() {
    let owned = String::from("b");
    let elements = [Cow::Borrowed("a"), Cow::Owned(owned.clone())];
    type Borrowed<'a> = generics::Borrowed<'a, 'a, [u8]>;
    assert_law(&Borrowed::Text {
        text: &owned,
        other: "a".into(),
    });
    assert_law(&Borrowed::Reference { value: &[1, 2] });
    assert_law(&Borrowed::Slice {
        elements: &elements,
    });
    assert_law(&generics::Counted::<3> {
        elements: ["c", "b", "a"],
        marker: PhantomData,
    });
}

#[test]
fn borrowing_readers() {
    assert_law(&names::Borrowing {
        text: "a".into(),
        slice: &[1],
    });
}

#[derive(Serialize, IdempotencyKey)]
#[serde(rename_all = "UPPERCASE")]
struct Wide {
    unsigned: u128,
    signed: i128,
    word: u64,
    by_number: BTreeMap<i128, u64>,
}

/// The oracle reads numbers as doubles, but serde_json writes all digits.
#[test]
fn wide_integers_keep_their_digits() {
    let wide = Wide {
        unsigned: u128::MAX,
        signed: i128::MIN,
        word: (1 << 53) + 1,
        by_number: BTreeMap::from([(i128::MAX, u64::MAX)]),
    };
    let expected = "{\"BY_NUMBER\":{\"170141183460469231731687303715884105727\":18446744073709551615},\
        \"SIGNED\":-170141183460469231731687303715884105728,\
        \"UNSIGNED\":340282366920938463463374607431768211455,\
        \"WORD\":9007199254740993}";
    assert_eq!(wide.canonical_bytes(), expected.as_bytes());
    assert_eq!(
        Identity::new().canonical_bytes(&wide).unwrap(),
        expected.as_bytes()
    );
    let wire = serde_json::to_string(&wide).unwrap();
    for number in [
        wide.unsigned.to_string(),
        wide.signed.to_string(),
        wide.word.to_string(),
    ] {
        assert!(wire.contains(&number) && expected.contains(&number));
    }
}

/// serde_json writes these, in ways that changed within its versions or that are ambiguous.
#[test]
fn what_has_a_text_but_no_key() {
    #[derive(Serialize, IdempotencyKey)]
    struct Payload<T>(T);

    fn assert_refused<T: Serialize + agentidemp::Canonical>(value: T, kind: ErrorKind) {
        let payload = Payload(value);
        assert!(serde_json::to_string(&payload).is_ok());
        assert_eq!(payload.try_canonical_bytes().unwrap_err().kind(), kind);
        assert_eq!(Identity::new().key(&payload).unwrap_err().kind(), kind);
    }

    assert_refused(f64::NAN, ErrorKind::NotFinite);
    assert_refused(f32::NEG_INFINITY, ErrorKind::NotFinite);
    assert_refused(BTreeMap::from([(Some(1), 1)]), ErrorKind::InvalidMemberName);
    assert_refused(
        BTreeMap::from([(OrderedFloat(1), 1)]),
        ErrorKind::InvalidMemberName,
    );
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IdempotencyKey)]
#[serde(into = "f64")]
struct OrderedFloat(i32);

impl From<OrderedFloat> for f64 {
    fn from(OrderedFloat(number): OrderedFloat) -> Self {
        number.into()
    }
}

/// To serde a set is a sequence. The derive knows better, and sorts it by its canonical bytes.
#[test]
fn a_set_has_one_order_only_for_the_derive() {
    #[derive(Serialize, IdempotencyKey)]
    struct Payload<S>(S);

    let numbers = [10, 2, 1];
    let tree = Payload(BTreeSet::from(numbers));
    let hash = Payload(HashSet::from(numbers));
    assert_eq!(tree.canonical_bytes(), b"[1,10,2]");
    assert_eq!(hash.canonical_bytes(), b"[1,10,2]");
    assert_eq!(Identity::new().canonical_bytes(&tree).unwrap(), b"[1,2,10]");
}

/// serde keeps the fields of such a variant aside for a while, in a type without 128-bit integers.
#[test]
fn integers_of_128_bits_have_no_key_where_serde_has_no_room_for_them() {
    #[derive(Serialize, IdempotencyKey)]
    struct Payload {
        #[serde(flatten)]
        variant: Variant,
        wide: u128,
    }

    #[derive(Serialize, IdempotencyKey)]
    struct Payloads(Vec<Payload>);

    #[derive(Serialize, IdempotencyKey)]
    enum Variant {
        Tuple(u128, u8),
        Array(Vec<u128>, u8),
        Struct { narrow: u64 },
    }

    for (variant, pointer, text) in [
        (Variant::Tuple(1, 2), "/Tuple/0", r#"{"Tuple":[1,2]}"#),
        (
            Variant::Array(vec![1], 2),
            "/Array/0/0",
            r#"{"Array":[[1],2]}"#,
        ),
    ] {
        let payload = Payload { variant, wide: 3 };
        assert!(serde_json::to_string(&payload).is_err());
        assert!(Identity::new().key(&payload).is_err());
        let error = payload.try_canonical_bytes().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotMergeable);
        assert_eq!(error.pointer(), pointer);
        assert_eq!(payload.variant.canonical_bytes(), text.as_bytes());
    }

    let payload = || Payload {
        variant: Variant::Struct { narrow: 1 },
        wide: u128::MAX,
    };
    let text = r#"{"Struct":{"narrow":1},"wide":340282366920938463463374607431768211455}"#;
    assert_eq!(serde_json::to_string(&payload()).unwrap(), text);
    let payloads = Payloads(vec![payload(), payload()]);
    let text = format!("[{text},{text}]").into_bytes();
    assert_eq!(Identity::new().canonical_bytes(&payloads).unwrap(), text);
    assert_eq!(payloads.canonical_bytes(), text);
}

#[test]
fn an_option_has_no_key_where_serde_takes_none() {
    #[derive(Serialize, IdempotencyKey)]
    struct Nested(Option<Tagged>);

    #[derive(Serialize, IdempotencyKey)]
    #[serde(tag = "type")]
    enum Tagged {
        Charge(Option<Charge>),
        Refund(Charge),
    }

    #[derive(Serialize, IdempotencyKey)]
    struct Charge {
        amount: u64,
    }

    for content in [None, Some(Charge { amount: 1 })] {
        let payload = Tagged::Charge(content);
        assert!(serde_json::to_string(&payload).is_err());
        assert!(Identity::new().key(&payload).is_err());
        let error = payload.try_canonical_bytes().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotMergeable);
        let error = Nested(Some(payload)).try_canonical_bytes().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotMergeable);
    }
    let payload = Tagged::Refund(Charge { amount: 1 });
    assert_eq!(
        payload.canonical_bytes(),
        br#"{"amount":1,"type":"Refund"}"#
    );
}

/// Where both speak.
#[test]
fn idem_wins_over_serde() {
    fn is_zero(number: &u8) -> bool {
        *number == 0
    }

    fn is_one(number: &u8) -> bool {
        *number == 1
    }

    fn as_text<S: serde::Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    fn negated(number: &u8) -> i16 {
        -i16::from(*number)
    }

    #[derive(Serialize, IdempotencyKey)]
    #[serde(rename_all = "UPPERCASE")]
    struct Payload {
        #[idem(rename = "by_idem")]
        #[serde(rename = "by_serde")]
        renamed: u8,
        #[idem(skip_if = is_one)]
        #[serde(skip_serializing_if = "is_zero")]
        zero: u8,
        #[idem(skip_if = is_one)]
        #[serde(skip_serializing_if = "is_zero")]
        one: u8,
        #[idem(with = negated)]
        #[serde(serialize_with = "as_text")]
        function: u8,
        #[idem(skip)]
        left_out: u8,
        variant: Variant,
    }

    #[derive(Serialize, IdempotencyKey)]
    enum Variant {
        #[idem(rename = "by_idem")]
        #[serde(rename = "by_serde")]
        Renamed,
    }

    let payload = Payload {
        renamed: 5,
        zero: 0,
        one: 1,
        function: 7,
        left_out: 9,
        variant: Variant::Renamed,
    };
    let expected = r#"{"FUNCTION":-7,"VARIANT":"by_idem","ZERO":0,"by_idem":5}"#;
    assert_eq!(payload.canonical_bytes(), expected.as_bytes());
}

/// serde_json writes the private name of a flattened `RawValue`, which nobody means.
#[test]
fn a_flattened_raw_value_is_refused() {
    #[derive(Serialize, IdempotencyKey)]
    struct Payload {
        #[serde(flatten)]
        raw: Box<RawValue>,
    }

    let raw = RawValue::from_string(r#"{"a":1}"#.to_owned()).unwrap();
    let error = Payload { raw }.try_canonical_bytes().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotMergeable);
}

/// The place of an error, by the derive and by `Serialize` alone.
mod places {
    use super::*;

    #[derive(Serialize, IdempotencyKey)]
    struct Inner {
        #[serde(rename = "a/~")]
        number: f64,
    }

    const INNER: Inner = Inner { number: f64::NAN };

    macro_rules! enums {
        ($($name:ident: [$($tagging:meta),*] { $($tuple:tt)* })*) => {$(
            #[derive(Serialize, IdempotencyKey)]
            $(#[$tagging])*
            enum $name {
                Newtype(Inner),
                Struct { inner: Inner },
                Flattened {
                    #[serde(flatten)]
                    inner: Inner,
                },
                $($tuple)*
            }
        )*};
    }

    enums! {
        External: [] { Tuple(u8, Inner) }
        Internal: [serde(tag = "t")] {}
        Adjacent: [serde(tag = "t", content = "c")] { Tuple(u8, Inner) }
        Untagged: [serde(untagged)] { Tuple(u8, Inner) }
    }

    #[derive(Serialize, IdempotencyKey)]
    struct Flattening<T> {
        #[serde(flatten)]
        inner: T,
    }

    fn assert_place<T: Serialize + agentidemp::Canonical>(value: T, expected: &str) {
        #[derive(Serialize, IdempotencyKey)]
        struct Payload<T> {
            list: [T; 1],
        }

        let payload = Payload { list: [value] };
        let expected = format!("/list/0{expected}");
        assert_eq!(
            payload.try_idempotency_key().unwrap_err().pointer(),
            expected
        );
        assert_eq!(
            Identity::new().key(&payload).unwrap_err().pointer(),
            expected
        );
    }

    #[test]
    fn errors_in_variants_have_their_place() {
        assert_place(External::Newtype(INNER), "/Newtype/a~1~0");
        assert_place(External::Struct { inner: INNER }, "/Struct/inner/a~1~0");
        assert_place(External::Flattened { inner: INNER }, "/Flattened/a~1~0");
        assert_place(External::Tuple(1, INNER), "/Tuple/1/a~1~0");
        assert_place(Internal::Newtype(INNER), "/a~1~0");
        assert_place(Internal::Struct { inner: INNER }, "/inner/a~1~0");
        assert_place(Internal::Flattened { inner: INNER }, "/a~1~0");
        assert_place(Adjacent::Newtype(INNER), "/c/a~1~0");
        assert_place(Adjacent::Struct { inner: INNER }, "/c/inner/a~1~0");
        assert_place(Adjacent::Flattened { inner: INNER }, "/c/a~1~0");
        assert_place(Adjacent::Tuple(1, INNER), "/c/1/a~1~0");
        assert_place(Untagged::Newtype(INNER), "/a~1~0");
        assert_place(Untagged::Struct { inner: INNER }, "/inner/a~1~0");
        assert_place(Untagged::Flattened { inner: INNER }, "/a~1~0");
        assert_place(Untagged::Tuple(1, INNER), "/1/a~1~0");
    }

    #[test]
    fn errors_in_flattened_values_have_their_place() {
        assert_place(Flattening { inner: INNER }, "/a~1~0");
        assert_place(
            Flattening {
                inner: Some(Flattening { inner: INNER }),
            },
            "/a~1~0",
        );
        assert_place(
            Flattening {
                inner: BTreeMap::from([(1, INNER)]),
            },
            "/1/a~1~0",
        );
        assert_place(
            Flattening {
                inner: External::Struct { inner: INNER },
            },
            "/Struct/inner/a~1~0",
        );
        assert_place(
            Flattening {
                inner: External::Tuple(1, INNER),
            },
            "/Tuple/1/a~1~0",
        );
        assert_place(
            Flattening {
                inner: Internal::Newtype(INNER),
            },
            "/a~1~0",
        );
        assert_place(
            Flattening {
                inner: Adjacent::Tuple(1, INNER),
            },
            "/c/1/a~1~0",
        );
    }
}
