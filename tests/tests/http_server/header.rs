//! Each form of the header has an answer, and none is taken for no key.

use agentidemp::header::server::{OncePerKey, ProblemKind, ReceivedKey};
use agentidemp::header::{IDEMPOTENCY_KEY, X_IDEMPOTENCY_KEY};
use agentidemp::{Key, sha256_hex};
use http::{HeaderMap, HeaderValue, Method};

use crate::shop::{Place, Shop, in_memory, routes, send};

const OURS: &str = "ik_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Headers, and the text of the key in them or what is wrong.
type Form = (Vec<Vec<u8>>, Result<String, ProblemKind>);

fn forms() -> Vec<Form> {
    let longest = "k".repeat(255);
    let too_long = "k".repeat(256);
    let one = |value: &str| vec![value.as_bytes().to_vec()];
    let reads = |value: &str, text: &str| (one(value), Ok(text.to_string()));
    let refused = |value: &str, kind| (one(value), Err(kind));
    vec![
        reads(OURS, OURS),
        reads(&format!("\"{OURS}\""), OURS),
        reads(&format!("  \"{OURS}\"  "), OURS),
        reads(&format!("\"{OURS}\";version=1"), OURS),
        reads(
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
        ),
        reads(
            "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
        ),
        // Of this crate by its beginning alone.
        reads("ik_1", "ik_1"),
        reads("42", "42"),
        reads("?1", "?1"),
        reads(":AQ==:", ":AQ==:"),
        reads("order/7#a=b'(c)", "order/7#a=b'(c)"),
        reads("\"order 7, again; \\\"now\\\"\"", "order 7, again; \"now\""),
        reads(&longest, &longest),
        reads(&format!("\"{longest}\""), &longest),
        (vec![], Err(ProblemKind::KeyMissing)),
        (
            vec![b"a".to_vec(), b"b".to_vec()],
            Err(ProblemKind::KeyRepeated),
        ),
        (
            vec![b"a".to_vec(), b"a".to_vec()],
            Err(ProblemKind::KeyRepeated),
        ),
        (
            vec![b"a".to_vec(), b"".to_vec()],
            Err(ProblemKind::KeyRepeated),
        ),
        (
            vec![OURS.into(), OURS.into()],
            Err(ProblemKind::KeyRepeated),
        ),
        refused("a, b", ProblemKind::KeyRepeated),
        refused("a,a", ProblemKind::KeyRepeated),
        refused("a,", ProblemKind::KeyRepeated),
        refused(&format!("{OURS}, {OURS}"), ProblemKind::KeyRepeated),
        refused("\"a\", \"b\"", ProblemKind::KeyRepeated),
        refused("\"a\",b", ProblemKind::KeyRepeated),
        refused("", ProblemKind::KeyMalformed),
        refused("  ", ProblemKind::KeyMalformed),
        refused("\"\"", ProblemKind::KeyMalformed),
        refused("\"a", ProblemKind::KeyMalformed),
        refused("a\"", ProblemKind::KeyMalformed),
        refused("\"a\"b", ProblemKind::KeyMalformed),
        refused("\"a\\b\"", ProblemKind::KeyMalformed),
        refused("\"a\",", ProblemKind::KeyMalformed),
        refused("a b", ProblemKind::KeyMalformed),
        refused("a;b", ProblemKind::KeyMalformed),
        refused("é", ProblemKind::KeyMalformed),
        refused("\"é\"", ProblemKind::KeyMalformed),
        (vec![b"\xff".to_vec()], Err(ProblemKind::KeyMalformed)),
        refused(&too_long, ProblemKind::KeyTooLong),
        refused(&format!("\"{too_long}\""), ProblemKind::KeyTooLong),
    ]
}

fn headers(values: &[Vec<u8>]) -> HeaderMap {
    let values = values.iter().map(|value| {
        let value = HeaderValue::from_bytes(value).unwrap();
        (IDEMPOTENCY_KEY, value)
    });
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        headers.append(name, value);
    }
    headers
}

