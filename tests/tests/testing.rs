//! `agentidemp::testing`: what the assertions let pass, and what they say when they fail. The
//! expected texts are in `snapshots/`.

use std::collections::{HashMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::{Instant, SystemTime};

use agentidemp::testing::{
    assert_distinct, assert_key, assert_retry_stable, assert_wire_agrees, assert_wire_stable,
};
use agentidemp::{IdempotencyKey, Identity, Secret, canonical_by_serialize, sha256_hex};
use agentidemp_tests::transcript::{Chat, message};
use serde::{Serialize, Serializer};

/// Compares what is said of retries with files. What changes the request gets the number of the
/// attempt.
macro_rules! unstable {
    ($($name:ident: $change:expr;)*) => {$(
        #[test]
        fn $name() {
            let change: fn(&mut Chat, usize) = $change;
            let mut attempts = 1..;
            let failure = failure_of(|| {
                assert_retry_stable(|| {
                    Chat::new().with(|chat| change(chat, attempts.next().unwrap()))
                });
            });
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(failure);
            });
        }
    )*};
}

unstable! {
    a_timestamp: |chat, attempt| chat.sent_at = format!("2026-01-05T09:30:0{attempt}Z");
    a_change_in_the_third_attempt: |chat, attempt| chat.max_tokens += u32::from(attempt == 3);
    a_value_that_is_sometimes_there: |chat, attempt| chat.trace_id = (attempt > 1).then(|| "4bf92f35".into());
    a_value_in_a_message: |chat, attempt| chat.messages[1].content = format!("It is {attempt} o'clock.");
    a_value_in_every_message: |chat, attempt| {
        for message in &mut chat.messages {
            message.content = format!("It is {attempt} o'clock.");
        }
    };
    a_message_that_is_sometimes_there: |chat, attempt| if attempt > 1 {
        chat.messages.push(message("user", "Again!"));
    };
    tools_in_no_fixed_order: |chat, attempt| chat.tools.rotate_left(attempt % 2);
    a_scope_field: |chat, attempt| chat.user = format!("session-{attempt}");
    everything: |chat, attempt| {
        chat.user = format!("session-{attempt}");
        chat.sent_at = attempt.to_string();
        chat.model = format!("m-{attempt}");
        chat.seed = attempt as u128;
        chat.temperature = attempt as f64;
        chat.max_tokens = u32::try_from(attempt).unwrap();
        chat.tools.clear();
        chat.messages.truncate(attempt);
    };
}

#[test]
fn a_stable_request_passes() {
    let mut attempts = 0;
    let start = Instant::now();
    assert_retry_stable(|| {
        attempts += 1;
        Chat::new()
    });
    assert!(attempts >= 3, "{attempts}");
    assert!(start.elapsed().as_millis() >= 5);
}

#[test]
fn a_clock_in_milliseconds_is_caught() {
    let now = || {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
    };
    let failure = failure_of(|| {
        assert_retry_stable(|| Chat::new().with(|chat| chat.seed = now().as_millis()));
    });
    assert!(
        failure.contains("\n/seed differs between attempts: mark it #[idem(skip)]\n"),
        "{failure}"
    );
}

#[test]
fn a_skipped_clock_passes() {
    #[derive(IdempotencyKey)]
    struct Chat {
        prompt: &'static str,
        #[idem(skip)]
        sent_at: SystemTime,
    }
    let mut times = Vec::new();
    assert_retry_stable(|| {
        let chat = Chat {
            prompt: "hello",
            sent_at: SystemTime::now(),
        };
        times.push(chat.sent_at);
        chat
    });
    assert_ne!(times.first(), times.last());
}

#[test]
fn different_requests_are_distinct() {
    assert_distinct(&Chat::new(), &Chat::new().with(|chat| chat.seed += 1));
    assert_distinct(
        &Chat::new(),
        &Chat::new().with(|chat| chat.user = "43".into()),
    );
}

