//! Keys in the headers of reqwest, hyper and axum, bare and as a Structured Field.

use agentidemp::header::{IDEMPOTENCY_KEY, X_IDEMPOTENCY_KEY};
use agentidemp::{IdempotencyKey, Key, Uuid, sha256_hex, uuidv5};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use axum::routing::post;
use http::{HeaderValue, StatusCode};
use tower::ServiceExt;

#[derive(IdempotencyKey)]
#[idem(scope = "charges.create")]
struct CreateCharge {
    amount: u64,
}

const CHARGE: CreateCharge = CreateCharge { amount: 500 };

/// One of each form.
fn keys() -> [Key; 3] {
    let digest = CHARGE.idempotency_key();
    [
        digest,
        digest.short(),
        uuidv5(&Uuid::NAMESPACE_URL, b"charge"),
    ]
}

#[test]
fn a_request_of_reqwest_takes_a_key() {
    let key = CHARGE.idempotency_key();
    let post = || reqwest::Client::new().post("http://localhost/");
    let requests = [
        post().header(IDEMPOTENCY_KEY, key),
        post().header(IDEMPOTENCY_KEY, HeaderValue::from(&key)),
        post().header(X_IDEMPOTENCY_KEY, key),
        post().header(IDEMPOTENCY_KEY, key.structured()),
    ]
    .map(|request| request.build().unwrap());

    assert_eq!(requests[0].headers()["Idempotency-Key"], *key);
    assert_eq!(requests[1].headers()["Idempotency-Key"], *key);
    assert_eq!(requests[2].headers()["X-Idempotency-Key"], *key);
    assert_eq!(
        requests[3].headers()["Idempotency-Key"],
        format!("\"{key}\"")
    );
}

#[test]
fn a_request_of_hyper_takes_a_key() {
    let key = CHARGE.idempotency_key();
    let request = hyper::Request::post("/charges")
        .header(IDEMPOTENCY_KEY, key)
        .header(X_IDEMPOTENCY_KEY, HeaderValue::from(&key))
        .body(())
        .unwrap();

    assert_eq!(request.headers()[IDEMPOTENCY_KEY], *key);
    assert_eq!(request.headers()[X_IDEMPOTENCY_KEY], *key);
}

/// Answers with the key that it read.
async fn echo_key(headers: HeaderMap) -> Result<String, StatusCode> {
    let value = headers.get(IDEMPOTENCY_KEY);
    let key = Key::try_from(value.ok_or(StatusCode::BAD_REQUEST)?);
    key.map(String::from).map_err(|_| StatusCode::BAD_REQUEST)
}

#[tokio::test]
async fn a_handler_of_axum_reads_a_key_in_both_forms() {
    let router = Router::new().route("/charges", post(echo_key));
    for key in keys() {
        for value in [key.into(), key.structured()] {
            let request = axum::http::Request::post("/charges")
                .header(IDEMPOTENCY_KEY, value)
                .body(Body::empty())
                .unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let body = to_bytes(response.into_body(), 100).await.unwrap();
            assert_eq!(body, key.as_bytes());
        }
    }
}

#[test]
fn a_response_of_axum_takes_a_key() {
    use axum::response::IntoResponse;

    let key = CHARGE.idempotency_key();
    let response = [(IDEMPOTENCY_KEY, HeaderValue::from(key))].into_response();
    assert_eq!(response.headers()[IDEMPOTENCY_KEY], *key);
}

#[test]
fn the_structured_form_is_a_string_of_rfc_9651() {
    for key in keys() {
        let value = key.structured();
        let item: sfv::Item = sfv::Parser::new(value.as_bytes()).parse().unwrap();
        let string = item.bare_item.as_string().map(|string| string.as_str());
        assert_eq!(string, Some(key.as_str()));
        assert!(item.params.is_empty());
    }
}

#[test]
fn a_key_is_read_as_a_token_or_a_string_with_space_and_parameters_around_it() {
    for key in keys() {
        for text in [
            format!("{key}"),
            format!("\"{key}\""),
            format!("  {key} "),
            format!("  \"{key}\" "),
            format!("\"{key}\";version=1"),
        ] {
            let value = HeaderValue::from_str(&text).unwrap();
            assert_eq!(Key::try_from(&value), Ok(key), "{text}");
            assert_eq!(Key::try_from(value), Ok(key), "{text}");
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let key = sha256_hex(b"abc");
    for text in [
        String::new(),
        "\"\"".to_owned(),
        format!("\"{key}"),
        format!("{key}\""),
        format!("'{key}'"),
        format!("\"\"{key}\"\""),
        format!("{key}, {key}"),
        format!("\"{key}\", \"{key}\""),
        format!("({key})"),
        format!(":{key}:"),
        format!("{key} {key}"),
        key.to_uppercase(),
        format!("\"\\i{}\"", &key[1..]),
        "550e8400-e29b-41d4-a716-446655440000".to_owned(),
        "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"".to_owned(),
    ] {
        let value = HeaderValue::from_str(&text).unwrap();
        assert!(Key::try_from(&value).is_err(), "{text}");
    }
    let not_ascii = HeaderValue::from_bytes(&[b"\"ik_", &[0xff; 64][..], b"\""].concat()).unwrap();
    assert!(Key::try_from(&not_ascii).is_err());
}
