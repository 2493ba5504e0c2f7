//! `agentidemp::explain`: why two keys differ. The expected texts are in `snapshots/`.

use agentidemp::canonical::Encoder;
use agentidemp::explain::{
    Change, describe, describe_bytes, explain_bytes, explain_json, try_describe, try_explain,
};
use agentidemp::{Canonical, IdempotencyKey, Identity, Scope, Secret, explain, sha256_hex};
use agentidemp_tests::transcript::{Chat, Tool, document, message};
use agentidemp_tests::vectors::file::File;

/// Compares the text of explanations with files.
macro_rules! texts {
    ($($name:ident: $old:expr, $new:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(explain(&$old, &$new));
            });
        }
    )*};
}

texts! {
    equal_requests: Chat::new(), Chat::new();
    a_forgotten_timestamp: Chat::new(), Chat::new().with(|chat| chat.sent_at = "2026-01-05T09:30:00.844Z".into());
    another_user: Chat::new(), Chat::new().with(|chat| chat.user = "43".into());
    a_user_with_a_colon: Chat::new(), Chat::new().with(|chat| chat.user = "org:43%".into());
    integers_beyond_2_53: Chat::new(), Chat::new().with(|chat| chat.seed += 1);
    another_temperature: Chat::new(), Chat::new().with(|chat| chat.temperature = 0.7);
    a_member_in_one_attempt_only: Chat::new(), Chat::new().with(|chat| chat.trace_id = Some("4bf92f3577b34da6".into()));
    a_member_gone: Chat::new().with(|chat| chat.trace_id = Some("4bf92f3577b34da6".into())), Chat::new();
    a_message_inserted_in_front: Chat::new(), Chat::new().with(|chat| chat.messages.insert(0, message("system", "Today is Monday.")));
    a_message_removed: Chat::new(), Chat::new().with(|chat| { chat.messages.remove(1); });
    a_message_inserted_beside_a_changed_one: Chat::new(), Chat::new().with(|chat| {
        chat.messages[1].content.push_str(" Answer in one word.");
        chat.messages.insert(1, message("system", "Today is Monday."));
    });
    every_tool_renamed_and_one_inserted: Chat::new(), Chat::new().with(|chat| {
        chat.tools[0].name = "search_v2";
        chat.tools[1].name = "calculator_v2";
        chat.tools.insert(0, Tool { name: "clock", description: "Tells the time." });
    });
    two_small_arrays_in_another_order: Bare([2, 1]), Bare([1, 2]);
    tools_in_another_order: Chat::new(), Chat::new().with(|chat| chat.tools.reverse());
    a_long_prompt_that_differs_in_the_middle: long_prompt(), long_prompt().with(|chat| {
        chat.messages[1].content = chat.messages[1].content.replace("Sentence 150 of", "Phrase 150 of");
    });
    a_long_prompt_that_goes_on: long_prompt(), long_prompt().with(|chat| chat.messages[1].content.push_str("The end."));
    a_long_message_added: Chat::new(), Chat::new().with(|chat| chat.messages.push(message("user", &document(100))));
    escapes_around_the_difference: Chat::new().with(|chat| chat.messages[0].content = "\"\n\t\u{1}".repeat(50)),
        Chat::new().with(|chat| chat.messages[0].content = "\"\n\t\u{1}".repeat(50) + "!");
    one_unicode_form_and_another: Chat::new().with(|chat| chat.messages[1].content = "caf\u{e9}".into()),
        Chat::new().with(|chat| chat.messages[1].content = "cafe\u{301}".into());
    letters_that_look_alike: Chat::new().with(|chat| chat.model = "m-large".into()),
        Chat::new().with(|chat| chat.model = "m-l\u{430}rge".into());
    characters_that_cannot_be_seen: Chat::new().with(|chat| chat.model = "m\u{200b}-\u{a0}large".into()), Chat::new();
    everything_differs: Chat::new(), Chat::new().with(|chat| {
        chat.model = "m-small".into();
        chat.max_tokens = 1;
        chat.tools.clear();
        chat.messages = (0..40).map(|turn| message("user", &format!("Question {turn}"))).collect();
        chat.user = "43".into();
    });
    a_request_of_another_shape: Chat::new(), Bare("hello");
    names_that_a_pointer_escapes: Bare(Names { slash: 1, tilde: 1 }), Bare(Names { slash: 2, tilde: 2 });
}

fn long_prompt() -> Chat {
    Chat::new().with(|chat| chat.messages[1].content = document(300))
}

/// A request that is its content, without a scope.
struct Bare<T>(T);