#[test]
fn one_request_is_not_distinct() {
    let failure = failure_of(|| assert_distinct(&Chat::new(), &Chat::new()));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(failure);
    });
}

#[test]
fn a_pinned_key_passes() {
    let bytes = Chat::new().canonical_bytes();
    assert_key(&Chat::new(), sha256_hex(&bytes).as_str());
}

#[test]
fn a_key_that_is_not_the_pinned_one_fails_with_the_canonical_bytes() {
    let pinned = Chat::new().idempotency_key();
    let chat = Chat::new().with(|chat| chat.max_tokens += 1);
    let failure = failure_of(|| assert_key(&chat, pinned.as_str()));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(failure);
    });
    let bytes = String::from_utf8(chat.canonical_bytes()).unwrap();
    assert!(failure.lines().any(|line| line == bytes), "{failure}");
}

#[test]
fn a_short_key_is_not_the_pinned_one() {
    let chat = Chat::new();
    let short = chat.idempotency_key().short();
    failure_of(|| assert_key(&chat, short.as_str()));
}

#[test]
fn a_request_without_a_canonical_form_fails() {
    let nan = Chat::new().with(|chat| chat.temperature = f64::NAN);
    let expected = "/temperature: NaN has no canonical form";
    assert!(failure_of(|| assert_retry_stable(|| nan.clone())).starts_with(expected));
    assert!(failure_of(|| assert_distinct(&nan, &Chat::new())).starts_with(expected));
    assert!(failure_of(|| assert_key(&nan, "ik_")).starts_with(expected));
}

#[test]
fn a_failure_points_at_the_assertion() {
    let nan = Chat::new().with(|chat| chat.temperature = f64::NAN);
    let mut attempts = 0..;
    let unstable = || Chat::new().with(|chat| chat.seed = attempts.next().unwrap());
    let mut ticks = 0..;
    let resent = || Order::new().with(|order| order.attempt = ticks.next().unwrap());

    let (sender, places) = mpsc::channel();
    let this = thread::current().id();
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |failure| {
        if thread::current().id() == this {
            let place = failure.location().unwrap();
            sender
                .send((place.file().to_owned(), place.line()))
                .unwrap();
        } else {
            default(failure);
        }
    }));
    let start = line!();
    failure_of(|| assert_retry_stable(unstable));
    failure_of(|| assert_retry_stable(|| nan.clone()));
    failure_of(|| assert_distinct(&nan, &nan));
    failure_of(|| assert_distinct(&Chat::new(), &Chat::new()));
    failure_of(|| assert_key(&nan, "ik_"));
    failure_of(|| assert_key(&Chat::new(), "ik_"));
    failure_of(|| assert_wire_agrees(&Order::new(), &Identity::new()));
    failure_of(|| assert_wire_agrees(&Order::new(), &identity_of_order().only(["/absent"])));
    failure_of(|| assert_wire_agrees(&Refusing, &Identity::new()));
    failure_of(|| assert_wire_stable(|| Refusing));
    failure_of(|| assert_wire_stable(resent));
    drop(panic::take_hook());

    let places: Vec<_> = places.iter().collect();
    let expected: Vec<_> = (1..=11)
        .map(|line| (file!().to_owned(), start + line))
        .collect();
    assert_eq!(places, expected);
}

/// A request that two services know.
#[derive(IdempotencyKey, Serialize, Clone)]
#[idem(scope = "orders.create")]
struct Order {
    #[idem(scope)]
    tenant: &'static str,
    lines: Vec<Line>,
    tags: HashSet<u32>,
    #[idem(skip)]
    attempt: u32,
}

#[derive(IdempotencyKey, Serialize, Clone)]
struct Line {
    item: String,
    #[idem(skip)]
    trace_id: u32,
}

