//! Handlers that fail, panic, are left by their client, or ask to come again.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::{fmt, mem};

use agentidemp::Key;
use agentidemp::dedup::store::{MemoryStore, Resolved};
use agentidemp::dedup::{Abandoned, Dedup};
use agentidemp::header::IDEMPOTENCY_KEY;
use agentidemp::header::server::{
    OncePerKey, Problem, ProblemKind, ReceivedKey, Remembered, ResponseBody,
};
use axum::body::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::sync::Semaphore;
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};

use crate::shop::{Place, Shop, in_memory, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_goes_on_when_its_client_hangs_up() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let client = tokio::spawn(send(shop.keyed("/gate", "a")));
        shop.handlers.is_entered().await;
        client.abort();
        client.await.unwrap_err();
        let retry = tokio::spawn(send(shop.keyed("/gate", "a")));
        shop.handlers.open();
        let retry = retry.await.unwrap();
        assert!(retry.is_replayed());
        assert_eq!(retry.text(), "1");
        assert_eq!(shop.runs(), 1, "{}", place.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_panic_the_next_request_runs() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        // As it would be without the layer: the connection breaks.
        shop.keyed("/panic", "a").send().await.unwrap_err();
        assert_eq!(send(shop.keyed("/panic", "a")).await.text(), "2");
        assert!(send(shop.keyed("/panic", "a")).await.is_replayed());
        assert_eq!(shop.runs(), 2, "{}", place.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_sees_the_number_of_the_attempt() {
    for place in Place::all().await {
        let shop = Shop::behind(OncePerKey::new(place.dedup().build())).await;
        let first = send(shop.keyed("/attempt", "a")).await;
        assert_eq!((first.status.as_u16(), first.text()), (503, "1"));
        let second = send(shop.keyed("/attempt", "a")).await;
        let number = if place.is_shared() { "2" } else { "1" };
        assert_eq!((second.status.as_u16(), second.text()), (200, number));
        assert!(send(shop.keyed("/attempt", "a")).await.is_replayed());
    }
}

/// Whether an answer of this status is remembered.
async fn is_remembered(shop: &Shop, status: u16) -> bool {
    let target = format!("/status/{status}");
    let first = send(shop.keyed(&target, &target)).await;
    assert_eq!(first.status, status);
    assert!(!first.is_replayed());
    let second = send(shop.keyed(&target, &target)).await;
    assert_eq!(second.status, status);
    assert_eq!(second.is_replayed(), first.body == second.body);
    second.is_replayed()
}

#[tokio::test]
async fn an_answer_that_asks_to_come_again_is_not_remembered() {
    let shop = Shop::behind(in_memory()).await;
    for status in [200, 201, 202, 204, 303, 400, 402, 404, 409, 422] {
        assert!(
            is_remembered(&shop, status).await || status == 204,
            "{status}"
        );
    }
    for status in [401, 403, 408, 425, 429, 500, 502, 503, 504] {
        assert!(!is_remembered(&shop, status).await, "{status}");
    }
}

#[tokio::test]
async fn the_user_says_what_is_worth_remembering() {
    let once = in_memory().remember_if(|response| response.status.is_success());
    let shop = Shop::behind(once).await;
    assert!(is_remembered(&shop, 200).await);
    for status in [404, 409, 503] {
        assert!(!is_remembered(&shop, status).await, "{status}");
    }
}

fn record() -> Key {
    let mut headers = HeaderMap::new();
    headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static("a"));
    let received = ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY).unwrap();
    received.record_key("")
}

#[tokio::test]
async fn what_may_be_half_done_is_unknown_until_somebody_finds_out_where_the_user_refuses_to_run_it_again()
 {
    let done = Some(Remembered::without_answer());
    for (status, found_out) in [(500, None), (408, None), (503, done)] {
        let store = MemoryStore::new();
        let dedup = Dedup::builder().store(store).abandoned(Abandoned::Refuse);
        let dedup = dedup.build();
        let shop = Shop::behind(OncePerKey::new(dedup.clone())).await;
        let target = format!("/status/{status}");
        assert_eq!(send(shop.keyed(&target, "a")).await.status, status);
        for _ in 0..2 {
            let unknown = send(shop.keyed(&target, "a")).await;
            unknown.assert_problem(ProblemKind::OutcomeUnknown);
        }
        let resolved = dedup.resolve(&record(), found_out.as_ref()).await.unwrap();
        assert_eq!(resolved, Resolved::Done);
        let after = send(shop.keyed(&target, "a")).await;
        match found_out {
            None => assert_eq!((after.status.as_u16(), after.text()), (status, "2")),
            Some(_) => after.assert_problem(ProblemKind::AnswerNotKept),
        }
    }
}

#[tokio::test]
async fn what_was_refused_before_anything_was_done_runs_again_all_the_same() {
    let dedup = Dedup::builder().store(MemoryStore::new());
    let dedup = dedup.abandoned(Abandoned::Refuse).build();
    let shop = Shop::behind(OncePerKey::new(dedup)).await;
    for status in [401, 403, 425, 429] {
        assert!(!is_remembered(&shop, status).await, "{status}");
    }
}

#[tokio::test]
async fn who_waited_for_a_handler_that_failed_is_told_to_come_again() {
    let (entered, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (enter, wait) = (entered.clone(), gate.clone());
    let fails = service_fn(move |_: Request<Full<Bytes>>| {
        let (enter, wait) = (enter.clone(), wait.clone());
        async move {
            enter.add_permits(1);
            wait.acquire().await.unwrap().forget();
            let mut response = Response::new(Full::<Bytes>::default());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            Ok::<_, Infallible>(response)
        }
    });
    let service = ServiceBuilder::new().layer(in_memory()).service(fails);
    let first = tokio::spawn(service.clone().oneshot(keyed()));
    entered.acquire().await.unwrap().forget();
    let second = tokio::spawn(service.clone().oneshot(keyed()));
    // Nothing here waits for the world: all tasks of this thread run until they wait for each other.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().status(), 502);
    let second = second.await.unwrap().unwrap();
    let problem: &Problem = second.extensions().get().unwrap();
    assert_eq!(problem.kind(), ProblemKind::AttemptFailed);
    assert_eq!(second.headers()[RETRY_AFTER], "1");
    // It did not run.
    assert_eq!(entered.available_permits(), 0);
}

#[derive(Debug, Clone, PartialEq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

fn keyed() -> Request<Full<Bytes>> {
    Request::post("/charges")
        .header(IDEMPOTENCY_KEY, "a")
        .body(Full::from("{}"))
        .unwrap()
}

#[tokio::test]
async fn an_error_of_the_service_below_goes_up_and_the_next_request_runs() {
    let runs = Arc::new(AtomicU64::new(0));
    let service = ServiceBuilder::new().layer(in_memory()).service(service_fn(
        move |_: Request<Full<Bytes>>| {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            async move {
                match run {
                    0 => Err(Broken),
                    _ => Ok(Response::new(Full::<Bytes>::from("done"))),
                }
            }
        },
    ));
    assert_eq!(service.clone().oneshot(keyed()).await.unwrap_err(), Broken);
    for _ in 0..2 {
        let response = service.clone().oneshot(keyed()).await.unwrap();
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), "done");
    }
}