impl<T: Canonical> Canonical for Bare<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.0.encode(out);
    }
}

impl<T: Canonical> IdempotencyKey for Bare<T> {}

#[derive(IdempotencyKey)]
struct Names {
    #[idem(rename = "and/or")]
    slash: u32,
    #[idem(rename = "~user")]
    tilde: u32,
}

#[test]
fn an_explanation_is_typed() {
    let old = Chat::new();
    let new = Chat::new().with(|chat| {
        chat.user = "org:43%".into();
        chat.max_tokens = 2048;
        chat.messages.remove(0);
        chat.messages.push(message("user", "Hello?"));
        chat.tools.reverse();
    });
    let explanation = explain(&old, &new);

    assert!(!explanation.is_equal());
    assert_eq!(explanation.old_key(), old.idempotency_key());
    assert_eq!(explanation.new_key(), new.idempotency_key());

    let [scope] = explanation.scope_changes() else {
        panic!("one scope change: {explanation:?}");
    };
    assert_eq!(scope.label.as_deref(), Some("user"));
    assert_eq!(scope.old.as_deref(), Some("42"));
    assert_eq!(scope.new.as_deref(), Some("org:43%"));
    assert_eq!(scope.to_string(), "user: 42 -> org:43%");

    let differences: Vec<_> = explanation
        .differences()
        .map(|difference| (difference.pointer(), difference.change()))
        .collect();
    let system = r#"{"content":"You are a terse assistant.","role":"system"}"#;
    let hello = r#"{"content":"Hello?","role":"user"}"#;
    let search = r#"{"description":"Searches the web.","name":"search"}"#;
    let calculator = r#"{"description":"Computes.","name":"calculator"}"#;
    assert_eq!(
        differences,
        [
            (
                "/max_tokens".to_owned(),
                Change::Replaced {
                    old: "1024",
                    new: "2048"
                }
            ),
            ("/messages/0".to_owned(), Change::Removed { value: system }),
            ("/messages/3".to_owned(), Change::Added { value: hello }),
            (
                "/tools".to_owned(),
                Change::Reordered {
                    old: &format!("[{search},{calculator}]"),
                    new: &format!("[{calculator},{search}]"),
                }
            ),
        ]
    );
}

#[test]
fn requests_and_their_bytes_have_one_explanation() {
    let old = Chat::new();
    let new = Chat::new().with(|chat| {
        chat.user = "43".into();
        chat.sent_at.clear();
    });
    assert_eq!(
        explain(&old, &new).to_string(),
        explain_bytes(&old.canonical_bytes(), &new.canonical_bytes())
            .unwrap()
            .to_string()
    );
}

#[test]
fn numbers_compare_digit_by_digit() {
    let cases = [
        ("9007199254740992", "9007199254740993"),
        (
            "340282366920938463463374607431768211454",
            "340282366920938463463374607431768211455",
        ),
        ("1e+23", "100000000000000000000000"),
        ("0.1", "0.10000000000000002"),
        ("-5e-324", "0"),
    ];
    for (old, new) in cases {
        let explanation = explain_bytes(old.as_bytes(), new.as_bytes()).unwrap();
        let changes: Vec<_> = explanation
            .differences()
            .map(|difference| difference.change())
            .collect();
        assert_eq!(changes, [Change::Replaced { old, new }]);
    }
}