impl Order {
    fn new() -> Self {
        let line = |item: &str, trace_id| Line {
            item: item.into(),
            trace_id,
        };
        Self {
            tenant: "acme",
            lines: vec![line("apple", 1), line("pear", 2)],
            // So many that the order is another one, but for one in a million times.
            tags: (1..=10).collect(),
            attempt: 2,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// What the type says, but for one thing.
fn identity_of_order() -> Identity {
    Identity::new()
        .scope("orders.create")
        .scope_member("tenant", "/tenant")
        .exclude(["/attempt", "/lines/*/trace_id"])
        .unordered(["/tags"])
}

/// A request whose `Serialize` reports an error.
#[derive(IdempotencyKey)]
struct Refusing;

impl Serialize for Refusing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no\u{202e}body"))
    }
}

/// Asserts that an identity does not agree with a type, and that these are all the lines that say so.
#[track_caller]
fn assert_disagrees<T: IdempotencyKey + Serialize>(
    request: &T,
    identity: &Identity,
    expected: &[&str],
) {
    let failure = failure_of(|| assert_wire_agrees(request, identity));
    let (lines, explanation) = failure.split_once("\n\nthe keys differ:\n").unwrap();
    let mut lines = lines.lines();
    assert_eq!(
        lines.next().unwrap(),
        "the request has one key by its type, and another one by the identity from its JSON:"
    );
    assert_eq!(lines.collect::<Vec<_>>(), expected);
    assert!(explanation.contains("ik_"), "{explanation}");
}

#[test]
fn an_identity_that_says_what_the_type_says_agrees() {
    for _ in 0..10 {
        assert_wire_agrees(&Order::new(), &identity_of_order());
    }
    let secret = Secret::new(b"0123456789abcdef0123456789abcdef");
    assert_wire_agrees(&Order::new(), &identity_of_order().secret(secret));
}

#[test]
fn a_skip_that_the_other_service_forgot_is_found() {
    let identity = Identity::new()
        .scope("orders.create")
        .scope_member("tenant", "/tenant")
        .unordered(["/tags"]);
    assert_disagrees(
        &Order::new(),
        &identity,
        &[
            "/attempt counts by the identity alone: exclude it there, or take #[idem(skip)] off",
            "/lines/*/trace_id counts by the identity alone: exclude it there, or take #[idem(skip)] off",
        ],
    );
}

#[test]
fn a_skip_that_the_type_forgot_is_found() {
    let identity = identity_of_order().exclude(["/lines/*/item"]);
    assert_disagrees(
        &Order::new(),
        &identity,
        &[
            "/lines/*/item counts by the type alone: mark it #[idem(skip)], or, if it is, \
           take #[idem(serde)] off the field around it; \
           or it is excluded by the identity, or left out by `Serialize`",
        ],
    );
}

#[test]
fn a_set_that_is_none_there_is_found() {
    let identity = Identity::new()
        .scope("orders.create")
        .scope_member("tenant", "/tenant")
        .exclude(["/attempt", "/lines/*/trace_id"]);
    assert_disagrees(
        &Order::new(),
        &identity,
        &["/tags is a set on one side alone: \
           mark it #[idem(unordered)], or name it by the identity's `unordered`"],
    );
}

#[test]
fn a_scope_that_is_none_there_is_found_and_its_member_is_not_named_again() {
    let identity = Identity::new()
        .exclude(["/attempt", "/lines/*/trace_id"])
        .unordered(["/tags"]);
    assert_disagrees(
        &Order::new(),
        &identity,
        &[
            "the operation is not the same: give the identity the type's by `scope`",
            "the scope field \"tenant\" is the type's alone: \
             name it by the identity's `scope_member`, or give it by `scope_field`",
        ],
    );
    assert_disagrees(
        &Order::new(),
        &identity_of_order().scope_field("region", "eu"),
        &["the scope field \"region\" is the identity's alone: \
           mark it #[idem(scope)], or take it out of the identity"],
    );
}

#[test]
fn a_scope_value_whose_text_is_not_its_json_is_found() {
    #[derive(IdempotencyKey, Serialize)]
    struct Ping {
        #[idem(scope, with = |user| user.to_lowercase())]
        user: String,
    }
    assert_disagrees(
        &Ping { user: "Ada".into() },
        &Identity::new().scope_member("user", "/user"),
        &["the scope field \"user\" has two values: \
           where its `Display` text is not its JSON, give the text by the identity's `scope_field`"],
    );
}

#[derive(IdempotencyKey)]
struct Money {
    cents: u64,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "{}.{:02}",
            self.cents / 100,
            self.cents % 100
        ))
    }
}