/// A body that says that it has five bytes. The last of its frames comes first here.
#[derive(Clone)]
struct Frames(Vec<Result<&'static str, Broken>>, bool);

impl Body for Frames {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(frame) = self.0.pop() {
            return Poll::Ready(Some(frame.map(|text| Frame::data(text.into()))));
        }
        let trailers = mem::take(&mut self.1).then(|| {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", HeaderValue::from_static("15"));
            Ok(Frame::trailers(trailers))
        });
        Poll::Ready(trailers)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(5)
    }
}

/// A body of two megabytes, which nobody is to read.
#[derive(Clone)]
struct Large;

impl Body for Large {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("it was read")
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(2_000_000)
    }
}

/// What two requests with one key get from a service that answers with this body.
async fn twice<B>(once: OncePerKey, body: B) -> [Response<ResponseBody>; 2]
where
    B: Body<Data = Bytes> + Clone + Send + Sync + 'static,
    B::Error: Into<BoxError>,
{
    let answer = move |_: Request<Full<Bytes>>| {
        let body = body.clone();
        async { Ok::<_, Infallible>(Response::new(body)) }
    };
    let service = ServiceBuilder::new()
        .layer(once)
        .service(service_fn(answer));
    let first = service.clone().oneshot(keyed()).await.unwrap();
    [first, service.oneshot(keyed()).await.unwrap()]
}

#[tokio::test]
async fn an_answer_without_a_body_ends_where_it_begins() {
    for answer in twice(in_memory(), Full::default()).await {
        assert!(answer.body().is_end_stream());
    }
}

#[tokio::test]
async fn a_handler_whose_answer_breaks_off_does_not_run_again() {
    let answers = twice(in_memory(), Frames(vec![Err(Broken), Ok("123")], false)).await;
    for answer in answers {
        let problem: &Problem = answer.extensions().get().unwrap();
        assert_eq!(problem.kind(), ProblemKind::AnswerNotKept);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_be_kept_is_not_read() {
    let dedup = Dedup::builder().store(MemoryStore::new()).build();
    let [first, second] = twice(OncePerKey::new(dedup), Large).await;
    assert_eq!(first.body().size_hint().exact(), Some(2_000_000));
    let problem: &Problem = second.extensions().get().unwrap();
    assert_eq!(problem.kind(), ProblemKind::AnswerNotKept);
}

#[tokio::test]
async fn trailers_go_through_and_their_answer_is_not_given_again() {
    let [first, second] = twice(in_memory(), Frames(vec![Ok("45"), Ok("123")], true)).await;
    let body = first.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["x-sum"], "15");
    assert_eq!(body.to_bytes(), "12345");
    let problem: &Problem = second.extensions().get().unwrap();
    assert_eq!(problem.kind(), ProblemKind::AnswerNotKept);
}
