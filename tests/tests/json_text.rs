//! Keys from the bytes of a JSON body: what is read as JSON, what comes out, and where an error is.

use std::path::Path;

use agentidemp::{ErrorKind, Identity};

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

/// Nicolas Seriot's JSONTestSuite, which is not a part of this repository: `JSON_TEST_SUITE` names its
/// folder.
#[test]
fn the_json_test_suite_is_read_as_it_says() {
    let Some(folder) = std::env::var_os("JSON_TEST_SUITE") else {
        eprintln!("left out: set JSON_TEST_SUITE to the folder of the JSONTestSuite to run it");
        return;
    };
    let mut with_key = 0;
    let mut refused = 0;
    for file in std::fs::read_dir(Path::new(&folder).join("test_parsing")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let result = canonical(&std::fs::read(&path).unwrap());
        match name.as_bytes()[0] {
            b'y' => match result {
                Ok(_) => with_key += 1,
                Err(error) => assert_eq!(error.kind(), ErrorKind::DuplicateMember, "{name}"),
            },
            b'n' => {
                assert!(result.is_err(), "{name}");
                refused += 1;
            }
            // Up to the implementation: no panic.
            _ => {}
        }
    }
    assert_eq!((with_key, refused), (93, 188));
}
