//! Closures in attributes, whatever stands in their bodies.

use std::collections::BTreeMap;

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
struct Line {
    amount: u64,
    #[idem(skip)]
    #[expect(dead_code, reason = "it changes, and does not count")]
    trace_id: u64,
}

#[derive(IdempotencyKey)]
struct Order {
    #[idem(with = |lines: &Vec<(u8, Line)>| agentidemp::with::map(lines.iter().map(|(k, v)| (k.to_string(), v))))]
    lines: Vec<(u8, Line)>,
    #[idem(with = |text: &String| text.split(',').map(|part| (part.len(), part.to_owned())).collect::<BTreeMap<usize, String>>(), skip_if = |text: &String| text.is_empty())]
    text: String,
    #[idem(with = |n: &i32| if *n > 3 { "many" } else { "few" })]
    n: i32,
    #[idem(with = |n: &i32| match n { 0 => "zero", _ => "more" }, skip_if = |n: &i32| *n < 0)]
    m: i32,
}

#[test]
fn a_body_is_any_expression() {
    let order = |text: &str, m| Order {
        lines: vec![
            (
                2,
                Line {
                    amount: 5,
                    trace_id: 1,
                },
            ),
            (
                1,
                Line {
                    amount: 6,
                    trace_id: 2,
                },
            ),
        ],
        text: text.into(),
        n: 4,
        m,
    };
    assert_eq!(
        order("a,bb", 0).canonical_bytes(),
        br#"{"lines":{"1":{"amount":6},"2":{"amount":5}},"m":"zero","n":"many","text":{"1":"a","2":"bb"}}"#
    );
    assert_eq!(
        order("", -1).canonical_bytes(),
        br#"{"lines":{"1":{"amount":6},"2":{"amount":5}},"n":"many"}"#
    );
}

fn parts(text: &str) -> BTreeMap<usize, String> {
    text.split(',').map(str::to_owned).enumerate().collect()
}

fn call<F: Fn(&str) -> T, T>(function: F, text: &str) -> T {
    function(text)
}

/// After each closure comes a comma that is no part of it, and one that is before.
#[derive(IdempotencyKey)]
struct Commas {
    #[idem(with = |text: &String| -> BTreeMap<usize, String> { parts(text) }, rename = "returned")]
    a: String,
    #[idem(with = |text: &String| call::<fn(&str) -> BTreeMap<usize, String>, BTreeMap<usize, String>>(parts, text), rename = "named")]
    b: String,
    #[idem(with = |text: &String| text.chars().map(|c| (vec![c], c)).collect::<BTreeMap<Vec<char>, char>>().len(), rename = "counted")]
    c: String,
    #[idem(with = |n: &u8| *n < 3, rename = "less")]
    d: u8,
    #[idem(with = |n: &u8| *n > 3, rename = "more")]
    e: u8,
}

#[test]
fn a_comma_in_a_type_ends_no_closure_and_one_after_a_comparison_does() {
    let commas = Commas {
        a: "x,y".into(),
        b: "z".into(),
        c: "aba".into(),
        d: 2,
        e: 4,
    };
    assert_eq!(
        commas.canonical_bytes(),
        br#"{"counted":2,"less":true,"more":true,"named":{"0":"z"},"returned":{"0":"x","1":"y"}}"#
    );
}
