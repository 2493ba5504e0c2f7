//! The canonical form of each type, row by row. The texts are written by hand from the rules.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI128, NonZeroIsize, NonZeroU16, NonZeroU64, NonZeroU128, Saturating, Wrapping,
};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use agentidemp::{Canonical, IdempotencyKey, Identity, Uuid, sha256_hex};
use agentidemp_tests::jcs::jcs_of_wire;
use agentidemp_tests::payload::{assert_canonical, canonical};
use serde::Serialize;

/// Says what the canonical form of a value is, and that it is the JCS of what serde_json writes,
/// also where the value is taken as any `Serialize`.
#[track_caller]
fn assert_wire(value: impl Canonical + Serialize, text: &str) {
    assert_eq!(jcs_of_wire(&value), text);
    let serialized = Identity::new().canonical_bytes(&value).unwrap();
    assert_eq!(String::from_utf8(serialized).unwrap(), text);
    assert_canonical(value, text);
}

/// Tests with rows of a value and its canonical form: `=>` where it is what serde_json writes, `==`
/// where the design says more than RFC 8785 or serde does.
macro_rules! canonical_form {
    ($($(#[$attribute:meta])* $test:ident { $($value:expr, $relation:tt $text:expr;)* })*) => {$(
        $(#[$attribute])*
        #[test]
        fn $test() {
            $(row!($value, $relation $text);)*
        }
    )*};
}

macro_rules! row {
    ($value:expr, => $text:expr) => {
        assert_wire($value, $text)
    };
    ($value:expr, == $text:expr) => {
        assert_canonical($value, $text)
    };
}

#[derive(IdempotencyKey, Serialize)]
struct Unit;

#[derive(IdempotencyKey, Serialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Newtype<T>(T);

#[derive(IdempotencyKey, Serialize)]
struct Tuple(u8, &'static str);

#[derive(IdempotencyKey, Serialize)]
struct Named {
    zulu: u8,
    alpha: Option<&'static str>,
}

#[derive(IdempotencyKey, Serialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Shape {
    Empty,
    Circle(u8),
    Segment(u8, u8),
    Square { width: u8, color: &'static str },
    Wrapped(Option<u8>),
}

canonical_form! {
    integers_are_their_exact_digits {
        0_u8, => "0";
        u8::MAX, => "255";
        i8::MIN, => "-128";
        u16::MAX, => "65535";
        i16::MIN, => "-32768";
        u32::MAX, => "4294967295";
        i32::MIN, => "-2147483648";
        9_007_199_254_740_991_u64, => "9007199254740991";
        -9_007_199_254_740_991_i64, => "-9007199254740991";
        9_007_199_254_740_993_u64, == "9007199254740993";
        -9_007_199_254_740_993_i64, == "-9007199254740993";
        u64::MAX, == "18446744073709551615";
        i64::MIN, == "-9223372036854775808";
        u128::MAX, == "340282366920938463463374607431768211455";
        i128::MAX, == "170141183460469231731687303715884105727";
        i128::MIN, == "-170141183460469231731687303715884105728";
        7_usize, => "7";
        -7_isize, => "-7";
    }

    floats_are_shortest {
        0.0_f64, => "0";
        -0.0_f64, => "0";
        -0.0_f32, => "0";
        1.0_f64, => "1";
        1.0_f32, => "1";
        0.1_f64, => "0.1";
        0.1_f32, => "0.1";
        f64::from(0.1_f32), => "0.10000000149011612";
        1e21_f64, => "1e+21";
        1e-7_f64, => "1e-7";
        f64::MAX, => "1.7976931348623157e+308";
        f32::MAX, => "3.4028235e+38";
        f32::MIN_POSITIVE, => "1.1754944e-38";
        5_699_815_695_124_825.0 / 4.0, => "1424953923781206.2";
    }

    booleans {
        true, => "true";
        false, => "false";
    }

    nothing_is_null {
        (), => "null";
        None::<u8>, => "null";
        Unit, => "null";
        PhantomData::<str>, => "null";
        PhantomData::<u8>, => "null";
    }

    options_are_their_content {
        Some(1_u8), => "1";
        Some("a"), => r#""a""#;
        Some(None::<u8>), => "null";
        Some(Some(1_u8)), => "1";
        None::<Option<u8>>, => "null";
        Some(()), => "null";
        [Some(1_u8), None], => "[1,null]";
    }

    strings_are_quoted {
        "", => r#""""#;
        "eur", => r#""eur""#;
        String::from("eur"), => r#""eur""#;
        'e', => r#""e""#;
        '"', => r#""\"""#;
        '\u{1f600}', => "\"\u{1f600}\"";
        format_args!("{}-{}", 1, "a\nb"), => r#""1-a\nb""#;
    }

    quotes_and_backslashes_are_escaped_and_slashes_are_not {
        r#"say "hi""#, => r#""say \"hi\"""#;
        r"C:\temp", => r#""C:\\temp""#;
        "a/b", => r#""a/b""#;
        r#"\""#, => r#""\\\"""#;
    }

    each_of_the_32_control_characters_has_its_escape {
        "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}", => r#""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007""#;
        "\u{8}\u{9}\u{a}\u{b}\u{c}\u{d}\u{e}\u{f}", => r#""\b\t\n\u000b\f\r\u000e\u000f""#;
        "\u{10}\u{11}\u{12}\u{13}\u{14}\u{15}\u{16}\u{17}", => r#""\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017""#;
        "\u{18}\u{19}\u{1a}\u{1b}\u{1c}\u{1d}\u{1e}\u{1f}", => r#""\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#;
    }

    all_other_characters_are_raw_utf8 {
        " ~", => "\" ~\"";
        "\u{7f}\u{80}\u{9f}\u{a0}", => "\"\u{7f}\u{80}\u{9f}\u{a0}\"";
        "\u{2028}\u{2029}\u{feff}\u{fffd}", => "\"\u{2028}\u{2029}\u{feff}\u{fffd}\"";
        "\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}", => "\"\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\"";
    }

    /// é as one character and as e with a combining accent, and ﬁ with its compatibility form.
    strings_are_not_normalized {
        "\u{e9}", => "\"\u{e9}\"";
        "e\u{301}", => "\"e\u{301}\"";
        "\u{fb01}", => "\"\u{fb01}\"";
        "\u{212b}", => "\"\u{212b}\"";
    }

    sequences_are_arrays {
        Vec::<u8>::new(), => "[]";
        vec![1_u8, 2], => "[1,2]";
        [2_u8, 1], => "[2,1]";
        [0_u8; 0], => "[]";
        [1_u8; 40], == "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";
        &[1_u8, 2][..], => "[1,2]";
        VecDeque::from([1_u8, 2]), => "[1,2]";
        LinkedList::from([1_u8, 2]), => "[1,2]";
        Box::<[u8]>::from([1_u8, 2]), => "[1,2]";
        vec![vec![1_u8], vec![], vec![2, 3]], => "[[1],[],[2,3]]";
        vec!["a", "bc"], => r#"["a","bc"]"#;
    }

    bytes_are_arrays_of_numbers {
        vec![0_u8, 127, 255], => "[0,127,255]";
        b"a\xff".as_slice(), => "[97,255]";
        *b"ab", => "[97,98]";
        c"ab", => "[97,98]";
        CString::new("ab").unwrap(), => "[97,98]";
        c"", => "[]";
    }

    tuples_of_up_to_sixteen_are_arrays {
        (1_u8,), => "[1]";
        (1_u8, "a"), => r#"[1,"a"]"#;
        (1_u8, 2_u8, 3_u8), => "[1,2,3]";
        (1_u8, (2_u8, ("b", ())), [3_u8]), => r#"[1,[2,["b",null]],[3]]"#;
        (1, 2, 3, 4), => "[1,2,3,4]";
        (1, 2, 3, 4, 5), => "[1,2,3,4,5]";
        (1, 2, 3, 4, 5, 6), => "[1,2,3,4,5,6]";
        (1, 2, 3, 4, 5, 6, 7), => "[1,2,3,4,5,6,7]";
        (1, 2, 3, 4, 5, 6, 7, 8), => "[1,2,3,4,5,6,7,8]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9), => "[1,2,3,4,5,6,7,8,9]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10), => "[1,2,3,4,5,6,7,8,9,10]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), => "[1,2,3,4,5,6,7,8,9,10,11]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), => "[1,2,3,4,5,6,7,8,9,10,11,12]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), => "[1,2,3,4,5,6,7,8,9,10,11,12,13]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), => "[1,2,3,4,5,6,7,8,9,10,11,12,13,14]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), => "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]";
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), => "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]";
    }

    structs_are_as_serde_writes_them {
        Newtype(1_u8), => "1";
        Newtype("a"), => r#""a""#;
        Newtype(Newtype(None::<u8>)), => "null";
        Tuple(1, "a"), => r#"[1,"a"]"#;
        Named { zulu: 1, alpha: None }, => r#"{"alpha":null,"zulu":1}"#;
        Named { zulu: 1, alpha: Some("a") }, => r#"{"alpha":"a","zulu":1}"#;
    }

    enums_are_externally_tagged {
        Shape::Empty, => r#""Empty""#;
        Shape::Circle(1), => r#"{"Circle":1}"#;
        Shape::Segment(1, 2), => r#"{"Segment":[1,2]}"#;
        Shape::Square { width: 1, color: "red" }, => r#"{"Square":{"color":"red","width":1}}"#;
        Shape::Wrapped(None), => r#"{"Wrapped":null}"#;
        Ok::<u8, &str>(1), => r#"{"Ok":1}"#;
        Err::<u8, &str>("no"), => r#"{"Err":"no"}"#;
        Bound::Included(1_u8), => r#"{"Included":1}"#;
        Bound::Excluded("a"), => r#"{"Excluded":"a"}"#;
        Bound::<u8>::Unbounded, => r#""Unbounded""#;
    }

    ranges_and_durations_are_objects {
        1_u8..3, => r#"{"end":3,"start":1}"#;
        1_u8..=3, => r#"{"end":3,"start":1}"#;
        1_u8.., => r#"{"start":1}"#;
        ..3_u8, => r#"{"end":3}"#;
        Duration::new(5, 7), => r#"{"nanos":7,"secs":5}"#;
        Duration::ZERO, => r#"{"nanos":0,"secs":0}"#;
        Duration::MAX, == r#"{"nanos":999999999,"secs":18446744073709551615}"#;
    }

    addresses_are_strings {
        Ipv4Addr::LOCALHOST, => r#""127.0.0.1""#;
        Ipv6Addr::LOCALHOST, => r#""::1""#;
        IpAddr::V4(Ipv4Addr::BROADCAST), => r#""255.255.255.255""#;
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xff)), => r#""2001:db8::ff""#;
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80), => r#""127.0.0.1:80""#;
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 0), => r#""[::1]:80""#;
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 3), => r#""[::1%3]:80""#;
        SocketAddr::from(([10, 0, 0, 1], 65535)), => r#""10.0.0.1:65535""#;
    }

    paths_uuids_and_keys_are_strings {
        Path::new("/tmp/a b"), => r#""/tmp/a b""#;
        PathBuf::from(r"C:\temp"), => r#""C:\\temp""#;
        Uuid::from_u128(0x2ed6_657d_e927_568b_95e1_2665_a8ae_a6a2), == r#""2ed6657d-e927-568b-95e1-2665a8aea6a2""#;
        Uuid::nil(), == r#""00000000-0000-0000-0000-000000000000""#;
        sha256_hex(b"abc").short(), => r#""ik_ba7816bf8f01cfea414140de5dae2223""#;
    }

    wrappers_are_their_content {
        NonZeroI8::MIN, => "-128";
        NonZeroU16::MAX, => "65535";
        NonZeroU64::MAX, == "18446744073709551615";
        NonZeroU128::MAX, == "340282366920938463463374607431768211455";
        NonZeroI128::MIN, == "-170141183460469231731687303715884105728";
        NonZeroIsize::new(-1), => "-1";
        Wrapping(255_u8), => "255";
        Saturating(-128_i8), => "-128";
        Reverse("a"), => r#""a""#;
        Wrapping(0.5_f32), => "0.5";
    }

    pointers_are_their_target {
        &1_u8, => "1";
        &&"a", => r#""a""#;
        &mut 1_u8, => "1";
        Box::new(1_u8), => "1";
        Rc::new("a"), => r#""a""#;
        Arc::new([1_u8]), => "[1]";
        Box::<str>::from("a"), => r#""a""#;
        Rc::<str>::from("a"), => r#""a""#;
        Arc::<[u8]>::from([1_u8]), => "[1]";
        Cow::Borrowed("a"), => r#""a""#;
        Cow::<str>::Owned("a".into()), => r#""a""#;
        Cow::<[u8]>::Borrowed(&[1]), => "[1]";
        Cow::Borrowed(Path::new("a")), => r#""a""#;
        Box::<Path>::from(Path::new("a")), => r#""a""#;
        Box::<CStr>::from(c"a"), => "[97]";
        Box::new(1_u8) as Box<dyn Canonical>, == "1";
        &1_u8 as &dyn Canonical, == "1";
    }

    maps_are_objects_whose_keys_are_text {
        BTreeMap::<u8, u8>::new(), => "{}";
        HashMap::<String, u8>::new(), => "{}";
        HashMap::from([("b", 1_u8), ("a", 2)]), => r#"{"a":2,"b":1}"#;
        HashMap::from([(String::from("b"), 1_u8), (String::new(), 2)]), => r#"{"":2,"b":1}"#;
        HashMap::from([('"', 1_u8), ('\n', 2)]), => r#"{"\n":2,"\"":1}"#;
        HashMap::from([(true, 1_u8), (false, 2)]), => r#"{"false":2,"true":1}"#;
        BTreeMap::from([(Newtype("b"), 1_u8), (Newtype("a"), 2)]), => r#"{"a":2,"b":1}"#;
        BTreeMap::from([(Box::<str>::from("b"), 1_u8)]), => r#"{"b":1}"#;
        BTreeMap::from([(Cow::Borrowed("b"), 1_u8)]), => r#"{"b":1}"#;
        BTreeMap::from([(&"b", 1_u8)]), => r#"{"b":1}"#;
        BTreeMap::from([(Shape::Empty, 1_u8)]), => r#"{"Empty":1}"#;
        BTreeMap::from([(Newtype(Shape::Empty), 1_u8)]), => r#"{"Empty":1}"#;
        BTreeMap::from([(PathBuf::from("/b"), 1_u8)]), => r#"{"/b":1}"#;
        BTreeMap::from([(Ipv4Addr::LOCALHOST, 1_u8)]), => r#"{"127.0.0.1":1}"#;
        BTreeMap::from([(Uuid::nil(), 1_u8)]), == r#"{"00000000-0000-0000-0000-000000000000":1}"#;
        BTreeMap::from([(sha256_hex(b"abc").short(), 1_u8)]), => r#"{"ik_ba7816bf8f01cfea414140de5dae2223":1}"#;
        HashMap::<_, _, BuildHasherDefault<DefaultHasher>>::from_iter([("b", 1_u8), ("a", 2)]), => r#"{"a":2,"b":1}"#;
    }

    map_keys_that_are_integers_are_exact_and_sorted_as_text {
        BTreeMap::from([(-1_i8, 'a'), (2, 'b'), (10, 'c'), (1, 'd')]), => r#"{"-1":"a","1":"d","10":"c","2":"b"}"#;
        HashMap::from([(9_u64, 1_u8), (10, 2)]), => r#"{"10":2,"9":1}"#;
        BTreeMap::from([(9_007_199_254_740_992_u64, 1_u8), (9_007_199_254_740_993, 2)]), => r#"{"9007199254740992":1,"9007199254740993":2}"#;
        BTreeMap::from([(i128::MIN, 1_u8), (i128::MAX, 2)]), => r#"{"-170141183460469231731687303715884105728":1,"170141183460469231731687303715884105727":2}"#;
        BTreeMap::from([(u128::MAX, 1_u8)]), => r#"{"340282366920938463463374607431768211455":1}"#;
        BTreeMap::from([(NonZeroI8::MIN, 1_u8)]), => r#"{"-128":1}"#;
        BTreeMap::from([(Wrapping(2_u8), 1_u8)]), => r#"{"2":1}"#;
        BTreeMap::from([(Reverse(2_u8), 1_u8)]), => r#"{"2":1}"#;
        BTreeMap::from([(Newtype(2_u8), 1_u8)]), => r#"{"2":1}"#;
    }

    maps_hold_any_value {
        BTreeMap::from([("b", BTreeMap::from([("d", 1_u8), ("c", 2)])), ("a", BTreeMap::new())]), => r#"{"a":{},"b":{"c":2,"d":1}}"#;
        BTreeMap::from([("a", None), ("b", Some(1_u8))]), => r#"{"a":null,"b":1}"#;
        BTreeMap::from([("a", vec![HashMap::from([("z", 1_u8), ("y", 2)]), HashMap::new()])]), => r#"{"a":[{"y":2,"z":1},{}]}"#;
        vec![BTreeMap::from([("a", 1_u8)]), BTreeMap::new()], => r#"[{"a":1},{}]"#;
    }

    /// By the canonical bytes, not by value: "10" is before "9", and `"` (0x22) before a digit.
    sets_are_arrays_sorted_by_their_canonical_bytes {
        HashSet::<u8>::new(), => "[]";
        BTreeSet::<u8>::new(), => "[]";
        HashSet::from(["b", "a", "ab"]), == r#"["a","ab","b"]"#;
        BTreeSet::from([9_u8, 10]), == "[10,9]";
        BTreeSet::from([-1_i8, 1, 0]), == "[-1,0,1]";
        BTreeSet::from(["a", "a!", "a#"]), == r##"["a!","a","a#"]"##;
        BTreeSet::from(["\u{fb33}", "\u{1f600}"]), == "[\"\u{fb33}\",\"\u{1f600}\"]";
        BTreeSet::from(["\n", "a", "]"]), == r#"["\n","]","a"]"#;
        BTreeSet::from([None, Some(1_u8)]), == "[1,null]";
        BTreeSet::from([true, false]), == "[false,true]";
        BTreeSet::from([Shape::Empty, Shape::Circle(2), Shape::Circle(10)]), == r#"["Empty",{"Circle":10},{"Circle":2}]"#;
        HashSet::<_, BuildHasherDefault<DefaultHasher>>::from_iter(["b", "a"]), == r#"["a","b"]"#;
    }

    sets_of_collections_are_sorted_by_what_is_in_them_in_canonical_order {
        BTreeSet::from([BTreeSet::from([9_u8, 10]), BTreeSet::from([1]), BTreeSet::new()]), == "[[10,9],[1],[]]";
        BTreeSet::from([BTreeMap::from([(9_u8, 'a'), (10, 'b')]), BTreeMap::from([(2, 'c')])]), == r#"[{"10":"b","9":"a"},{"2":"c"}]"#;
        BTreeSet::from([vec![BTreeSet::from([9_u8, 10])], vec![BTreeSet::from([9])]]), == "[[[10,9]],[[9]]]";
        BTreeMap::from([("b", BTreeSet::from([9_u8, 10])), ("a", BTreeSet::from([3, 20]))]), == r#"{"a":[20,3],"b":[10,9]}"#;
        BTreeSet::from([BTreeMap::from([("b", BTreeSet::from([BTreeMap::from([(9_u8, 1_u8), (10, 2)])])), ("a", BTreeSet::new())])]), == r#"[{"a":[],"b":[{"10":2,"9":1}]}]"#;
    }

    /// The example of RFC 8785 section 3.2.3.
    members_are_sorted_by_utf16_code_units {
        HashMap::from([
            ("\u{20ac}", "Euro Sign"),
            ("\r", "Carriage Return"),
            ("\u{fb33}", "Hebrew Letter Dalet With Dagesh"),
            ("1", "One"),
            ("\u{1f600}", "Emoji: Grinning Face"),
            ("\u{80}", "Control"),
            ("\u{f6}", "Latin Small Letter O With Diaeresis"),
        ]), => concat!(
            r#"{"\r":"Carriage Return","1":"One","#,
            "\"\u{80}\":\"Control\",",
            "\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",",
            "\"\u{20ac}\":\"Euro Sign\",",
            "\"\u{1f600}\":\"Emoji: Grinning Face\",",
            "\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
        );
        BTreeMap::from([("a\u{ffff}", 1_u8), ("a\u{10000}", 2), ("a", 3)]), => "{\"a\":3,\"a\u{10000}\":2,\"a\u{ffff}\":1}";
    }
}

