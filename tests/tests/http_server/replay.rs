//! What comes again is answered as before, wherever answers are remembered.

use std::time::Duration;

use agentidemp::Identity;
use agentidemp::dedup::Dedup;
use agentidemp::dedup::store::{MemoryStore, RedisStore};
use agentidemp::header::IDEMPOTENCY_KEY;
use agentidemp::header::server::{OncePerKey, ProblemKind, ReceivedKey};
use agentidemp_tests::servers::Redis;
use http::header::{CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::shop::{LARGE, Place, Shop, send};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_replayed_with_its_status_its_headers_and_its_body() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let mut first = send(shop.keyed("/charges", "a")).await;
        assert_eq!(first.status, 201);
        assert_eq!(first.headers[LOCATION], "/charges/1");
        assert_eq!(first.headers[CONTENT_TYPE], "application/json");
        assert_eq!(first.headers.get_all(LINK).iter().count(), 2);
        assert_eq!(first.headers["x-latin"], b"caf\xe9"[..]);
        assert_eq!(first.headers[SET_COOKIE], "session=secret");
        assert!(!first.is_replayed());

        let mut second = send(shop.keyed("/charges", "a")).await;
        assert_eq!(
            second.headers.remove("idempotent-replayed").unwrap(),
            "true"
        );
        // A session is not kept.
        first.headers.remove(SET_COOKIE);
        assert_eq!(first, second, "{}", place.name);
        assert_eq!(shop.runs(), 1);

        // Another key is another request.
        assert_eq!(
            send(shop.keyed("/charges", "b")).await.headers[LOCATION],
            "/charges/2"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_share_a_store_are_one() {
    for place in Place::all().await.iter().filter(|place| place.is_shared()) {
        let shops = [
            Shop::behind(OncePerKey::new(place.dedup().build())).await,
            Shop::behind(OncePerKey::new(place.dedup().build())).await,
        ];
        let mut requests = JoinSet::new();
        for number in 0..40 {
            requests.spawn(send(shops[number % 2].keyed("/charges", "a")));
        }
        let answers = requests.join_all().await;
        assert_eq!(shops[0].runs() + shops[1].runs(), 1, "{}", place.name);
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        let own = answers.iter().filter(|answer| !answer.is_replayed());
        assert_eq!(own.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_progress_is_a_conflict_and_says_when_to_come_again() {
    for place in Place::all().await {
        let dedup = place.dedup().wait(Duration::ZERO).build();
        let shop = Shop::behind(OncePerKey::new(dedup)).await;
        let first = tokio::spawn(send(shop.keyed("/gate", "a")));
        shop.handlers.is_entered().await;
        for _ in 0..3 {
            let conflict = send(shop.keyed("/gate", "a")).await;
            conflict.assert_problem(ProblemKind::InProgress);
            assert_eq!(conflict.headers[RETRY_AFTER], "1", "{}", place.name);
        }
        shop.handlers.open();
        assert_eq!(first.await.unwrap().status, 201);
        assert!(send(shop.keyed("/gate", "a")).await.is_replayed());
        assert_eq!(shop.runs(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_one_in_progress_where_the_layer_waits() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let first = tokio::spawn(send(shop.keyed("/gate", "a")));
        shop.handlers.is_entered().await;
        let second = tokio::spawn(send(shop.keyed("/gate", "a")));
        shop.handlers.open();
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert_eq!(first.body, second.body);
        assert!(second.is_replayed());
        assert_eq!(shop.runs(), 1, "{}", place.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_text_is_replayed() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        for _ in 0..2 {
            let answer = send(shop.keyed("/binary", "a")).await;
            assert_eq!(&answer.body[..], b"\x00\xff\xfe", "{}", place.name);
        }
        assert_eq!(shop.runs(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_through_as_it_comes_and_is_not_given_again() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let mut stream = shop.keyed("/stream", "a").send().await.unwrap();
        // Before there is a second part.
        assert_eq!(stream.chunk().await.unwrap().unwrap(), "first");
        send(shop.keyed("/stream", "a"))
            .await
            .assert_problem(ProblemKind::AnswerNotKept);
        shop.handlers.open();
        assert_eq!(stream.chunk().await.unwrap().unwrap(), "second");
        assert_eq!(stream.chunk().await.unwrap(), None);
        send(shop.keyed("/stream", "a"))
            .await
            .assert_problem(ProblemKind::AnswerNotKept);
        assert_eq!(shop.runs(), 1, "{}", place.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_given_once_and_its_request_does_not_run_again() {
    for place in Place::all().await.into_iter().filter(Place::is_shared) {
        let dedup = place.dedup().largest_answer(LARGE).build();
        let shop = Shop::behind(OncePerKey::new(dedup)).await;
        // The body alone is larger, or the body with its head is.
        for (run, path) in [(1, "/large"), (2, "/almost")] {
            let first = send(shop.keyed(path, path)).await;
            assert_eq!(first.status, 200);
            assert!(first.body.len() > LARGE - 20);
            for _ in 0..2 {
                let again = send(shop.keyed(path, path)).await;
                again.assert_problem(ProblemKind::AnswerNotKept);
            }
            assert_eq!(shop.runs(), run, "{}", place.name);
        }
        assert_eq!(send(shop.keyed("/charges", "a")).await.status, 201);
        assert!(send(shop.keyed("/charges", "a")).await.is_replayed());
    }
}

#[tokio::test]
async fn the_largest_answer_that_may_be_kept_is_kept() {
    let store = MemoryStore::new();
    let dedup = Dedup::builder().store(store.clone());
    let shop = Shop::behind(OncePerKey::new(dedup.build())).await;
    send(shop.keyed("/status/200", "a")).await;
    let record = store.record(&received("a").record_key("")).unwrap();
    let largest = record.answer.unwrap().len();

    for (largest, is_kept) in [(largest, true), (largest - 1, false)] {
        let dedup = Dedup::builder().store(MemoryStore::new());
        let once = OncePerKey::new(dedup.largest_answer(largest).build());
        let shop = Shop::behind(once).await;
        send(shop.keyed("/status/200", "a")).await;
        let again = send(shop.keyed("/status/200", "a")).await;
        assert_eq!(again.is_replayed(), is_kept);
    }
}

fn received(text: &'static str) -> ReceivedKey {
    let mut headers = HeaderMap::new();
    headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static(text));
    ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY).unwrap()
}

#[tokio::test]
async fn a_record_is_json_that_other_languages_can_read() {
    let store = MemoryStore::new();
    let once = OncePerKey::new(Dedup::builder().store(store.clone()).build());
    let once = once.scope(|_| Some("acme".into()));
    let shop = Shop::behind(once).await;
    send(shop.keyed("/status/404", "a")).await;
    send(shop.keyed("/binary", "b")).await;
    let record = |text| {
        let record = store.record(&received(text).record_key("acme")).unwrap();
        serde_json::from_str::<Value>(&record.answer.unwrap()).unwrap()
    };
    assert_eq!(
        record("a")["answer"],
        json!({
            "status": 404,
            "headers": [["content-type", "text/plain; charset=utf-8"]],
            "body": "1",
        })
    );
    // The key of the body, by an identity without rules.
    let of_body = Identity::new().key_of_json(br#"{"amount":500}"#).unwrap();
    let request = format!("POST /status/404?\njson {of_body}");
    assert_eq!(
        record("a")["request"],
        agentidemp::sha256_hex(request.as_bytes()).as_str()
    );
    assert_eq!(record("b")["answer"]["body"], json!({ "base64": "AP/+" }));
}

#[tokio::test]
async fn what_nobody_else_is_given_is_still_given_to_who_asked() {
    let store = MemoryStore::new();
    let dedup = || Dedup::builder().store(store.clone()).build();
    let shop = Shop::behind(OncePerKey::new(dedup())).await;
    let first = tokio::spawn(send(shop.keyed("/gate", "a")));
    shop.handlers.is_entered().await;
    // The claim is lost while the handler runs.
    dedup()
        .invalidate(&received("a").record_key(""))
        .await
        .unwrap();
    shop.handlers.open();
    let first = first.await.unwrap();
    assert_eq!((first.status.as_u16(), first.text()), (201, "1"));
}

#[tokio::test]
async fn an_answer_that_somebody_else_gave_first_is_the_one_that_stands() {
    let store = MemoryStore::new();
    let dedup = || Dedup::builder().store(store.clone()).build();
    let shop = Shop::behind(OncePerKey::new(dedup())).await;
    // What another server, with another counter of runs, answers to this request.
    let other = Shop::behind(OncePerKey::new(dedup())).await;
    send(other.keyed("/key", "elsewhere")).await;
    let first = tokio::spawn(send(shop.keyed("/gate", "a")));
    shop.handlers.is_entered().await;
    let record = received("a").record_key("");
    dedup().invalidate(&record).await.unwrap();
    other.handlers.open();
    let second = send(other.keyed("/gate", "a")).await;
    assert_eq!(second.text(), "2");
    shop.handlers.open();
    let first = first.await.unwrap();
    assert_eq!(first.text(), "2");
    assert!(first.is_replayed());
}

#[tokio::test]
async fn a_store_that_is_down_is_a_problem_and_nothing_runs() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let dedup = Dedup::builder().store(store).build();
    let shop = Shop::behind(OncePerKey::new(dedup)).await;
    redis.kill();
    let answer = send(shop.keyed("/charges", "a")).await;
    answer.assert_problem(ProblemKind::StoreUnavailable);
    assert_eq!(answer.headers[RETRY_AFTER], "1");
    assert_eq!(shop.runs(), 0);
    // Without a key the store is not asked.
    assert_eq!(send(shop.post("/charges")).await.status, 201);
}

#[tokio::test]
async fn an_answer_that_the_store_did_not_take_is_stored_when_it_is_back() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    // Nobody can take over: the lease is longer than the test.
    let dedup = Dedup::builder().store(store);
    let dedup = dedup.lease(Duration::from_secs(3_600)).build();
    let shop = Shop::behind(OncePerKey::new(dedup)).await;
    let first = tokio::spawn(send(shop.keyed("/gate", "a")));
    shop.handlers.is_entered().await;
    redis.kill();
    shop.handlers.open();
    let first = first.await.unwrap();
    assert_eq!((first.status.as_u16(), first.text()), (201, "1"));
    redis.start_again();
    let second = loop {
        let second = send(shop.keyed("/gate", "a")).await;
        if second.status != 503 {
            break second;
        }
    };
    assert_eq!(second.text(), "1");
    assert!(second.is_replayed());
    assert_eq!(shop.runs(), 1);
}

#[tokio::test]
async fn a_record_that_is_none_of_the_layer_is_a_problem_and_nothing_runs() {
    let store = MemoryStore::new();
    let foreign: Dedup<u64> = Dedup::builder().store(store.clone()).build();
    foreign
        .insert(&received("a").record_key(""), 7)
        .await
        .unwrap();
    let shop = Shop::behind(OncePerKey::new(Dedup::builder().store(store).build())).await;
    send(shop.keyed("/charges", "a"))
        .await
        .assert_problem(ProblemKind::RecordUnreadable);
    assert_eq!(shop.runs(), 0);
}

#[tokio::test]
async fn what_the_layer_has_done_is_in_the_figures_of_its_dedup() {
    let dedup = Place::memory().dedup().build();
    let shop = Shop::behind(OncePerKey::new(dedup.clone())).await;
    for _ in 0..3 {
        send(shop.keyed("/charges", "a")).await;
    }
    assert_eq!((dedup.figures().misses, dedup.figures().hits), (1, 2));
}
