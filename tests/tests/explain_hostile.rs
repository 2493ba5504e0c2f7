//! Explanations of what nobody sends in good faith: they stay fast, and take no stack.

use std::fmt::{Display, Write};
use std::panic;
use std::thread;

use agentidemp::canonical::Encoder;
use agentidemp::explain::{Explanation, describe_bytes, explain_bytes};
use agentidemp::testing::assert_retry_stable;
use agentidemp::{Canonical, IdempotencyKey, sha256_hex};
use agentidemp_tests::cost;

/// A tenth of what a thread has by default.
const STACK: usize = 200 * 1024;

/// How many times what hashing the texts costs, explaining them may cost: five times what a linear comparison
/// takes, and far less than a quadratic one does at [`MANY`].
const MOST: u32 = 250;

const MANY: usize = 25_000;

const LEVELS: usize = 126;

/// Explains two texts and reads all of the explanation that does not depend on its length.
fn check(old: &str, new: &str, expected_differences: Option<usize>) {
    let (old, new) = (old.to_owned(), new.to_owned());
    let checked = thread::Builder::new().stack_size(STACK).spawn(move || {
        let explain = || explain_bytes(old.as_bytes(), new.as_bytes()).unwrap();
        let hash = || [&old, &new].map(|text| sha256_hex(text.as_bytes()));
        cost::assert_at_most(MOST, || explain().to_string(), hash);

        let explanation = explain();
        let text = explanation.to_string();
        assert!(!explanation.is_equal());
        if let Some(expected) = expected_differences {
            assert_eq!(explanation.differences().len(), expected, "{text}");
        }
        assert!(text.lines().count() <= 24, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() < 300),
            "{text}"
        );
    });
    checked.unwrap().join().unwrap();
}

fn explained(old: &str, new: &str) -> Explanation {
    explain_bytes(old.as_bytes(), new.as_bytes()).unwrap()
}

fn array<T: Display>(elements: impl Iterator<Item = T>) -> String {
    let elements: Vec<_> = elements.map(|element| element.to_string()).collect();
    format!("[{}]", elements.join(","))
}

/// As deep as canonical text nests, but for one level or two: repetitions of what opens one or two.
fn nested(opening: &str, innermost: &str, closing: &str) -> String {
    let levels = opening.matches(['[', '{']).count();
    let repetitions = LEVELS / levels;
    opening.repeat(repetitions) + innermost + &closing.repeat(repetitions)
}

/// Numbers that look random, and are the same in every run.
fn numbers(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    })
}

#[test]
fn deep_nesting() {
    for (opening, closing) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":0,"b":"#, "},1]")] {
        let [one, two] = ["1", "2"].map(|innermost| nested(opening, innermost, closing));
        check(&one, &two, Some(1));
        check(&one, &nested(opening, "[]", closing), Some(1));
        check(&one, &one[opening.len()..one.len() - closing.len()], None);
    }
}

#[test]
fn a_difference_at_every_depth() {
    let [one, two] =
        [1, 2].map(|number| nested("[", "", &format!(",{number}]")).replace("[,", "[0,"));
    check(&one, &two, Some(LEVELS));
}

#[test]
fn deep_nesting_in_every_other_form() {
    let text = nested(r#"{"a":["#, "1", "]}");
    let text = text.as_str();
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let checked = thread.spawn_scoped(scope, || {
            let description = describe_bytes(text.as_bytes()).unwrap();
            assert!(description.to_string().lines().count() < 100);
            assert!(explained(text, text).is_equal());

            let other = text.replace('1', "2");
            let explanation = explained(text, &other);
            let pointer = explanation.differences().next().unwrap().pointer();
            assert_eq!(pointer, "/a/0".repeat(LEVELS / 2));
            assert!(explanation.to_json_patch().contains(&pointer));
            assert!(format!("{:?}", explanation.clone()).len() < 1000);

            describe_bytes(&text.as_bytes()[..text.len() - 1]).unwrap_err();
            describe_bytes(&text.as_bytes()[1..]).unwrap_err();
            describe_bytes("[".repeat(MANY).as_bytes()).unwrap_err();
            describe_bytes(text.replace('1', "[[[1]]]").as_bytes()).unwrap_err();
            describe_bytes("]".repeat(MANY).as_bytes()).unwrap_err();
        });
        checked.unwrap().join().unwrap();
    });
}

#[test]
fn strings_of_half_a_megabyte() {
    const LENGTH: usize = 500_000;
    let string = |content: String| format!("{{\"prompt\":\"{content}\"}}");
    let long = "a".repeat(LENGTH);
    check(&string(long.clone()), &string("b".repeat(LENGTH)), Some(1));
    check(&string(long.clone()), &string(long.clone() + "b"), Some(1));
    check(
        &string("é".repeat(LENGTH / 2)),
        &string("é".repeat(LENGTH / 2) + "e"),
        Some(1),
    );
    check(
        &string("\\\\".repeat(LENGTH / 2)),
        &string("\\\"".repeat(LENGTH / 2)),
        Some(1),
    );

    let middle = long.clone() + "x" + &long;
    let explanation = explained(&string(middle.replace('x', "X")), &string(middle));
    assert!(
        explanation
            .to_string()
            .contains("/prompt differs after 500000 equal characters:\n")
    );
}