#[derive(IdempotencyKey, Serialize)]
struct Surrogates {
    #[serde(rename = "\u{fb33}")]
    dalet: u8,
    #[serde(rename = "\u{1f600}")]
    face: u8,
    #[serde(rename = "\"")]
    quote: u8,
    #[serde(rename = "1")]
    one: u8,
}

#[test]
fn members_of_a_struct_are_sorted_by_utf16_code_units() {
    let value = Surrogates {
        dalet: 1,
        face: 2,
        quote: 3,
        one: 4,
    };
    assert_wire(value, "{\"\\\"\":3,\"1\":4,\"\u{1f600}\":2,\"\u{fb33}\":1}");
}

/// Says that all values have one canonical form.
macro_rules! one_form {
    ($first:expr $(, $other:expr)* $(,)?) => {{
        let first = canonical($first);
        $(assert_eq!(canonical($other), first);)*
    }};
}

#[test]
fn the_spelling_of_a_type_does_not_matter() {
    one_form!(
        "a",
        String::from("a"),
        'a',
        Cow::Borrowed("a"),
        Box::<str>::from("a"),
        Rc::<str>::from("a"),
        Arc::<str>::from("a"),
        Arc::new(String::from("a")),
        &&"a",
        Some("a"),
        Path::new("a"),
        format_args!("{}", 'a'),
        Newtype("a"),
    );
    one_form!(
        vec![1_u8, 2],
        [1_u8, 2],
        &[1_u8, 2][..],
        VecDeque::from([1_u32, 2]),
        LinkedList::from([1_i64, 2]),
        Arc::<[u64]>::from([1, 2]),
        Cow::<[u128]>::Borrowed(&[1, 2]),
        (1_i8, 2_usize),
        c"\x01\x02",
        BTreeSet::from([1_u8, 2]),
        HashSet::from([2_u8, 1]),
    );
    one_form!(
        1_u8,
        1_u16,
        1_u32,
        1_u64,
        1_u128,
        1_usize,
        1_i8,
        1_i16,
        1_i32,
        1_i64,
        1_i128,
        1_isize,
        1.0_f32,
        1.0_f64,
        NonZeroU64::MIN,
        Wrapping(1_u8),
        Saturating(1_u8),
        Reverse(1_u8),
        Some(Box::new(1_u8)),
    );
    one_form!(
        HashMap::from([("end", 3_u8), ("start", 1)]),
        BTreeMap::from([("end", 3_u64), ("start", 1)]),
        1_i32..3,
        1_u128..=3,
    );
    one_form!((), None::<String>, Unit, PhantomData::<u8>, Some(()));
}

#[test]
fn a_change_of_the_value_changes_the_form() {
    let forms = [
        canonical("1"),
        canonical(1),
        canonical(-1),
        canonical([1]),
        canonical(["1"]),
        canonical([[1]]),
        canonical("[1]"),
        canonical("\u{e9}"),
        canonical("e\u{301}"),
        canonical(""),
        canonical(()),
        canonical("null"),
        canonical(0),
        canonical(false),
        canonical("false"),
        canonical([(); 0]),
        canonical([()]),
        canonical(BTreeMap::<u8, u8>::new()),
        canonical(BTreeMap::from([("1", 1)])),
        canonical(BTreeMap::from([("1", "1")])),
        canonical(9_007_199_254_740_992_u64),
        canonical(9_007_199_254_740_993_u64),
    ];
    let distinct: HashSet<_> = forms.iter().collect();
    assert_eq!(distinct.len(), forms.len());
}
