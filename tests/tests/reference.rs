//! The reference, against which the crate is held in `json_text_properties.rs`, is held against others
//! here: serde_json for what is JSON, a library of RFC 8785 for what comes out, and the standard
//! library for numbers.

use std::collections::HashMap;

use agentidemp_tests::ecmascript::number_to_string;
use agentidemp_tests::jcs;
use agentidemp_tests::json_text::cases::{self, Case, Class, JsonTestSuite, Outcome};
use agentidemp_tests::json_text::{
    config, mutated, nearly_valid, number, shown, valid, value, value_of,
};
use agentidemp_tests::reference::number::canonical as canonical_number;
use agentidemp_tests::reference::{
    Fault, Kind, Path, Rules, canonical, canonical_text, number::double,
};
use fastrand::Rng;
use proptest::prelude::*;
use serde::de::IgnoredAny;

/// Whether bytes are JSON by the grammar alone, as serde_json sees it when it skips a value: of any
/// depth, with numbers of any size and halves of surrogate pairs. It takes bytes for UTF-8 then.
fn is_json(body: &[u8]) -> bool {
    str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn outcome(body: &[u8]) -> Outcome {
    match canonical_text(body) {
        Ok(text) => Outcome::Canonical(text),
        Err(faults) => Outcome::Refused(faults[0]),
    }
}

#[track_caller]
fn assert_outcome(case: &Case) {
    assert_eq!(outcome(&case.body), case.outcome, "{}", case.name);
}

mod table {
    use super::*;

    #[test]
    fn each_case_has_its_outcome() {
        cases::own().iter().for_each(assert_outcome);
    }

    /// What is JSON is not for us to say.
    #[test]
    fn serde_json_agrees_on_what_is_json() {
        for case in cases::own() {
            let name = &case.name;
            match case.class {
                Class::Valid => {
                    assert!(is_json(&case.body), "{name}");
                    assert!(matches!(case.outcome, Outcome::Canonical(_)), "{name}");
                }
                Class::Invalid => {
                    assert!(!is_json(&case.body), "{name}");
                    assert!(matches!(case.outcome, Outcome::Refused(_)), "{name}");
                }
                // A byte order mark is before the text and not a part of it; and who refuses to read
                // deeper does not know what follows.
                Class::Ours => {
                    let without_mark = case.body.strip_prefix("\u{feff}".as_bytes());
                    let is_cut = matches!(
                        case.outcome,
                        Outcome::Refused(Fault {
                            kind: Kind::TooDeep,
                            ..
                        })
                    );
                    assert!(
                        is_json(without_mark.unwrap_or(&case.body)) || is_cut,
                        "{name}"
                    );
                }
            }
        }
    }

    #[test]
    fn it_has_many_cases_of_each_class_and_none_twice() {
        let mut bodies = HashMap::new();
        let mut classes = HashMap::<_, usize>::new();
        for case in cases::own() {
            *classes.entry(case.class).or_default() += 1;
            if let Some(other) = bodies.insert(case.body, case.name.clone()) {
                panic!("{} is {other}", case.name);
            }
        }
        assert_eq!(classes.len(), 3);
        assert!(classes.values().all(|&count| count >= 50), "{classes:?}");
    }

    /// A canonical form is the canonical form of itself.
    #[test]
    fn what_comes_out_goes_in() {
        for case in cases::own() {
            if let Outcome::Canonical(text) = &case.outcome {
                assert_eq!(
                    canonical_text(text.as_bytes()).as_ref(),
                    Ok(text),
                    "{}",
                    case.name
                );
            }
        }
    }
}

mod json_test_suite {
    use super::*;

    #[test]
    fn is_read_as_the_names_of_its_files_say() {
        let Some(suite) = JsonTestSuite::find() else {
            return;
        };
        for (name, body) in suite.parsing("n_") {
            assert!(canonical_text(&body).is_err(), "{name}");
        }
        for (name, body) in suite.parsing("y_") {
            let is_duplicate = name.starts_with("y_object_duplicated_key");
            assert_eq!(canonical_text(&body).is_err(), is_duplicate, "{name}");
        }
        suite.choices().iter().for_each(assert_outcome);
    }
}

mod numbers {
    use super::*;

    /// The least that is asked of an oracle: it agrees with the examples of FORMAT.md.
    #[test]
    fn of_the_format() {
        let floats = [
            "1.0", "-0.0", "0.1", "1e20", "1e21", "1e-6", "1e-7", "5e-324",
        ];
        let texts = floats.map(|float| canonical_number(float).unwrap());
        let expected = [
            "1",
            "0",
            "0.1",
            "100000000000000000000",
            "1e+21",
            "0.000001",
            "1e-7",
            "5e-324",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn of_any_length_are_read_exactly() {
        let zeros = "0".repeat(1_000_000);
        assert_eq!(
            double(&format!("1{zeros}e-1000000")).to_bits(),
            1_f64.to_bits()
        );
        assert_eq!(
            double(&format!("0.{zeros}1e1000001")).to_bits(),
            1_f64.to_bits()
        );
        assert_eq!(double(&format!("-0.{zeros}")).to_bits(), (-0_f64).to_bits());
        // Half-way between two doubles, and a digit more far behind.
        let half = "9007199254740993";
        assert_eq!(
            double(&format!("{half}.{zeros}")).to_string(),
            "9007199254740992"
        );
        assert_eq!(
            double(&format!("{half}.{zeros}1")).to_string(),
            "9007199254740994"
        );
    }

    /// The digits of a text between the zeros in front of them and behind them.
    fn digits(text: &str) -> String {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        mantissa
            .replace(['-', '.'], "")
            .trim_matches('0')
            .to_owned()
    }

    /// The rule by way of the standard library, which rounds an exact tie to the even digit.
    fn is_printed(text: &str) -> bool {
        let value: f64 = text.parse().unwrap();
        let digits = digits(text);
        let precision = digits.len().saturating_sub(1);
        self::digits(&format!("{value:.precision$e}")) == digits
    }

    /// Whether the text has the fewest digits that its double is read from.
    fn is_shortest(text: &str) -> bool {
        let value: f64 = text.parse().unwrap();
        digits(text) == digits(&format!("{value:e}"))
    }

    /// Whether the text is half-way between the two nearest texts of its length, if one digit more of
    /// it is looked at.
    fn is_tie(text: &str) -> bool {
        let value: f64 = text.parse().unwrap();
        let exact = format!("{:.1100}", value.abs());
        let digits = exact.trim_end_matches('0').replace('.', "");
        digits.trim_start_matches('0').ends_with('5')
    }

    proptest! {
        // Each has a hundred texts.
        #![proptest_config(config(200))]

        /// Whatever a double is printed with: its text reads as what it is, or as another double that
        /// it is a text of as well.
        #[test]
        fn every_print_of_a_double_has_a_canonical_form(double in number::double()) {
            for text in number::prints(double) {
                let read: f64 = text.parse().unwrap();
                let expected = if read.is_infinite() {
                    Err(Kind::NotFinite)
                } else if read == 0.0 && text.split('e').next().unwrap().contains(|c| matches!(c, '1'..='9')) {
                    Err(Kind::Imprecise)
                } else if text.contains(['.', 'e']) {
                    Ok(number_to_string(read))
                } else {
                    Ok(text.clone())
                };
                prop_assert_eq!(canonical_number(&text), expected, "{}", text);
            }
        }
    }

    proptest! {
        #![proptest_config(config(1000))]

        #[test]
        fn up_to_15_digits_are_precise(text in r"-?(0|[1-9][0-9]{0,5})\.[0-9]{1,9}(e[+-]?[0-9]{1,2})?") {
            let read: f64 = text.parse().unwrap();
            prop_assert_eq!(canonical_number(&text), Ok(number_to_string(read)));
        }

        #[test]
        fn a_decimal_is_precise_if_its_double_is_printed_so(
            text in r"-?(0|[1-9][0-9]{0,18})\.[0-9]{1,20}|-?[1-9]\.[0-9]{1,20}e-?[1-9][0-9]",
        ) {
            let precise = canonical_number(&text);
            if is_printed(&text) || is_shortest(&text) {
                prop_assert!(precise.is_ok());
            } else if !is_tie(&text) {
                prop_assert_eq!(precise, Err(Kind::Imprecise));
            }
        }

        #[test]
        fn any_decimal_has_the_text_of_its_double_if_any(text in number::decimal()) {
            if let Ok(canonical) = canonical_number(&text) {
                prop_assert_eq!(canonical, number_to_string(text.parse().unwrap()));
            }
        }

        #[test]
        fn an_integer_is_its_digits(text in "-?[1-9][0-9]{0,60}") {
            prop_assert_eq!(canonical_number(&text), Ok(text));
        }
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn what_is_spelled_in_any_way_is_json(text in valid()) {
        prop_assert!(is_json(text.as_bytes()));
        if let Err(faults) = canonical_text(text.as_bytes()) {
            for fault in faults {
                prop_assert!(fault.offset < text.len());
            }
        }
    }

    #[test]
    fn what_is_nearly_json_is_json_where_serde_json_says_so(text in nearly_valid()) {
        assert_reads_as_serde_json(text.as_bytes())?;
    }

    #[test]
    fn mutated_bytes_are_json_where_serde_json_says_so(body in mutated()) {
        assert_reads_as_serde_json(&body)?;
    }

    #[test]
    fn what_comes_out_is_what_a_library_of_rfc_8785_writes(
        value in value_of(number::plain()),
        style: u64,
    ) {
        let text = value.spelled(style);
        if let Ok(canonical) = canonical_text(text.as_bytes()) {
            prop_assert_eq!(canonical, jcs::of_text(&text));
        }
    }

    #[test]
    fn neither_spelling_nor_order_counts(value in value(), one: u64, other: u64) {
        let shuffled = value.shuffled(&mut Rng::with_seed(other));
        let [one, other] = [value.spelled(one), shuffled.spelled(other)]
            .map(|text| canonical_text(text.as_bytes()).map_err(|faults| faults.len()));
        prop_assert_eq!(one, other);
    }
}

/// What serde_json refuses, the reference calls no JSON, and nothing else. How deep it reads is a
/// choice.
fn assert_reads_as_serde_json(body: &[u8]) -> Result<(), TestCaseError> {
    let kind = canonical_text(body).map_err(|faults| faults[0].kind);
    if kind != Err(Kind::TooDeep) {
        prop_assert_eq!(
            kind != Err(Kind::InvalidJson),
            is_json(body),
            "{}",
            shown(body)
        );
    }
    Ok(())
}

mod rules {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<Path> {
        paths.iter().copied().map(Path::read).collect()
    }

    #[track_caller]
    fn assert_left(body: &str, rules: &Rules, expected: &str) {
        assert_eq!(canonical(body.as_bytes(), rules).as_deref(), Ok(expected));
    }

    #[track_caller]
    fn assert_fault(body: &str, rules: &Rules, offset: usize, kind: Kind) {
        assert_eq!(
            canonical(body.as_bytes(), rules),
            Err(vec![Fault { offset, kind }])
        );
    }

    #[test]
    fn take_out_what_is_excluded() {
        let exclude = |names: &[&str]| Rules {
            exclude: paths(names),
            ..Rules::default()
        };
        let body = r#"{"b":[{"id":1,"n":2},3],"a/b":4,"id":5}"#;
        assert_left(
            body,
            &exclude(&["id", "/b/*/id"]),
            r#"{"a/b":4,"b":[{"n":2},3]}"#,
        );
        assert_left(body, &exclude(&["/b/0", "/a~1b"]), r#"{"b":[3],"id":5}"#);
        assert_left(
            body,
            &exclude(&["/b/1/id", "/c"]),
            r#"{"a/b":4,"b":[{"id":1,"n":2},3],"id":5}"#,
        );
        assert_left(
            r#"{"a":1,"a":2,"b":"\ud83d","c":1e999,"d":3}"#,
            &exclude(&["a", "b", "c"]),
            r#"{"d":3}"#,
        );
        assert_left("{}", &exclude(&["a"]), "{}");
        assert_fault(r#" {"a":1}"#, &exclude(&["/*"]), 1, Kind::NothingLeft);
        assert_fault("1", &exclude(&[""]), 0, Kind::NothingLeft);
        assert_fault(r#"{"a":01}"#, &exclude(&["a"]), 6, Kind::InvalidJson);
    }

    #[test]
    fn take_out_what_is_excluded_everywhere() {
        let rules = Rules {
            exclude_everywhere: vec!["id".into()],
            ..Rules::default()
        };
        assert_left(
            r#"{"id":1,"a":[{"\u0069d":2,"b":{"id":{}}}]}"#,
            &rules,
            r#"{"a":[{"b":{}}]}"#,
        );
        assert_fault(r#"{"id":1}"#, &rules, 0, Kind::NothingLeft);
    }

    #[test]
    fn keep_only_what_is_listed() {
        let only = |names: &[&str]| Rules {
            only: paths(names),
            ..Rules::default()
        };
        let body = r#"{"a":{"b":1,"c":2},"d":[{"e":3,"f":4},null],"g":5}"#;
        assert_left(
            body,
            &only(&["/a/b", "/d/*/e"]),
            r#"{"a":{"b":1},"d":[{"e":3}]}"#,
        );
        assert_left(body, &only(&["/a", "g"]), r#"{"a":{"b":1,"c":2},"g":5}"#);
        assert_left(
            body,
            &only(&[""]),
            &canonical_text(body.as_bytes()).unwrap(),
        );
        assert_fault(body, &only(&["/a/b", "/d/*/g"]), 0, Kind::Absent);
    }

    #[test]
    fn sort_sets() {
        let rules = Rules {
            unordered: paths(&["/a", "/b/*", "/c"]),
            ..Rules::default()
        };
        let body = r#"{"a":[10,9,"é",[2,1],1,"e\u0301",9.0],"b":[[2,1],null],"c":null}"#;
        let expected = "{\"a\":[\"e\u{301}\",\"é\",1,10,9,9,[2,1]],\"b\":[[1,2],null],\"c\":null}";
        assert_left(body, &rules, expected);
        assert_fault(r#"{"a":{}}"#, &rules, 5, Kind::NotASet);
        let nested = Rules {
            unordered: paths(&["", "/*"]),
            ..Rules::default()
        };
        assert_left("[[3,1],[2],[1,2]]", &nested, "[[1,2],[1,3],[2]]");
    }

    #[test]
    fn read_what_strings_hold() {
        let rules = Rules {
            json: paths(&["/a"]),
            exclude: paths(&["/a/id"]),
            ..Rules::default()
        };
        assert_left(
            r#"{"a":"{\"id\":1, \"b\":1.0}"}"#,
            &rules,
            r#"{"a":{"b":1}}"#,
        );
        assert_fault(r#"{"a":1}"#, &rules, 5, Kind::NotJsonText);
        assert_fault(r#"{"a":"{"}"#, &rules, 5, Kind::NotJsonText);
        assert_fault(
            r#"{"a":"{\"b\":1,\"b\":1}"}"#,
            &rules,
            5,
            Kind::DuplicateMember,
        );
        let deep = format!(r#"{{"a":"{}{}"}}"#, "[".repeat(128), "]".repeat(128));
        assert_fault(&deep, &rules, 5, Kind::TooDeep);
    }
}
