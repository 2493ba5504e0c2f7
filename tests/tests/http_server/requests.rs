//! A key belongs to one request, of one sender.

use std::convert::Infallible;
use std::error::Error as _;

use agentidemp::dedup::Dedup;
use agentidemp::dedup::store::MemoryStore;
use agentidemp::header::server::{OncePerKey, Problem, ProblemKind};
use agentidemp::header::{Form, IDEMPOTENCY_KEY};
use agentidemp::{ErrorKind, Identity, Key, Secret, Uuid, sha256_hex, uuidv5};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::middleware::map_request;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::Full;
use reqwest::RequestBuilder;
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::shop::{Answer, Place, Shop, in_memory, in_parts, routes, send};

const BODY: &str = r#"{ "amount": 5.0e2, "sent_at": 1 }"#;
const OTHER_BODY: &str = r#"{ "amount": 501, "sent_at": 1 }"#;

fn identity() -> Identity {
    Identity::new().exclude(["sent_at"]).scope("charges.create")
}

fn key_of(body: &str) -> Key {
    identity().key_of_json(body.as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_method_target_or_body_is_refused_and_nothing_runs() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let ours = key_of(BODY);
        for key in ["order-7", ours.as_str()] {
            let before = shop.runs();
            let sent = |method, target, body: &'static str| {
                let request = shop.request(method, target);
                send(request.header(IDEMPOTENCY_KEY, key).body(body))
            };
            sent(Method::POST, "/charges", BODY).await;
            for other in [
                sent(Method::PUT, "/charges", BODY).await,
                sent(Method::POST, "/refunds", BODY).await,
                sent(Method::POST, "/charges?dry_run=1", BODY).await,
                sent(Method::POST, "/charges", r#"{"amount":501,"sent_at":1}"#).await,
                sent(Method::POST, "/charges", r#"{"amount":500,"sent_at":2}"#).await,
                sent(Method::POST, "/charges", r#"{"amount":500}"#).await,
                sent(Method::POST, "/charges", "").await,
                sent(Method::POST, "/charges", "no JSON").await,
            ] {
                other.assert_problem(ProblemKind::KeyReused);
            }
            // The same JSON, spelled otherwise.
            let same = sent(Method::POST, "/charges", r#"{"sent_at":1,"amount":500}"#).await;
            assert!(same.is_replayed(), "{}", place.name);
            assert_eq!(shop.runs(), before + 1);
        }
    }
}

#[tokio::test]
async fn each_byte_counts_in_a_body_that_is_no_json() {
    let shop = Shop::behind(in_memory()).await;
    let sent = |media_type, body: &'static str| {
        let request = shop.request(Method::POST, "/charges");
        let mut request = request
            .header(IDEMPOTENCY_KEY, "a")
            .body(body)
            .build()
            .unwrap();
        request
            .headers_mut()
            .insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type));
        send(RequestBuilder::from_parts(shop.client.clone(), request))
    };
    assert!(!sent("text/plain", "{\"a\": 1}").await.is_replayed());
    assert!(sent("text/plain", "{\"a\": 1}").await.is_replayed());
    sent("text/plain", "{\"a\":1}")
        .await
        .assert_problem(ProblemKind::KeyReused);
    sent("application/json", "{\"a\": 1}")
        .await
        .assert_problem(ProblemKind::KeyReused);
}

