//! `agentidemp::testing`: what the assertions let pass, and what they say when they fail. The
//! expected texts are in `snapshots/`.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::{Instant, SystemTime};

use agentidemp::testing::{assert_distinct, assert_key, assert_retry_stable};
use agentidemp::{IdempotencyKey, sha256_hex};
use agentidemp_tests::transcript::{Chat, message};

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
    drop(panic::take_hook());

    let places: Vec<_> = places.iter().collect();
    let expected: Vec<_> = (1..=6)
        .map(|line| (file!().to_owned(), start + line))
        .collect();
    assert_eq!(places, expected);
}

/// What the assertion says; it has to fail.
fn failure_of(assertion: impl FnOnce()) -> String {
    let panicked = panic::catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
    *panicked.downcast::<String>().unwrap()
}