#[test]
fn names_of_half_a_megabyte() {
    let name = "\\n".repeat(250_000);
    let object = |last: char| format!("{{\"{name}{last}\":1}}");
    check(&object('a'), &object('b'), Some(2));
}

#[test]
fn thousands_of_members() {
    let object = |name: char, value: usize| {
        let members = (0..MANY).map(|member| format!("\"{name}{member:06}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    check(&object('a', 1), &object('a', 2), Some(MANY));
    check(&object('a', 1), &object('b', 1), Some(2 * MANY));
}

#[test]
fn thousands_of_elements() {
    let ascending = array(0..MANY);
    let cases = [
        ("all others", array(MANY..2 * MANY), Some(MANY)),
        (
            "every second one another",
            array((0..MANY).map(|n| n + n % 2 * MANY)),
            Some(MANY / 2),
        ),
        (
            "one in front",
            array((0..=MANY).map(|n| n.wrapping_sub(1))),
            Some(1),
        ),
        (
            "halves swapped",
            array((MANY / 2..MANY).chain(0..MANY / 2)),
            Some(1),
        ),
        (
            "halves swapped and one more",
            array((MANY / 2..=MANY).chain(0..MANY / 2)),
            None,
        ),
        ("descending", array((0..MANY).rev()), Some(1)),
        ("descending and one more", array((0..=MANY).rev()), None),
        (
            "random",
            array(numbers(1).map(|n| n % MANY as u64).take(MANY)),
            None,
        ),
        ("nothing", array(0..0), Some(MANY)),
    ];
    for (case, other, expected) in cases {
        println!("{case}");
        check(&ascending, &other, expected);
    }
}

#[test]
fn elements_that_repeat() {
    for different in [2, 10, 1000] {
        let random = |seed| array(numbers(seed).map(|n| n % different).take(MANY));
        check(&random(1), &random(2), None);
    }
}

#[test]
fn objects_that_are_all_similar() {
    let objects = |count: usize, value: usize| {
        array((0..count).map(|object| {
            let members =
                (0..32).map(|member| format!("\"m{member:02}\":\"{object} {member} {value}\""));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }))
    };
    check(&objects(500, 1), &objects(500, 2), Some(16_000));
    check(&objects(31, 1), &objects(32, 2), None);
    // Groups that are just small enough to be aligned by similarity, between equal elements.
    let grouped = |value| {
        let group = objects(31, value);
        let groups = (0..25).map(|number| format!("{},{number}", &group[1..group.len() - 1]));
        array(groups)
    };
    check(&grouped(1), &grouped(2), Some(31 * 32 * 25));
}

#[test]
fn texts_that_could_be_split_in_many_places() {
    let candidates = [
        format!("{}1", "{\"a\":".repeat(MANY)),
        "\":".repeat(MANY),
        format!("[{}]", ":".repeat(MANY)),
        format!("{}\"", "\\".repeat(2 * MANY)),
        format!("\"{}\"x\"", "\\\"".repeat(MANY)),
        format!("{}]", "\"a\":[".repeat(MANY)),
        format!("{}1}}", ":{".repeat(MANY)),
    ];
    for text in candidates {
        let text = text.as_bytes();
        let describe = || describe_bytes(text).unwrap_err();
        cost::assert_at_most(MOST, describe, || sha256_hex(text));
    }
}

#[test]
fn a_scope_of_thousands_of_parts() {
    let scope = |value: char| {
        let mut scope = String::new();
        for label in 0..MANY {
            write!(scope, "l{label:06}:{value}%3A:").unwrap();
        }
        scope + "{}"
    };
    check(&scope('a'), &scope('b'), Some(0));
    assert_eq!(
        explained(&scope('a'), &scope('b')).scope_changes().len(),
        MANY
    );
}

#[test]
fn an_assertion_on_thousands_of_differences() {
    struct Numbers(u32);
    impl Canonical for Numbers {
        fn encode(&self, out: &mut Encoder<'_>) {
            vec![self.0; MANY].encode(out);
        }
    }
    impl IdempotencyKey for Numbers {}

    let fail = || {
        let mut attempts = 0..;
        let failed = panic::catch_unwind(move || {
            assert_retry_stable(|| Numbers(attempts.next().unwrap()));
        });
        *failed.unwrap_err().downcast::<String>().unwrap()
    };
    cost::assert_at_most(MOST, fail, || Numbers(0).idempotency_key());

    let message = fail();
    assert!(message.contains("/* differs between attempts"), "{message}");
    assert!(message.contains("and 24980 more differences"), "{message}");
    assert!(message.len() < 2000, "{message}");
}
