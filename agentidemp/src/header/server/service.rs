//! [`Once`]: how a request is answered.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::admission::{Admission, Keyed};
use super::{BoxError, OncePerKey, Problem, ProblemKind, Remembered, ResponseBody};
use crate::Key;
use crate::dedup::{Attempt, Dedup, NotStoredCause, RunError};

/// How often an answer is sent to a store that is down, and after what pause each time.
const LATER_TRIES: u32 = 300;
const LATER_PAUSE: Duration = Duration::from_secs(1);

/// A service whose requests run once for each key: what the layer [`OncePerKey`] makes.
#[derive(Debug, Clone)]
pub struct Once<S> {
    inner: S,
    rules: Arc<OncePerKey>,
}

impl<S> Once<S> {
    pub(super) fn new(inner: S, rules: OncePerKey) -> Self {
        Self {
            inner,
            rules: Arc::new(rules),
        }
    }
}

impl<S, B, R> Service<Request<B>> for Once<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Send + 'static,
    S::Future: Send,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResponseBody>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let rules = self.rules.clone();
        // The one that is ready is used, and a clone is left in its place.
        let next = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match rules.admit(request).await {
                Ok(Admission::Untouched(request)) => {
                    let response = ready.call(request).await?;
                    Ok(response.map(ResponseBody::new))
                }
                Ok(Admission::Keyed(keyed)) => {
                    let answer = async move { rules.answer(ready, keyed).await };
                    whatever_becomes_of_the_client(answer).await
                }
                Err(problem) => Ok(problem.into_response()),
            }
        })
    }
}

/// Runs it in a task of its own, since a handler that is dropped with the connection of its client may have
/// done half of its work. A panic goes on in the caller, as it would have without.
async fn whatever_becomes_of_the_client<E>(
    answer: impl Future<Output = Result<Response<ResponseBody>, E>> + Send + 'static,
) -> Result<Response<ResponseBody>, E>
where
    E: Send + 'static,
{
    #[cfg(feature = "tracing")]
    let answer = tracing::Instrument::in_current_span(answer);
    match tokio::spawn(answer).await {
        Ok(answered) => answered,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is going down.
            Err(_) => Ok(Problem::from(ProblemKind::OutcomeUnknown).into_response()),
        },
    }
}

/// What the handler answered to this request itself.
struct Own {
    response: Response<ResponseBody>,
    /// Nothing where the answer is not worth remembering.
    remembered: Option<Remembered>,
}

impl OncePerKey {
    /// Runs the handler, or replays what it answered before.
    async fn answer<S, B, R>(
        &self,
        mut service: S,
        keyed: Keyed<B>,
    ) -> Result<Response<ResponseBody>, S::Error>
    where
        S: Service<Request<B>, Response = Response<R>>,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let Keyed {
            mut request,
            record,
            digest,
        } = keyed;
        let handled = Mutex::new(None);
        let work = async |attempt: Attempt| {
            request.extensions_mut().insert(attempt.clone());
            let own = match service.call(request).await {
                Ok(response) => Ok(self.own(response, digest, &attempt).await),
                Err(error) => Err(error),
            };
            let remembered = own.as_ref().ok().and_then(|own| own.remembered.clone());
            *handled.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
            remembered.ok_or(NotRemembered)
        };
        let outcome = self.dedup.run(&record, work).await;
        match handled.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Err(error)) => Err(error),
            Some(Ok(own)) if own.stands(&outcome) => {
                if let Some(unstored) = unstored(outcome) {
                    tokio::spawn(store_later(self.dedup.clone(), record, unstored));
                }
                Ok(own.response)
            }
            _ => Ok(replay(outcome, digest).unwrap_or_else(Problem::into_response)),
        }
    }

    async fn own<R>(&self, response: Response<R>, digest: Key, attempt: &Attempt) -> Own
    where
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let (parts, body) = response.into_parts();
        let is_worth_remembering = self.is_worth_remembering(&parts);
        if !may_be_half_done(parts.status) {
            attempt.did_not_happen();
        }
        let response = Response::from_parts(parts, body);
        if !is_worth_remembering {
            return Own {
                response: response.map(ResponseBody::new),
                remembered: None,
            };
        }
        let largest = self.dedup.largest_answer();
        let (remembered, response) = Remembered::of(digest, response, largest).await;
        Own {
            response,
            remembered: Some(remembered),
        }
    }
}

impl Own {
    /// Whether this is what the next request with the key gets, or nothing is. Else somebody took over
    /// while the handler ran, and was first.
    fn stands(&self, outcome: &Outcome) -> bool {
        match outcome {
            Ok(remembered) => self.remembered.as_ref() == Some(remembered),
            Err(_) => true,
        }
    }
}

/// What was done, and is not in the store, as that could not be asked.
fn unstored(outcome: Outcome) -> Option<Remembered> {
    match outcome {
        Err(RunError::NotStored {
            answer,
            cause: NotStoredCause::Store(_),
        }) => Some(answer),
        _ => None,
    }
}

/// Stores an answer as soon as the store takes it: when the lease of its request is over, the next one with
/// the key would run.
async fn store_later(dedup: Dedup<Remembered>, record: Key, remembered: Remembered) {
    for _ in 0..LATER_TRIES {
        tokio::time::sleep(LATER_PAUSE).await;
        if dedup.insert(&record, remembered.clone()).await.is_ok() {
            return;
        }
    }
}

type Outcome = Result<Remembered, RunError<NotRemembered, Remembered>>;

/// What a request gets whose own handler did not run.
fn replay(outcome: Outcome, digest: Key) -> Result<Response<ResponseBody>, Problem> {
    let refusal = match outcome {
        Ok(remembered)
        | Err(RunError::NotStored {
            answer: remembered, ..
        }) => return remembered.replay(digest),
        Err(refusal) => refusal,
    };
    Err(match refusal {
        RunError::InProgress { .. } => ProblemKind::InProgress.into(),
        RunError::OutcomeUnknown { .. } => ProblemKind::OutcomeUnknown.into(),
        RunError::Store(error) => Problem::with_source(ProblemKind::StoreUnavailable, error),
        RunError::Decode(error) => Problem::with_source(ProblemKind::RecordUnreadable, error),
        RunError::Shared(_) | RunError::Work(_) | RunError::NotStored { .. } => {
            ProblemKind::AttemptFailed.into()
        }
    })
}

/// Whether a handler with this status may have done its work, or half of it: one that failed, or that ran
/// out of time.
fn may_be_half_done(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

/// Why the work of a key gave nothing to remember: the handler failed, or its answer asks to come again.
#[derive(Debug)]
struct NotRemembered;

impl fmt::Display for NotRemembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its answer is not remembered")
    }
}