#[tokio::test]
async fn a_body_of_bytes_that_json_takes_for_one_value_is_another_request() {
    // Two members of one name have no canonical form, so that each byte counts.
    let shop = Shop::behind(in_memory()).await;
    let sent = |body: &'static str| send(shop.keyed("/charges", "a").body(body));
    sent(r#"{"a":1,"a":2}"#).await;
    assert!(sent(r#"{"a":1,"a":2}"#).await.is_replayed());
    sent(r#"{"a":2,"a":1}"#)
        .await
        .assert_problem(ProblemKind::KeyReused);
}

#[tokio::test]
async fn what_the_identity_excludes_may_change_between_attempts() {
    let shop = Shop::behind(in_memory().identity(identity())).await;
    let ours = key_of(BODY);
    for key in [ours.as_str(), "order-7"] {
        let sent = |body: &'static str| send(shop.keyed("/charges", key).body(body));
        assert!(!sent(BODY).await.is_replayed());
        assert!(sent(r#"{"sent_at":2,"amount":500}"#).await.is_replayed());
    }
    assert_eq!(shop.runs(), 2);
}

#[tokio::test]
async fn a_key_of_another_body_is_refused() {
    let shop = Shop::behind(in_memory().identity(identity())).await;
    let ours = key_of(BODY);
    let keyed = |key: &str| shop.post("/charges").header(IDEMPOTENCY_KEY, key);
    let mismatches = [
        keyed(&ours).body(r#"{"amount":501}"#),
        keyed(&ours.short()).body(r#"{"amount":501}"#),
        keyed(&ours).body(""),
        keyed(&ours).body("no JSON"),
        keyed(&ours).body(BODY).header(CONTENT_ENCODING, "gzip"),
        // Of this body, by another identity.
        keyed(&Identity::new().key_of_json(BODY.as_bytes()).unwrap()).body(BODY),
        keyed(&sha256_hex(BODY.as_bytes())).body(BODY),
    ];
    for mismatch in mismatches {
        send(mismatch)
            .await
            .assert_problem(ProblemKind::KeyMismatch);
    }
    assert_eq!(shop.runs(), 0);
    assert_eq!(send(keyed(&ours).body(BODY)).await.status, 201);
}

#[tokio::test]
async fn what_the_identity_says_is_for_the_servers_log() {
    let service = ServiceBuilder::new()
        .layer(in_memory().identity(identity()))
        .service(service_fn(async |_: http::Request<Full<Bytes>>| {
            Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default()))
        }));
    let request = http::Request::post("/charges")
        .header(IDEMPOTENCY_KEY, key_of(BODY).as_str())
        .body(Full::from(r#"{"a":1,"a":2}"#))
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    let problem: &Problem = response.extensions().get().unwrap();
    let source = problem.source().unwrap();
    let error: &agentidemp::Error = source.downcast_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::DuplicateMember);
}

#[tokio::test]
async fn the_layer_shows_its_settings_and_no_secret() {
    let keyed = identity().secret(Secret::new(*b"a secret of thirty-two bytes, so"));
    let shown = format!("{:?}", in_memory().identity(keyed));
    assert!(shown.starts_with("OncePerKey { header: \"idempotency-key\""));
    assert!(!shown.contains("thirty") && !shown.contains("97, 32"));
}

#[tokio::test]
async fn the_renderings_of_a_key_are_one_key() {
    for once in [in_memory(), in_memory().identity(identity())] {
        let shop = Shop::behind(once).await;
        for rendering in renderings_of(&key_of(BODY)) {
            let answer = send(shop.keyed("/charges", &rendering).body(BODY)).await;
            assert_eq!(answer.text(), r#"{"run":1}"#);
        }
        assert_eq!(shop.runs(), 1);
    }
}

#[tokio::test]
async fn no_rendering_of_a_key_runs_another_body() {
    for once in [in_memory(), in_memory().identity(identity())] {
        let shop = Shop::behind(once).await;
        send(shop.keyed("/charges", &key_of(BODY)).body(BODY)).await;
        for rendering in renderings_of(&key_of(BODY)) {
            let other = shop.keyed("/charges", &rendering).body(OTHER_BODY);
            assert_eq!(send(other).await.status, 422, "{rendering}");
        }
        assert_eq!(shop.runs(), 1);
    }
}

fn renderings_of(key: &Key) -> [String; 3] {
    [Form::Full, Form::Short, Form::Uuid].map(|form| match form {
        Form::Short => key.short().to_string(),
        Form::Uuid => key.uuid().to_string(),
        _ => key.to_string(),
    })
}

#[tokio::test]
async fn what_cannot_be_verified_is_taken_as_it_comes() {
    let shop = Shop::behind(in_memory().identity(identity())).await;
    let of_a_namespace = uuidv5(&Uuid::NAMESPACE_URL, BODY.as_bytes());
    for key in [of_a_namespace.as_str(), "order-7", "ik_1"] {
        assert!(
            !send(shop.keyed("/charges", key).body(BODY))
                .await
                .is_replayed()
        );
        assert!(
            send(shop.keyed("/charges", key).body(BODY))
                .await
                .is_replayed()
        );
    }
    // A foreign key has no body of its own.
    let form = shop.keyed("/charges", "form").body("amount=500");
    assert_eq!(send(form).await.status, 201);
}

#[tokio::test]
async fn the_method_the_path_and_the_query_are_in_the_scope_if_the_clients_have_them_there() {
    let once = in_memory()
        .method_and_path_in_scope()
        .query_in_scope()
        .identity(identity());
    let shop = Shop::behind(once).await;
    let scoped = identity()
        .scope_field("method", "POST")
        .scope_field("path", "/charges")
        .scope_field("query", "a=b:c");
    let key = scoped.key_of_json(BODY.as_bytes()).unwrap();
    let sent = |target| send(shop.keyed(target, &key).body(BODY));
    assert_eq!(sent("/charges?a=b:c").await.status, 201);
    sent("/charges")
        .await
        .assert_problem(ProblemKind::KeyMismatch);
    sent("/refunds?a=b:c")
        .await
        .assert_problem(ProblemKind::KeyMismatch);
}

/// Who is authenticated.
#[derive(Clone)]
struct Tenant(String);

/// A shop whose tenants are told apart by what a layer above has found out.
async fn with_tenants(once: OncePerKey) -> Shop {
    let once = once.scope(|request| Some(request.extensions.get::<Tenant>()?.0.clone()));
    Shop::serving(routes().layer(once).layer(map_request(authenticate))).await
}

async fn authenticate(mut request: Request) -> Request {
    let tenant = request.headers().get(AUTHORIZATION);
    if let Some(Ok(name)) = tenant.map(|tenant| tenant.to_str()) {
        let tenant = Tenant(name.into());
        request.extensions_mut().insert(tenant);
    }
    request
}

async fn as_tenant(shop: &Shop, tenant: &str, key: &str) -> Answer {
    send(shop.keyed("/charges", key).header(AUTHORIZATION, tenant)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_one_tenant_reads_no_answer_of_another() {
    for place in Place::all().await {
        let shop = with_tenants(OncePerKey::new(place.dedup().build())).await;
        for key in ["a", key_of(BODY).as_str()] {
            let acme = as_tenant(&shop, "acme", key).await;
            let globex = as_tenant(&shop, "globex", key).await;
            assert!(!globex.is_replayed());
            assert_ne!(acme.body, globex.body, "{}", place.name);
            assert_eq!(as_tenant(&shop, "acme", key).await.body, acme.body);
            assert_eq!(as_tenant(&shop, "globex", key).await.body, globex.body);
        }
        // Neither name can be written so that it is another's.
        for (tenant, key) in [("acme:a", "b"), ("acme", "a:b"), ("acme:", "a:b")] {
            assert!(!as_tenant(&shop, tenant, key).await.is_replayed());
        }
    }
}

#[tokio::test]
async fn a_request_of_nobody_knows_whom_is_refused() {
    let shop = with_tenants(in_memory()).await;
    send(shop.keyed("/charges", "a"))
        .await
        .assert_problem(ProblemKind::ScopeUnknown);
    assert_eq!(shop.runs(), 0);
    // Who sends no key need not be known.
    assert_eq!(send(shop.post("/charges")).await.status, 201);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let shop = Shop::behind(in_memory().largest_request(64)).await;
    let stream = |bytes: usize| {
        let parts = ["[".into(), " ".repeat(bytes - 2), "]".into()];
        reqwest::Body::wrap(in_parts(parts))
    };
    let whole = |bytes: usize| reqwest::Body::from(format!("[{}]", " ".repeat(bytes - 2)));
    for key in ["whole", "stream"] {
        let body = |bytes| match key {
            "whole" => whole(bytes),
            _ => stream(bytes),
        };
        let sent = |bytes| send(shop.keyed("/charges", key).body(body(bytes)));
        sent(65).await.assert_problem(ProblemKind::RequestTooLarge);
        assert_eq!(sent(64).await.status, 201);
    }
    assert_eq!(shop.runs(), 2);
    // Without a key it is the handler's affair.
    assert_eq!(
        send(shop.post("/charges").body(whole(65))).await.status,
        201
    );
}

#[tokio::test]
async fn nested_routes_with_paths_that_end_alike_are_two_operations() {
    let once = in_memory();
    let nested = |once: &OncePerKey| routes().layer(once.clone());
    // Within a nested router the path has no prefix.
    let router = Router::new()
        .nest("/cards", nested(&once))
        .nest("/banks", nested(&once));
    let shop = Shop::serving(router).await;
    assert_eq!(send(shop.keyed("/cards/charges", "a")).await.status, 201);
    send(shop.keyed("/banks/charges", "a"))
        .await
        .assert_problem(ProblemKind::KeyReused);
    assert!(send(shop.keyed("/cards/charges", "a")).await.is_replayed());
}

#[tokio::test]
async fn two_services_that_share_a_store_share_its_keys() {
    let store = MemoryStore::new();
    let once = || OncePerKey::new(Dedup::builder().store(store.clone()).build());
    let (first, second) = (Shop::behind(once()).await, Shop::behind(once()).await);
    send(first.keyed("/charges", "a")).await;
    assert!(send(second.keyed("/charges", "a")).await.is_replayed());
    send(second.keyed("/refunds", "a"))
        .await
        .assert_problem(ProblemKind::KeyReused);
}
