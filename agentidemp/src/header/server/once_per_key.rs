//! [`OncePerKey`]: the rules by which a server takes keys. What is made of a request by them is in
//! `admission.rs`, and how it is answered in `service.rs`.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use http::{HeaderName, Method, StatusCode, request, response};
use tower_layer::Layer;

use super::{Once, Remembered};
use crate::Identity;
use crate::dedup::Dedup;
use crate::header::IDEMPOTENCY_KEY;
use crate::header::derivation::{Derivation, METHODS};

const LARGEST_REQUEST: usize = 2 << 20;

type ScopeOf = Arc<dyn Fn(&request::Parts) -> Option<String> + Send + Sync>;
type RememberIf = Arc<dyn Fn(&response::Parts) -> bool + Send + Sync>;

/// A layer by which the handlers below it run once for each `Idempotency-Key`, and a request that comes
/// again is answered as it was before.
///
/// What it answers and what it promises is on the page of the [module](super).
///
/// ```
/// use agentidemp::Identity;
/// use agentidemp::dedup::Dedup;
/// use agentidemp::header::server::OncePerKey;
///
/// // Answers are remembered for ten minutes in memory, and a request without a key is handled as ever.
/// let layer = OncePerKey::new(Dedup::builder().build());
///
/// // Keys are required, are those of their bodies, and belong to who is authenticated.
/// let layer = layer
///     .required()
///     .identity(Identity::new().exclude(["sent_at"]))
///     .scope(|request| request.extensions.get::<String>().cloned());
/// ```
#[derive(Clone)]
pub struct OncePerKey {
    pub(super) dedup: Dedup<Remembered>,
    pub(super) header: HeaderName,
    pub(super) methods: Vec<Method>,
    pub(super) required: bool,
    /// How clients derive their keys.
    pub(super) derivation: Derivation,
    /// Whether that was said, so that keys can be verified by it.
    pub(super) verifies: bool,
    pub(super) scope: Option<ScopeOf>,
    pub(super) largest_request: usize,
    remember_if: Option<RememberIf>,
}

impl OncePerKey {
    /// Remembers answers where `dedup` does: in memory, in a file, on a server.
    ///
    /// The settings of `dedup` are those of the layer: how long an answer is remembered and how large it
    /// may be, how long a request waits for another with its key before it is told that that one is in
    /// progress, and whether what was interrupted runs again. Of an answer that is too large for a store, 95
    /// bytes of JSON say that the request was done: where there is no room for those, it runs again.
    #[must_use]
    pub fn new(dedup: Dedup<Remembered>) -> Self {
        Self {
            dedup,
            header: IDEMPOTENCY_KEY,
            methods: METHODS.into(),
            required: false,
            derivation: Derivation::new(Identity::new()),
            verifies: false,
            scope: None,
            largest_request: LARGEST_REQUEST,
            remember_if: None,
        }
    }

    /// The header that the key comes in: [`IDEMPOTENCY_KEY`], unless set.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.header = name;
        self
    }

    /// The methods whose requests run once for a key: POST, PUT and PATCH, unless set. All others pass
    /// untouched, whatever they carry.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// Refuses requests without a key, by 400. Unless set, they pass untouched.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Verifies that a key of this crate is the key of its JSON body by this identity, in any of its
    /// [renderings](crate::header::Form): a key of another body, or of a body that has none, is refused
    /// by 422. It also says what of a body may differ between attempts.
    ///
    /// Foreign keys, and the keys that [`uuidv5`](crate::uuidv5) makes, cannot be verified. They are taken
    /// as they come.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.derivation.identity = identity;
        self.verifies = true;
        self
    }

    /// Says that clients take the method and the path into the scope of a key, by
    /// [their layer's setting](crate::header::IdempotencyKeys::method_and_path_in_scope) of this name. It
    /// matters where an identity verifies keys.
    #[must_use]
    pub fn method_and_path_in_scope(mut self) -> Self {
        self.derivation.method_and_path_in_scope = true;
        self
    }

    /// Says that clients take the query into the scope of a key, by
    /// [their layer's setting](crate::header::IdempotencyKeys::query_in_scope) of this name.
    #[must_use]
    pub fn query_in_scope(mut self) -> Self {
        self.derivation.query_in_scope = true;
        self
    }

    /// Whose request it is: an account, a tenant, a user. A key of one scope is none of another's. Where
    /// the closure gives nothing, the request is refused by 403.
    ///
    /// Unless set, all clients share one scope: who sends the same request with the same key as another
    /// gets that one's answer. The layer must be below the one that authenticates, whose extension of the
    /// request the closure reads.
    #[must_use]
    pub fn scope(
        mut self,
        scope: impl Fn(&request::Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// How long the body of a request with a key may be: 2 MiB, unless set, in bytes. A longer one is
    /// refused by 413.
    #[must_use]
    pub fn largest_request(mut self, bytes: usize) -> Self {
        self.largest_request = bytes;
        self
    }

    /// Remembers only the answers for which `worth` says so. After another, the next request with the key
    /// runs.
    ///
    /// Unless set, an answer is remembered but for those that ask to come again, or to come as somebody
    /// else: 401, 403, 408, 425, 429, and from 500 on.
    ///
    /// ```
    /// use agentidemp::dedup::Dedup;
    /// use agentidemp::header::server::OncePerKey;
    ///
    /// // What was refused may be tried again: a 404 today is a 200 tomorrow.
    /// let layer = OncePerKey::new(Dedup::builder().build())
    ///     .remember_if(|response| response.status.is_success());
    /// ```
    #[must_use]
    pub fn remember_if(
        mut self,
        worth: impl Fn(&response::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.remember_if = Some(Arc::new(worth));
        self
    }

    pub(super) fn is_worth_remembering(&self, response: &response::Parts) -> bool {
        match &self.remember_if {
            Some(worth) => worth(response),
            None => !asks_to_come_again(response.status),
        }
    }
}

fn asks_to_come_again(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_EARLY
                | StatusCode::TOO_MANY_REQUESTS
        )
}

impl<S> Layer<S> for OncePerKey {
    type Service = Once<S>;

    fn layer(&self, inner: S) -> Once<S> {
        Once::new(inner, self.clone())
    }
}

impl fmt::Debug for OncePerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OncePerKey")
            .field("header", &self.header)
            .field("methods", &self.methods)
            .field("required", &self.required)
            .field("derivation", &self.derivation)
            .field("verifies", &self.verifies)
            .field("scoped", &self.scope.is_some())
            .field("largest_request", &self.largest_request)
            .finish_non_exhaustive()
    }
}