#[test]
fn a_hand_written_serialize_that_the_derive_does_not_see_is_found() {
    #[derive(IdempotencyKey, Serialize)]
    struct Charge {
        amount: Money,
    }
    assert_disagrees(
        &Charge {
            amount: Money { cents: 500 },
        },
        &Identity::new(),
        &["/amount is not written as its `Serialize` does: \
           where that is written by hand, mark it #[idem(serde)]"],
    );
    assert_disagrees(
        &Money { cents: 500 },
        &Identity::new(),
        &["the payload is not written as its `Serialize` does: \
           where that is written by hand, mark it #[idem(serde)]"],
    );
}

#[test]
fn a_hand_written_serialize_that_the_type_goes_by_agrees() {
    #[derive(IdempotencyKey, Serialize)]
    struct Charge {
        #[idem(serde)]
        amount: Money,
    }
    struct Cents(u64);
    impl Serialize for Cents {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }
    canonical_by_serialize!(Cents);
    impl IdempotencyKey for Cents {}

    let amount = Money { cents: 500 };
    assert_wire_agrees(&Charge { amount }, &Identity::new());
    assert_wire_agrees(&Cents(500), &Identity::new());
}

#[test]
fn json_in_a_string_on_one_side_alone_is_found() {
    #[derive(IdempotencyKey, Serialize)]
    struct Event {
        #[idem(json)]
        body: &'static str,
    }
    let event = Event {
        body: r#"{"b": 1.0, "a": []}"#,
    };
    assert_wire_agrees(&event, &Identity::new().json(["/body"]));
    assert_disagrees(
        &event,
        &Identity::new(),
        &["/body is JSON text on one side alone: \
           mark it #[idem(json)], or name it by the identity's `json`"],
    );
}

#[test]
fn json_that_has_no_key_by_the_identity_fails_with_the_reason() {
    let identity = identity_of_order().only(["/lines", "/amout"]);
    let failure = failure_of(|| assert_wire_agrees(&Order::new(), &identity));
    assert!(
        failure.starts_with("the JSON of the request has no key by the identity: ")
            && failure.contains("\"/amout\" is absent"),
        "{failure}"
    );
}

#[test]
fn a_request_that_refuses_to_be_written_fails_with_its_reason() {
    let expected = "the request has no JSON: no\\u202ebody";
    assert_eq!(
        failure_of(|| assert_wire_agrees(&Refusing, &Identity::new())),
        expected
    );
    assert_eq!(failure_of(|| assert_wire_stable(|| Refusing)), expected);
}

#[test]
fn a_request_without_a_canonical_form_is_not_the_other_services_fault() {
    #[derive(IdempotencyKey, Serialize)]
    struct Sampling {
        temperature: f64,
    }
    let nan = || Sampling {
        temperature: f64::NAN,
    };
    let expected = "/temperature: NaN has no canonical form";
    let failure = failure_of(|| assert_wire_agrees(&nan(), &Identity::new()));
    assert!(failure.starts_with(expected), "{failure}");
    let failure = failure_of(|| assert_wire_stable(nan));
    assert!(failure.starts_with(expected), "{failure}");
}

/// What is skipped and in the body all the same.
#[derive(IdempotencyKey, Serialize)]
struct Sent {
    prompt: &'static str,
    #[idem(skip)]
    steps: Vec<u32>,
    #[idem(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<usize>,
    labels: HashMap<u32, u32>,
}

impl Sent {
    fn new() -> Self {
        Self {
            prompt: "hello",
            steps: Vec::new(),
            attempt: None,
            labels: HashMap::new(),
        }
    }
}