#[test]
fn every_part_of_a_scope_is_explained() {
    let cases = [
        (r#"a:{}"#, r#"b:{}"#, "operation: a -> b"),
        (r#"{}"#, r#"b:{}"#, "operation added: b"),
        (r#"a:{}"#, r#"{}"#, "operation removed: a"),
        (r#"a:user:1:{}"#, r#"a:{}"#, "user removed: 1"),
        (
            r#"user:1:{}"#,
            r#"tenant:1:{}"#,
            "tenant added: 1, user removed: 1",
        ),
        (r#"user:a%3Ab:{}"#, r#"user:a%25b:{}"#, "user: a:b -> a%b"),
        // No value is written so, but an operation can hold anything.
        (r#"user:%zz:{}"#, r#"user:%25zz:{}"#, "user: %zz -> %25zz"),
        (r#"user::{}"#, r#"user:1:{}"#, "user:  -> 1"),
    ];
    for (old, new, expected) in cases {
        let explanation = explain_bytes(old.as_bytes(), new.as_bytes()).unwrap();
        let changes: Vec<_> = explanation
            .scope_changes()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(changes.join(", "), expected);
        assert_eq!(explanation.differences().len(), 0);
    }
}

#[test]
fn scope_and_payload_are_split_wherever_the_payload_holds_a_colon() {
    let cases = [
        (
            r#"chat.create:user:42:{"a":{"b":":{\"c\":1}"}}"#,
            r#"{"a":{"b":":{\"c\":1}"}}"#,
        ),
        (r#"user:42:"a:\"b\\""#, r#""a:\"b\\""#),
        (r#"user:"quoted":"a""#, r#""a""#),
        (r#"user:{%3A:[1,":]"]"#, r#"[1,":]"]"#),
        ("user:42:-1.5e-7", "-1.5e-7"),
        ("user:42:null", "null"),
        (r#"":""#, r#"":""#),
        (r#"[":",":"]"#, r#"[":",":"]"#),
    ];
    for (text, payload) in cases {
        let explanation = explain_bytes(text.as_bytes(), b"other:0").unwrap();
        let changes: Vec<_> = explanation
            .differences()
            .map(|difference| difference.change())
            .collect();
        assert_eq!(
            changes,
            [Change::Replaced {
                old: payload,
                new: "0"
            }],
            "{text}"
        );
        assert_eq!(explanation.old_key(), sha256_hex(text.as_bytes()));
    }
}

#[test]
fn every_vector_is_canonical() {
    let file = File::read(include_str!("../../agentidemp/vectors/v1.json")).unwrap();
    assert!(file.vectors.len() > 100);
    let vectors = file.vectors.iter();
    for vector in vectors.filter(|vector| vector.secret.is_none()) {
        let description = describe_bytes(vector.canonical.as_bytes());
        assert_eq!(description.unwrap().key(), vector.key, "{}", vector.name);
    }
}

#[test]
fn what_is_not_canonical_is_an_error_with_a_place() {
    let cases = include_str!("explain/not_canonical.tsv");
    assert!(cases.lines().count() > 20);
    for line in cases.lines() {
        let (text, expected) = line.split_once('\t').unwrap();
        let bytes: Vec<u8> = serde_json::from_str::<String>(text)
            .unwrap()
            .chars()
            .map(byte_of)
            .collect();
        let error = describe_bytes(&bytes).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

/// The byte that a character up to U+00FF stands for.
fn byte_of(character: char) -> u8 {
    u8::try_from(character).unwrap()
}

#[test]
fn the_error_says_which_text_is_not_canonical() {
    let error = explain_bytes(b"{}", b"{\"a\": 1}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "byte 5 of the second text: white space is not canonical; \
         the text is JSON: `explain_json` takes bodies as they were sent"
    );
    assert_eq!(error.position(), 5);
    let error = explain_bytes(b"", b"{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "byte 0 of the first text: the text ends where a value is expected"
    );
}

#[test]
fn a_request_without_a_canonical_form_is_an_error() {
    let nan = Chat::new().with(|chat| chat.temperature = f64::NAN);
    let expected = "/temperature: NaN has no canonical form";
    assert_eq!(
        try_explain(&nan, &Chat::new()).unwrap_err().to_string(),
        expected
    );
    assert_eq!(
        try_explain(&Chat::new(), &nan).unwrap_err().to_string(),
        expected
    );
    assert_eq!(try_describe(&nan).unwrap_err().to_string(), expected);
}

#[test]
#[should_panic(expected = "/temperature: NaN has no canonical form: make the number finite")]
fn explaining_a_request_without_a_canonical_form_panics() {
    let nan = Chat::new().with(|chat| chat.temperature = f64::NAN);
    let _ = explain(&nan, &nan);
}

#[test]
fn an_operation_may_look_like_a_payload() {
    struct Odd(&'static str);
    impl Canonical for Odd {
        fn encode(&self, out: &mut Encoder<'_>) {
            0.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            scope.operation(self.0);
        }
    }
    impl IdempotencyKey for Odd {}
    for operation in ["{\"a\"", "[", "[1]", "]", "\"", "\\", "{}", "zz\n"] {
        let explanation = explain(&Odd(operation), &Odd("plain"));
        assert!(!explanation.is_equal(), "{operation}");
        assert_eq!(explanation.differences().len(), 0, "{operation}");
        assert!(explain(&Odd(operation), &Odd(operation)).is_equal());
    }
    // From the bytes alone, too, unless they are what JSON text begins with.
    for operation in ["[", "[a", "[1]", "]", "{}"] {
        let bytes = Odd(operation).canonical_bytes();
        let explanation = explain_bytes(&bytes, &bytes);
        assert!(explanation.unwrap().is_equal(), "{operation}");
    }
}

#[test]
fn a_request_of_no_sized_type_is_explained() {
    let old: &dyn IdempotencyKey = &Chat::new();
    let new: Box<dyn IdempotencyKey> = Box::new(Chat::new());
    assert!(explain(old, &*new).is_equal());
}

#[test]
fn a_description_shows_key_scope_and_payload() {
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(describe(&Chat::new()));
    });
}

#[test]
fn a_description_of_bytes_is_that_of_the_request() {
    let bytes = Chat::new().canonical_bytes();
    let description = describe_bytes(&bytes).unwrap();
    assert_eq!(description.to_string(), describe(&Chat::new()).to_string());
    assert_eq!(description.key(), Chat::new().idempotency_key());
}

#[test]
fn a_description_shows_empty_and_plain_payloads() {
    let cases = [
        ("{}", "{}"),
        ("[]", "[]"),
        ("a:null", "scope operation: a\nnull"),
        (
            r#"[[],{"a":[]},[[1]]]"#,
            "[\n  [],\n  {\n    \"a\": []\n  },\n  [\n    [\n      1\n    ]\n  ]\n]",
        ),
    ];
    for (text, expected) in cases {
        let description = describe_bytes(text.as_bytes()).unwrap().to_string();
        let (_key, rest) = description.split_once('\n').unwrap();
        assert_eq!(rest, expected);
    }
}

#[test]
fn a_description_shows_nothing_that_cannot_be_seen() {
    let request = "{\"\u{202e}\":[\"\u{9b}31m\"]}";
    let description = describe_bytes(request.as_bytes()).unwrap();
    let shown = description.to_string();
    assert!(shown.ends_with("{\n  \"\\u202e\": [\n    \"\\u009b31m\"\n  ]\n}"));
    assert_eq!(description.canonical_text(), request);
}

#[test]
fn a_keyed_request_has_its_keyed_key_in_every_report() {
    let identity = Identity::new().scope("a").secret(Secret::new("secret"));
    let [old, new] = ["[1]", "[2]"].map(|body| identity.key_of_json(body.as_bytes()).unwrap());
    let explanation = explain_json(&identity, b"[1]", b"[2]").unwrap();
    assert_eq!((explanation.old_key(), explanation.new_key()), (old, new));
    let description = describe(&identity.of_json(b"[1]"));
    assert_eq!(description.key(), old);
    assert_eq!(description.scope(), Some("a"));
    assert_eq!(description.canonical_text(), "a:[1]");
}

#[test]
fn bodies_are_compared_as_they_were_sent() {
    let identity = Identity::new().exclude(["sent_at"]).scope("charges.create");
    let pretty = b"{\n  \"sent_at\": 1,\n  \"b\": 1.0,\n  \"a\": \"\\u00e9\"\n}\n";
    let compact = "{\"a\":\"\u{e9}\",\"b\":1}";
    let explanation = explain_json(&identity, pretty, compact.as_bytes()).unwrap();
    assert!(explanation.is_equal());
    assert_eq!(explanation.old_key(), identity.key_of_json(pretty).unwrap());

    let explanation = explain_json(&identity, pretty, br#"{"b":2,"a":"e"}"#).unwrap();
    let differences = explanation.differences();
    let pointers: Vec<_> = differences.map(|difference| difference.pointer()).collect();
    assert_eq!(pointers, ["/a", "/b"]);

    let error = explain_json(&identity, b"{}", br#"{"a":[1}"#).unwrap_err();
    assert_eq!((error.offset(), error.pointer()), (Some(7), "/a"));
}

#[test]
fn a_line_end_behind_canonical_bytes_is_no_fault() {
    let plain = br#"user:42:{"n":1}"#;
    for line_end in ["\n", "\r\n"] {
        let line = [plain, line_end.as_bytes()].concat();
        assert!(explain_bytes(&line, plain).unwrap().is_equal());
    }
}

#[test]
fn a_payload_that_is_cut_off_is_no_scope() {
    for text in [
        r#"{"a":1"#,
        r#"{"a":"x:y"#,
        r#"{"a":{"b":1,"c":2"#,
        r#"{"a":[{"b":"#,
    ] {
        describe_bytes(text.as_bytes()).unwrap_err();
    }
    // Labels ascend.
    describe_bytes(b"b:1:a:2:{}").unwrap_err();
    // An operation may begin with a bracket.
    let operation = Identity::new().scope("[bulk]").canonical_bytes(&1).unwrap();
    assert!(describe_bytes(&operation).is_ok());
}