#[tokio::test]
async fn each_form_of_the_header_is_a_key_or_a_problem_and_never_none() {
    let shop = Shop::behind(in_memory().required()).await;
    for (values, expected) in forms() {
        let headers = headers(&values);
        let answer = send(shop.post("/key").headers(headers.clone()).body("{}")).await;
        let read = ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY);
        match expected {
            Ok(text) => {
                assert_eq!(answer.text(), text, "{values:?}");
                assert_eq!(read.unwrap().as_str(), text);
            }
            Err(kind) => {
                answer.assert_problem(kind);
                assert_eq!(read.unwrap_err().kind(), kind, "{values:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_header_that_holds_no_key_is_refused_where_keys_are_not_required_as_well() {
    let layered = Shop::behind(in_memory()).await;
    // The extractor alone.
    let bare = Shop::serving(routes()).await;
    for shop in [layered, bare] {
        for (values, expected) in forms() {
            let headers = headers(&values);
            let answer = send(shop.post("/key").headers(headers).body("{}")).await;
            match expected {
                Ok(text) => assert_eq!(answer.text(), text),
                Err(ProblemKind::KeyMissing) => assert_eq!(answer.text(), "none"),
                Err(kind) => answer.assert_problem(kind),
            }
        }
    }
}

#[tokio::test]
async fn a_key_in_quotes_and_bare_is_one_key() {
    let shop = Shop::behind(in_memory()).await;
    for (bare, quoted) in [
        (OURS, format!("\"{OURS}\"")),
        ("order-7", "\"order-7\"".into()),
    ] {
        let first = send(shop.keyed("/charges", bare)).await;
        let second = send(shop.keyed("/charges", &quoted)).await;
        assert_eq!(first.body, second.body);
        assert!(second.is_replayed());
    }
    assert_eq!(shop.runs(), 2);
}

#[tokio::test]
async fn case_counts_in_a_foreign_key() {
    let shop = Shop::behind(in_memory()).await;
    send(shop.keyed("/charges", "order-7")).await;
    assert!(!send(shop.keyed("/charges", "ORDER-7")).await.is_replayed());
    assert!(
        !send(shop.keyed("/charges", &OURS.to_uppercase()))
            .await
            .is_replayed()
    );
    assert_eq!(shop.runs(), 3);
}

#[tokio::test]
async fn the_header_may_have_another_name() {
    let shop = Shop::behind(in_memory().header(X_IDEMPOTENCY_KEY).required()).await;
    let keyed = || shop.post("/key").header(X_IDEMPOTENCY_KEY, "a").body("{}");
    assert_eq!(send(keyed()).await.text(), "a");
    assert!(send(keyed()).await.is_replayed());
    send(shop.keyed("/key", "a"))
        .await
        .assert_problem(ProblemKind::KeyMissing);
}

#[tokio::test]
async fn other_methods_pass_untouched_whatever_they_carry() {
    let shop = Shop::behind(in_memory().required()).await;
    for method in [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS] {
        for key in ["a", "", "a, b"] {
            let before = shop.runs();
            for _ in 0..2 {
                let request = shop.request(method.clone(), "/charges");
                let answer = send(request.header(IDEMPOTENCY_KEY, key)).await;
                assert_eq!(answer.status, 201);
                assert!(!answer.is_replayed());
            }
            assert_eq!(shop.runs(), before + 2);
        }
    }
    for method in [Method::PUT, Method::PATCH] {
        let request = || {
            let request = shop.request(method.clone(), "/charges");
            request.header(IDEMPOTENCY_KEY, method.as_str())
        };
        assert!(!send(request()).await.is_replayed());
        assert!(send(request()).await.is_replayed());
    }
}

#[tokio::test]
async fn the_user_says_which_methods_have_keys() {
    let once = OncePerKey::new(Place::memory().dedup().build()).methods([Method::DELETE]);
    let shop = Shop::behind(once.required()).await;
    assert_eq!(send(shop.post("/charges")).await.status, 201);
    send(shop.request(Method::DELETE, "/charges"))
        .await
        .assert_problem(ProblemKind::KeyMissing);
}

#[test]
fn a_record_key_is_none_of_a_request_of_another_text_or_of_another_scope() {
    let received = |text: &str| {
        let headers = headers(&[format!("\"{text}\"").into_bytes()]);
        ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY).unwrap()
    };
    let mut records = std::collections::HashSet::<Key>::new();
    // Where a scope ends and a text begins is no matter of colons or digits.
    for (scope, text) in [
        ("", OURS),
        ("", "a"),
        ("a", "a"),
        ("", "a:a"),
        ("a:", "a"),
        ("a", ":a"),
        ("1:a", "a"),
        ("1", "a:a"),
        ("", "0::a"),
    ] {
        let record = received(text).record_key(scope);
        assert!(records.insert(record), "{scope} and {text}");
        assert_eq!(record, received(text).record_key(scope));
        assert_ne!(record.as_str(), text);
        assert_ne!(record, sha256_hex(text.as_bytes()));
    }
    assert_eq!(received(OURS).key(), Some(sha256_hex(b"abc")));
    assert_eq!(received("a").key(), None);
}