#[test]
fn one_body_passes() {
    let mut attempts = 0;
    assert_wire_stable(|| {
        attempts += 1;
        Sent::new()
    });
    assert_eq!(attempts, 3);
}

#[test]
fn a_skipped_field_that_is_in_the_body_is_found() {
    let mut attempts = 0..;
    let failure = failure_of(|| {
        assert_wire_stable(|| Sent {
            steps: vec![1, attempts.next().unwrap()],
            ..Sent::new()
        });
    });
    assert_eq!(
        failure,
        "attempt 2 has the key of attempt 1, and another body:\n\
         /steps/* differs\n\
         send the bytes of the first attempt again, or put what changes into headers: \
         a receiver that compares bodies refuses one key with two of them\n"
    );
}

#[test]
fn a_skipped_field_that_is_there_in_a_retry_is_found() {
    let mut attempts = 1..;
    let failure = failure_of(|| {
        assert_wire_stable(|| {
            let attempt = attempts.next().filter(|attempt| *attempt == 3);
            Sent {
                attempt,
                ..Sent::new()
            }
        });
    });
    assert!(
        failure.starts_with(
            "attempt 3 has the key of attempt 1, and another body:\n\
             /attempt is there in some attempts only\n"
        ),
        "{failure}"
    );
}

#[test]
fn members_in_another_order_are_found() {
    let failure = failure_of(|| {
        assert_wire_stable(|| Sent {
            labels: (0..10).map(|label| (label, label)).collect(),
            ..Sent::new()
        });
    });
    assert!(
        failure.contains("\nit says the same in another way from byte ")
            && failure.contains(": the members of a HashMap have another order in each attempt\n"),
        "{failure}"
    );
}

#[test]
fn another_key_is_said_before_another_body() {
    let mut prompts = ["hello", "hi"].into_iter().cycle();
    let failure = failure_of(|| {
        assert_wire_stable(|| Sent {
            prompt: prompts.next().unwrap(),
            ..Sent::new()
        });
    });
    assert!(
        failure.starts_with(
            "attempt 2 has another key than attempt 1:\n\
             /prompt differs between attempts: mark it #[idem(skip)]\n"
        ),
        "{failure}"
    );
}

/// Names and values that clear a terminal, turn its direction, and cannot be seen.
#[test]
fn what_cannot_be_seen_is_escaped_in_every_failure() {
    const HOSTILE: &str = "a\u{1b}[2J\u{202e}\u{200b}\u{85}\u{7f}";

    #[derive(IdempotencyKey, Serialize, Clone)]
    struct Map {
        names: HashMap<String, String>,
    }
    #[derive(IdempotencyKey, Serialize, Clone)]
    struct Skipped {
        prompt: &'static str,
        #[idem(skip)]
        names: HashMap<String, String>,
    }
    let names = |value: usize| HashMap::from([(HOSTILE.into(), format!("{HOSTILE}{value}"))]);
    let map = |value| Map {
        names: names(value),
    };
    let mut attempts = 0..;
    let excluding = Identity::new().exclude(["/names/*"]);

    for failure in [
        failure_of(|| assert_retry_stable(|| map(attempts.next().unwrap()))),
        failure_of(|| assert_distinct(&map(1), &map(1))),
        failure_of(|| assert_key(&map(1), "ik_")),
        failure_of(|| assert_wire_agrees(&map(1), &excluding)),
        failure_of(|| {
            assert_wire_stable(|| Skipped {
                prompt: "hello",
                names: names(attempts.next().unwrap()),
            });
        }),
    ] {
        let harmless = |character: char| character == '\n' || (' '..='~').contains(&character);
        assert!(failure.chars().all(harmless), "{failure:?}");
        assert!(failure.contains("202e"), "{failure}");
    }
}

/// What the assertion says; it has to fail.
fn failure_of(assertion: impl FnOnce()) -> String {
    let panicked = panic::catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
    *panicked.downcast::<String>().unwrap()
}
