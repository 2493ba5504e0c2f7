//! Keys from the bytes of a JSON body: what is read as JSON, what comes out, and where an error is.

use agentidemp::{ErrorKind, Identity, sha256_hex};
use agentidemp_tests::json_text::cases::{self, Case, JsonTestSuite, Outcome};
use agentidemp_tests::json_text::error_kind;
use agentidemp_tests::reference::canonical_text;

fn canonical(body: &[u8]) -> Result<String, agentidemp::Error> {
    let bytes = Identity::new().canonical_bytes_of_json(body)?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn error(body: &[u8]) -> (ErrorKind, Option<usize>, String) {
    let error = canonical(body).unwrap_err();
    (error.kind(), error.offset(), error.pointer().to_owned())
}

#[test]
fn spelling_does_not_count() {
    let plain = r#"{"a":[1,"/é😀"],"b":{"c":null,"d":1.5}}"#;
    for body in [
        plain,
        r#" { "b" : { "d" : 15e-1 , "c" : null } , "a" : [ 1 , "\/\u00e9\uD83D\uDE00" ] } "#,
        r#"{"\u0062":{"c":null,"d":1.50},"a":[1,"/é😀"]}"#,
    ] {
        assert_eq!(canonical(body.as_bytes()).unwrap(), plain, "{body}");
    }
}

/// Also where the next character is less than the quote that ends the shorter name.
#[test]
fn a_name_comes_before_those_that_begin_with_it() {
    for more in [
        " ", "!", "#", "~", "é", "😀", "\\u0001", "\\n", "\\\"", "\\u0020",
    ] {
        for name in ["", "a", "é", "\\n", "\\u0061", "long, as names seldom are"] {
            let expected = canonical(format!(r#"{{"{name}":1}}"#).as_bytes()).unwrap();
            let (start, _) = expected.split_once("\":1").unwrap();
            for body in [
                format!(r#"{{"{name}":1,"{name}{more}":2}}"#),
                format!(r#"{{"{name}{more}":2,"{name}":1}}"#),
            ] {
                let text = canonical(body.as_bytes()).unwrap();
                assert!(text.starts_with(&format!("{start}\":1,")), "{text}");
            }
        }
    }
}

#[test]
fn strings_of_any_length_are_read_again_in_any_order() {
    let names = ["d", "b", "a", "c", "e"];
    for length in (100..300).step_by(7) {
        for piece in ["x", "é", "\\n", "\\u001f", "\\u00e9\\/"] {
            let members = |names: &[&str], piece: &str| {
                let member = |name| format!(r#""{name}":["{}",{{}}]"#, piece.repeat(length));
                let members: Vec<_> = names.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            };
            let canonical_piece = piece.replace("\\u00e9\\/", "é/");
            let expected = members(&["a", "b", "c", "d", "e"], &canonical_piece);
            for shift in 0..names.len() {
                let mut names = names;
                names.rotate_left(shift);
                let body = members(&names, piece);
                assert_eq!(canonical(body.as_bytes()).unwrap(), expected, "{body}");
            }
        }
    }
}

#[test]
fn integers_keep_all_digits_and_decimals_are_doubles() {
    let body = b"[123456789012345678901234567890,-0,1.0,-0.0,1e21,0.1]";
    let expected = "[123456789012345678901234567890,0,1,0,1e+21,0.1]";
    assert_eq!(canonical(body).unwrap(), expected);
}

#[test]
fn a_decimal_that_its_double_does_not_stand_for_is_refused() {
    for amount in ["12345678901234567.89", "12345678901234567.90", "1e-400"] {
        let body = format!("{{\"amount\":{amount}}}");
        let expected = (ErrorKind::Imprecise, Some(10), "/amount".to_owned());
        assert_eq!(error(body.as_bytes()), expected, "{amount}");
    }
    for amount in ["0.1", "0.10000000000000001", "0.10000000000000000555"] {
        assert_eq!(canonical(amount.as_bytes()).unwrap(), "0.1");
    }
}

/// Zeros and an exponent cancel each other, and the last of a million digits decides.
#[test]
fn numbers_of_any_length_are_read_exactly() {
    let zeros = "0".repeat(1_000_000);
    for (body, expected) in [
        (format!("1{zeros}e-1000000"), Ok("1")),
        (format!("0.{zeros}1e1000001"), Ok("1")),
        (format!("0.{zeros}e1000001"), Ok("0")),
        (format!("1.{zeros}"), Ok("1")),
        (format!("1.{zeros}1"), Err(ErrorKind::Imprecise)),
        (format!("0.{zeros}1"), Err(ErrorKind::Imprecise)),
        (format!("1{zeros}.0"), Err(ErrorKind::NotFinite)),
        (format!("1e{zeros}2"), Ok("100")),
    ] {
        let text = canonical(body.as_bytes()).map_err(|error| error.kind());
        assert_eq!(text.as_deref(), expected.as_deref(), "{}", &body[..4]);
    }
}

/// They are put in order before it is seen what they are.
#[test]
fn names_that_are_not_utf8_are_refused_in_any_order() {
    let parts: [&[u8]; 8] = [
        b"\xe8",
        b"\xff",
        b"\xee",
        b"\xee\x80\x80",
        b"\xf0",
        b"a",
        b"\\u0010",
        b"\\ue000",
    ];
    let pairs = parts.map(|first| parts.map(|second| [first, second].concat()));
    let mut names: Vec<Vec<u8>> = pairs
        .iter()
        .flatten()
        .flat_map(|pair| parts.map(|third| [pair, third].concat()))
        .collect();
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..100 {
        rng.shuffle(&mut names);
        let members: Vec<Vec<u8>> = names[..100]
            .iter()
            .map(|name| [b"\"", &**name, b"\":0"].concat())
            .collect();
        let body = [b"{", &*members.join(&b','), b"}"].concat();
        assert_eq!(error(&body).0, ErrorKind::InvalidJson);
    }
}

#[test]
fn an_error_says_where_it_is() {
    let duplicate = (ErrorKind::DuplicateMember, Some(13), "/x/a".to_owned());
    assert_eq!(error(br#"{"x":{"a":1, "a":2}}"#), duplicate);
    let invalid =
        |offset, pointer: &str| (ErrorKind::InvalidJson, Some(offset), pointer.to_owned());
    assert_eq!(error(b""), invalid(0, ""));
    assert_eq!(error(br#"{"a":[1,tru]}"#), invalid(8, "/a/1"));
    assert_eq!(error(br#"{"a":"\ud800"}"#), invalid(6, "/a"));
    assert_eq!(error(b"[1] x"), invalid(4, ""));
    assert_eq!(error(b"[\"\xff\"]"), invalid(2, "/0"));
}

#[test]
fn an_error_says_what_is_there_and_what_is_expected() {
    for (body, expected) in [
        ("[1 2]", "`,` or `]` is expected, not `2` (byte 3)"),
        ("{\"a\":1]", "`,` or `}` is expected, not `]` (byte 6)"),
        ("{1}", "the name of a member is expected, not `1` (byte 1)"),
        ("", "the text ends where a value is expected (byte 0)"),
        (
            "\u{feff}{}",
            "a byte order mark stands where a value is expected (byte 0)",
        ),
        (
            "\u{fffd}{}",
            "another byte stands where a value is expected (byte 0)",
        ),
        (
            "\u{e9}",
            "another byte stands where a value is expected (byte 0)",
        ),
        (
            "1\u{7}",
            "another byte stands where the end of the text is expected (byte 1)",
        ),
    ] {
        let error = canonical(body.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = canonical(b"[\"\xff\"]").unwrap_err();
    assert_eq!(error.to_string(), "/0: a string is not UTF-8 (byte 2)");
}

#[test]
fn nesting_ends_at_128_levels() {
    let nested = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(canonical(nested(128).as_bytes()).is_ok());
    assert_eq!(error(nested(129).as_bytes()).0, ErrorKind::TooDeep);
    assert_eq!(error("[".repeat(1_000_000).as_bytes()).1, Some(128));
}

#[test]
fn what_is_excluded_does_not_count_but_is_json() {
    let identity = Identity::new().exclude(["/at", "/items/*/id", "/items/1"]);
    let body = br#"{"items":[{"n":1,"id":1},{},{"id":2,"n":3}],"at":12345678901234567.89}"#;
    assert_eq!(
        identity.canonical_bytes_of_json(body).unwrap(),
        br#"{"items":[{"n":1},{"n":3}]}"#
    );
    assert!(identity.key_of_json(br#"{"n":1,"at":nul}"#).is_err());
    let nothing_left = identity.key_of_json(br#"{"at":1}"#).unwrap_err();
    assert_eq!(nothing_left.kind(), ErrorKind::NothingLeft);
}

/// Says what becomes of a text, by its bytes and by its key.
#[track_caller]
fn assert_outcome(case: &Case) {
    let identity = Identity::new();
    let name = &case.name;
    match (&case.outcome, canonical(&case.body)) {
        (Outcome::Canonical(expected), Ok(text)) => {
            assert_eq!(&text, expected, "{name}");
            let key = identity.key_of_json(&case.body);
            assert_eq!(key, Ok(sha256_hex(text.as_bytes())), "{name}");
        }
        (Outcome::Refused(fault), Err(error)) => {
            let place = (error.kind(), error.offset());
            assert_eq!(
                place,
                (error_kind(fault.kind), Some(fault.offset)),
                "{name}"
            );
            assert_eq!(identity.key_of_json(&case.body), Err(error), "{name}");
        }
        (expected, outcome) => panic!("{name}: {outcome:?} is not {expected:?}"),
    }
}

/// Each text of `tests/data/json_text.tsv`.
#[test]
fn each_text_of_the_table_has_its_outcome() {
    cases::own().iter().for_each(assert_outcome);
}

mod json_test_suite {
    use super::*;

    #[test]
    fn every_invalid_text_is_refused() {
        let Some(suite) = JsonTestSuite::find() else {
            return;
        };
        let files = suite.parsing("n_");
        assert_eq!(files.len(), 188);
        for (name, body) in files {
            let kind = canonical(&body).unwrap_err().kind();
            let expected = match name.as_str() {
                // It never ends, which is not read.
                "n_structure_100000_opening_arrays" | "n_structure_open_array_object" => {
                    ErrorKind::TooDeep
                }
                _ => ErrorKind::InvalidJson,
            };
            assert_eq!(kind, expected, "{name}");
        }
    }

    #[test]
    fn every_valid_text_has_a_key_unless_a_name_repeats() {
        let Some(suite) = JsonTestSuite::find() else {
            return;
        };
        let files = suite.parsing("y_");
        assert_eq!(files.len(), 95);
        for (name, body) in files {
            let expected = match name.as_str() {
                "y_object_duplicated_key" | "y_object_duplicated_key_and_value" => {
                    Err(ErrorKind::DuplicateMember)
                }
                _ => Ok(canonical_text(&body).unwrap()),
            };
            let text = canonical(&body).map_err(|error| error.kind());
            assert_eq!(text, expected, "{name}");
        }
    }

    #[test]
    fn what_is_left_to_us_is_as_the_table_says() {
        let Some(suite) = JsonTestSuite::find() else {
            return;
        };
        let choices = suite.choices();
        assert_eq!(choices.len(), 35 + 22);
        choices.iter().for_each(assert_outcome);
    }
}
