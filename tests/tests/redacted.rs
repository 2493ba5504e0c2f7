//! Explanations and descriptions without content: what is shown, and that no value is.

use agentidemp::explain::{describe, describe_bytes, explain, explain_bytes};
use agentidemp_tests::transcript::Chat;

#[track_caller]
fn assert_explained(old: &str, new: &str, expected: &[&str]) {
    let explanation = explain_bytes(old.as_bytes(), new.as_bytes()).unwrap();
    let text = explanation.redacted().to_string();
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    assert_eq!(format!("{:?}", explanation.redacted()), text);
}

#[test]
fn a_value_is_its_kind_and_its_length() {
    for (value, shown) in [
        ("null", "null"),
        ("true", "boolean"),
        ("-12.5", "number"),
        (r#""""#, "string of 0 characters"),
        (r#""a""#, "string of 1 character"),
        (r#""é\n\u001f\"\\""#, "string of 5 characters"),
        ("[]", "array of 0 elements"),
        ("[[1,2]]", "array of 1 element"),
        (r#"{"a":1,"b":{"c":2}}"#, "object of 2 members"),
    ] {
        let with_value = format!(r#"{{"n":1,"x":{value}}}"#);
        let without = r#"{"n":1}"#;
        let [added, removed] = ["added", "removed"].map(|what| format!("/x {what}: {shown}"));
        assert_explained(without, &with_value, &["the requests differ:", &added]);
        assert_explained(&with_value, without, &["the requests differ:", &removed]);
    }
}

#[test]
fn two_values_are_two_kinds_and_lengths() {
    assert_explained(
        r#"{"messages":[{"content":"a"}],"seed":1,"tags":["a","b"],"x":"secret"}"#,
        r#"{"messages":[{"content":"ab"}],"seed":22,"tags":["b","a"],"x":null}"#,
        &[
            "the requests differ:",
            "/messages/0/content: string of 1 character -> string of 2 characters",
            "/seed: number -> number",
            "/tags has the same elements in another order: array of 2 elements",
            "/x: string of 6 characters -> null",
        ],
    );
    assert_explained(
        r#""a""#,
        "[1]",
        &[
            "the requests differ:",
            "the payload: string of 1 character -> array of 1 element",
        ],
    );
}

#[test]
fn of_the_scope_the_operation_and_the_labels_stay() {
    assert_explained(
        "charges.create:org:acme%3Aeu:user:ada:{}",
        "refunds.create:region:eu:user:bob7:{}",
        &[
            "the requests differ:",
            "scope operation: charges.create -> refunds.create",
            "scope org removed: 7 characters",
            "scope region added: 2 characters",
            "scope user: 3 characters -> 4 characters",
        ],
    );
}

#[test]
fn equal_requests_are_said_to_be_equal() {
    assert_explained("[1]", "[1]", &["the requests are equal"]);
}

#[test]
fn a_description_has_a_line_for_each_value() {
    let text = r#"op:user:ada:{"a":{"b":[1,"x",{}]},"c":[]}"#;
    assert_eq!(
        describe_bytes(text.as_bytes())
            .unwrap()
            .redacted()
            .to_string(),
        "scope operation: op\n\
         scope user: 3 characters\n\
         /a/b/0: number\n\
         /a/b/1: string of 1 character\n\
         /a/b/2: object of 0 members\n\
         /c: array of 0 elements"
    );
    assert_eq!(
        describe_bytes(b"42").unwrap().redacted().to_string(),
        "the payload: number"
    );
}

#[test]
fn a_screenful_is_shown_and_the_rest_is_counted() {
    let array = |value: u32| {
        let elements: Vec<_> = (0..22).map(|index| format!("[{index},{value}]")).collect();
        format!("[{}]", elements.join(","))
    };
    let explanation = explain_bytes(array(1).as_bytes(), array(2).as_bytes()).unwrap();
    let text = explanation.redacted().to_string();
    assert_eq!(text.lines().count(), 1 + 20 + 1);
    assert!(text.ends_with("\nand 2 more differences"), "{text}");
}

#[test]
fn names_that_cannot_be_seen_are_escaped() {
    let text = "op\u{202e}:us\u{200b}er:a:{\"n\u{202e}\":1}";
    let description = describe_bytes(text.as_bytes()).unwrap();
    let shown = description.redacted().to_string();
    assert!(
        shown
            .chars()
            .all(|shown| shown == '\n' || (' '..='~').contains(&shown))
    );
    assert!(shown.contains(r"/n\u{202e}: number"), "{shown}");
}

/// No value and no key, which could be guessed from.
#[test]
fn nothing_of_the_content_is_shown() {
    let secret = "4929";
    let chat = Chat::new().with(|chat| {
        chat.user = format!("user {secret}");
        chat.model = secret.into();
        chat.messages[0].content = format!("my number is {secret}");
        chat.seed = 4929;
        chat.temperature = 0.4929;
        chat.trace_id = Some(secret.into());
    });
    let (explanation, description) = (explain(&Chat::new(), &chat), describe(&chat));
    assert!(explanation.to_string().contains(secret));
    assert!(description.to_string().contains(secret));
    for text in [
        explanation.redacted().to_string(),
        description.redacted().to_string(),
        format!("{:?}", explanation.redacted()),
        format!("{:?}", description.redacted()),
    ] {
        assert!(!text.contains(secret), "{text}");
        assert!(!text.contains("ik_"), "{text}");
    }
}
