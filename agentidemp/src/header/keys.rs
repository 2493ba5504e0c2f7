//! [`IdempotencyKeys`]: the rules by which a layer puts keys on requests. What a stack calls is in
//! `reqwest_middleware.rs` and `tower.rs`.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use ::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method};

use super::derivation::{Derivation, METHODS, Target, may_be_json};
use super::value::header_value;
use super::{IDEMPOTENCY_KEY, NoKey, NoKeyKind};
use crate::{ErrorKind, Identity, Key};

const LARGEST_BODY: usize = 16 << 20;

/// Puts the idempotency key on each request that a client stack sends: a middleware of
/// [`reqwest_middleware`](super::reqwest_middleware) and a layer of [`tower`](super::tower), whichever
/// feature is on.
///
/// The key of a request is the first of these that there is:
///
/// 1. the header, where the request carries it already: it is left alone;
/// 2. a [`Key`] in the request's extensions, whatever the method;
/// 3. for POST, PUT and PATCH, the key of the body's bytes:
///    [`identity.key_of_json(body)`](Identity::key_of_json).
///
/// A body that has no key, as it is a stream, too large or no JSON, is an error and the request is not
/// sent, unless [`send_unkeyed`](Self::send_unkeyed) says otherwise. A random key is never made.
///
/// The key is the same wherever it is computed. So the layer may stand above the retries or below them,
/// where it computes the key of each attempt.
///
/// ```
/// use agentidemp::Identity;
/// use agentidemp::header::{Form, IdempotencyKeys};
///
/// // Bare, in 67 characters, as `Idempotency-Key`.
/// let keys = IdempotencyKeys::new(Identity::new().exclude(["sent_at"]));
///
/// // For a receiver that takes a UUID in quotes, of operations that differ in the path alone.
/// let keys = keys
///     .form(Form::Uuid)
///     .structured()
///     .method_and_path_in_scope();
/// ```
#[derive(Debug, Clone)]
pub struct IdempotencyKeys {
    derivation: Derivation,
    header: HeaderName,
    form: Form,
    structured: bool,
    methods: Vec<Method>,
    send_unkeyed: bool,
    pub(super) largest_body: usize,
}

/// How a key is written into its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Form {
    /// As it is: `ik_` and 64 hex digits.
    #[default]
    Full,
    /// [`Key::short`]: `ik_` and 32 hex digits.
    Short,
    /// [`Key::uuid`]: a UUID in 36 characters.
    Uuid,
}

/// What is to be done with a request before its body is looked at.
pub(super) enum Step {
    /// It is sent as it is.
    Leave,
    /// It gets this key.
    Take(Key),
    /// It gets the key of its body.
    Derive,
}

impl IdempotencyKeys {
    /// Derives the keys of bodies by this identity.
    ///
    /// A mistake in the identity is an error of each request; [`Identity::check`] finds it before.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            derivation: Derivation::new(identity),
            header: IDEMPOTENCY_KEY,
            form: Form::default(),
            structured: false,
            methods: METHODS.into(),
            send_unkeyed: false,
            largest_body: LARGEST_BODY,
        }
    }

    /// The header that the key is sent in: [`IDEMPOTENCY_KEY`], unless set.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.header = name;
        self
    }

    /// How the key is written: in full, unless set.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// Writes the key as a Structured Field string (RFC 9651 section 3.3.3), in quotes, as the IETF draft
    /// `draft-ietf-httpapi-idempotency-key-header` wants it. Unless set, it is bare, as most APIs take it.
    #[must_use]
    pub fn structured(mut self) -> Self {
        self.structured = true;
        self
    }

    /// The methods whose requests get the key of their body: POST, PUT and PATCH, unless set.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// Takes the method and the path into the scope, as the fields `method` and `path`: for receivers
    /// where two operations have bodies of one shape, or where the path says whose request it is.
    ///
    /// The path is taken as it goes on the wire, without the query, and escaped as every value of a scope
    /// is. The key is that of the identity with both fields:
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new()
    ///     .scope_field("method", "POST")
    ///     .scope_field("path", "/v1/charges/ch_1:capture");
    /// assert_eq!(
    ///     identity.canonical_bytes_of_json(br#"{"amount":500}"#)?,
    ///     br#"method:POST:path:/v1/charges/ch_1%3Acapture:{"amount":500}"#
    /// );
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn method_and_path_in_scope(mut self) -> Self {
        self.derivation.method_and_path_in_scope = true;
        self
    }

    /// Takes the query into the scope, as the field `query`: what follows the `?`, as it goes on the
    /// wire, and empty where there is none.
    ///
    /// Not for queries that hold what changes between attempts, such as a signature.
    #[must_use]
    pub fn query_in_scope(mut self) -> Self {
        self.derivation.query_in_scope = true;
        self
    }

    /// Sends requests without a key where the body is a stream, too large or no JSON. Unless set, that is
    /// an error and the request is not sent.
    ///
    /// A JSON body that the identity refuses is an error in any case.
    #[must_use]
    pub fn send_unkeyed(mut self) -> Self {
        self.send_unkeyed = true;
        self
    }

    /// How long a body may be whose key is derived: 16 MiB, unless set, in bytes.
    #[must_use]
    pub fn largest_body(mut self, bytes: usize) -> Self {
        self.largest_body = bytes;
        self
    }

    pub(super) fn step(
        &self,
        method: &Method,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Step {
        if headers.contains_key(&self.header) {
            Step::Leave
        } else if let Some(key) = extensions.get::<Key>() {
            Step::Take(*key)
        } else if self.methods.contains(method) {
            Step::Derive
        } else {
            Step::Leave
        }
    }

    /// Puts the key into the headers.
    pub(super) fn put(&self, key: &Key, headers: &mut HeaderMap) {
        headers.insert(self.header.clone(), self.value(key));
    }

    fn value(&self, key: &Key) -> HeaderValue {
        let text = match self.form {
            Form::Full => key.as_str().into(),
            Form::Short => key.short().into(),
            Form::Uuid => key.uuid().to_string(),
        };
        header_value(&if self.structured {
            format!("\"{text}\"")
        } else {
            text
        })
    }

    /// The key of a body, or nothing where the request is sent without one.
    pub(super) fn derive(
        &self,
        target: Target<'_>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<Key>, NoKey> {
        if body.len() > self.largest_body {
            return self.without_key(NoKey::new(NoKeyKind::TooLarge));
        }
        if body.is_empty() || !may_be_json(headers) {
            return self.without_key(NoKey::new(NoKeyKind::NotJson));
        }
        match self.derivation.key(target, body) {
            Ok(key) => Ok(Some(key)),
            Err(error) if error.kind() == ErrorKind::InvalidJson => {
                self.without_key(NoKey::with_source(NoKeyKind::NotJson, error))
            }
            Err(error) => Err(NoKey::with_source(NoKeyKind::Refused, error)),
        }
    }

    /// What becomes of a request that has no key.
    pub(super) fn without_key(&self, why: NoKey) -> Result<Option<Key>, NoKey> {
        if self.send_unkeyed {
            Ok(None)
        } else {
            Err(why)
        }
    }
}
