//! The server's half, under the feature `server`: a layer by which a handler runs once for each
//! `Idempotency-Key`. With axum, under the feature `axum`:
//!
//! ```no_run
//! # #[cfg(all(feature = "axum", feature = "redb"))]
//! # fn example() -> Result<(), agentidemp::dedup::store::StoreError> {
//! use agentidemp::dedup::{Dedup, store::RedbStore};
//! use agentidemp::header::server::OncePerKey;
//! use axum::{Router, routing::post};
//!
//! # async fn create_charge() {}
//! # #[derive(Clone)] struct User { id: u64 }
//! // Or in memory, on Redis, in PostgreSQL: several servers that share a store are one.
//! let dedup = Dedup::builder().store(RedbStore::open("keys.redb")?).build();
//! let once = OncePerKey::new(dedup)
//!     .required()
//!     .scope(|request| Some(request.extensions.get::<User>()?.id.to_string()));
//! let app: Router = Router::new()
//!     .route("/charges", post(create_charge))
//!     .layer(once);
//! # Ok(())
//! # }
//! ```
//!
//! In any other stack of tower or hyper it is `ServiceBuilder::new().layer(once).service(..)`, with bodies
//! that can be made of `Bytes`.
//!
//! # What is answered
//!
//! A request with a method that has keys ([POST, PUT and PATCH](OncePerKey::methods)) gets the first of
//! these that is true. All but the handler's own answers are [`Problem`]s.
//!
//! | the request | is answered | the handler |
//! |---|---|---|
//! | has no key | by the handler, or 400 where keys are [required](OncePerKey::required) | runs, or not |
//! | has two keys, an empty one, one that is malformed or too long | 400: see [`ReceivedKey`] | does not run |
//! | is of nobody knows whom | 403, where there is a [scope](OncePerKey::scope) | does not run |
//! | is too large | 413 | does not run |
//! | has the key of another body | 422, where there is an [identity](OncePerKey::identity) | does not run |
//! | comes while one with its key is in progress | when that one is done, as far as the `Dedup` [waits](crate::dedup::Builder::wait): `wait(Duration::ZERO)` is not at all. Then 409, with `Retry-After` | does not run |
//! | is the first with its key | by the handler | runs |
//! | is the same again | as the first: status, headers and body, and `Idempotent-Replayed: true` | does not run |
//! | has the key of one with another method, target or body | 422 | does not run |
//! | is the same again, and the first was answered by a stream, or by more than the `Dedup` [takes](crate::dedup::Builder::largest_answer) | 409: its answer was not kept | does not run |
//! | is the same again, after an answer that was not worth remembering | by the handler | runs |
//! | waited for one that failed | 503, with `Retry-After` | does not run |
//! | is the same again, after an attempt that was interrupted | by the handler, or 500 where the `Dedup` [refuses](crate::dedup::Abandoned::Refuse) | runs, or not |
//! | cannot be looked up, as the store is down | 503, with `Retry-After` | does not run |
//!
//! Where the answer cannot be stored, it is given all the same, and stored when the store is back: for five
//! minutes the layer tries. A problem's [kind](ProblemKind) has a status
//! and a `type` that stay the same; what the store had to say is for a log:
//!
//! ```
//! use std::error::Error as _;
//!
//! use agentidemp::header::server::{Problem, ResponseBody};
//!
//! // For `map_response`, above the layer.
//! fn log(response: http::Response<ResponseBody>) -> http::Response<ResponseBody> {
//!     if let Some(problem) = response.extensions().get::<Problem>() {
//!         eprintln!("{problem}: {:?}", problem.source());
//!     }
//!     response
//! }
//! ```
//!
//! # Whose key it is
//!
//! Without a [scope](OncePerKey::scope), all who can reach the server share one space of keys: who knows or
//! guesses the key and the request of another reads that one's answer. A key that is derived is no secret.
//! So a server with more than one client says whose a request is, by what the layer above has authenticated,
//! never by what the client says of itself. In axum the layer that is added last is the outermost: add the
//! one that authenticates after this one.
//!
//! What was not authenticated is not answered: a layer that refuses it stands above this one, and is asked
//! for replays as well.
//!
//! # What is the same request
//!
//! One key and two requests are a mistake of the client's, which is told so. The request is its method, its
//! path and query, and its body. Of a JSON body the canonical form counts, so that neither white space nor
//! the order of members does. What changes between attempts, such as a timestamp, must be
//! [excluded](crate::Identity::exclude) by an [identity](OncePerKey::identity), which is the one that the
//! clients use. Of any other body each byte counts. Headers do not count.
//!
//! An attempt that was interrupted, or whose answer was not worth remembering, leaves no trace of its
//! request: whoever comes next with its key runs.
//!
//! # Handlers
//!
//! A handler finds the [`ReceivedKey`] and the [`Attempt`](crate::dedup::Attempt) in the extensions of the
//! request: by the former it can read what the client said, by the latter it can send a key on to the next
//! server, and a fencing token. The extractor `ReceivedKey` also reads the header where there is no layer.
//!
//! A handler with a key runs in a task of its own, to its end, though its client hangs up: half a handler
//! would be half a charge. So
//!
//! - a limit of time stands **above** the layer, where it does not end the handler, but the waiting for it;
//! - a server that is told to stop waits for its clients, and not for handlers whose clients are gone;
//! - a panic goes on to the layers above, and the next request with the key runs.
//!
//! What changes the body of a response, such as compression, stands above the layer too: what stands below
//! is remembered. Not remembered are headers of the connection (`Connection`, `Date`, `Content-Length`, …)
//! and `Set-Cookie`, since a store is no place for sessions.
//!
//! # What is not promised
//!
//! - **One effect of a handler that dies.** A process can be killed between the effect and the record of the
//!   answer, and a handler can act and then answer 500. By default the next attempt runs again; where that
//!   must not be, take [`Abandoned::Refuse`](crate::dedup::Abandoned::Refuse), or do the work in the
//!   transaction that stores its answer, by
//!   [`run_in_transaction`](crate::dedup::store::PostgresStore::run_in_transaction), without this layer.
//! - One effect after the answer was forgotten: the retention of the `Dedup` must be longer than clients
//!   retry. Without a store that is ten minutes, in one process.
//! - One effect where a client makes a new key for each attempt, or sends one request in two scopes.
//! - That a key which was used for another request is noticed while that one is in progress: it gets 409
//!   then, and 422 once that one is done.
//! - Streams: server-sent events and other answers of unknown length go through as they come, and are not
//!   given again.
//!
//! What [`Dedup`](crate::dedup#what-is-promised) promises holds here as well, as does what it does not.

mod admission;
mod body;
#[cfg(feature = "axum")]
mod extract;
mod octets;
mod once_per_key;
mod problem;
mod received;
mod remembered;
mod service;

use alloc::boxed::Box;
use core::error::Error;

pub use self::body::ResponseBody;
pub use self::once_per_key::OncePerKey;
pub use self::problem::{Problem, ProblemKind};
pub use self::received::ReceivedKey;
pub use self::remembered::Remembered;
pub use self::service::Once;

type BoxError = Box<dyn Error + Send + Sync>;
