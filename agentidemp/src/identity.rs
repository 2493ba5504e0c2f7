//! [`Identity`]: the key of a payload whose type is not the caller's.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Display, Write};

use serde_core::Serialize;

use crate::canonical::{Encoder, json_text};
use crate::exclusions::Exclusions;
use crate::scope::Scope;
use crate::text::cmp_utf16;
use crate::{Error, ErrorKind, Key, serde};

/// What identifies a payload of a foreign type: the payload without the excluded parts, in a scope.
///
/// For payloads that are `Serialize` but cannot derive [`IdempotencyKey`](crate::IdempotencyKey): a
/// `serde_json::Value`, the request type of an SDK. An `Identity` is built once and reused, also
/// across threads.
///
/// ```
/// use agentidemp::Identity;
///
/// let identity = Identity::new()
///     .exclude(["timestamp", "request_id"])
///     .exclude(["/metadata/trace_id", "/messages/*/cache_control"])
///     .scope("chat.create");
///
/// let payload = std::collections::BTreeMap::from([("model", "m-1"), ("timestamp", "12:00")]);
/// assert_eq!(identity.canonical_bytes(&payload)?, br#"chat.create:{"model":"m-1"}"#);
/// assert_eq!(identity.key(&payload)?.len(), 67);
/// # Ok::<(), agentidemp::Error>(())
/// ```
///
/// The same request as a derived type, with the same parts skipped and the same scope, has the same
/// key. An `Identity` sees the payload as its `Serialize` describes it and no more: `#[idem(...)]`
/// attributes do not count here.
///
/// # Sets
///
/// A `HashSet` in the payload gives another key in each process. It implements `Serialize` as a
/// sequence in the order of its iteration, which is random, and nothing says that this order means
/// nothing. Use a `BTreeSet` or a sorted `Vec`, or derive
/// [`IdempotencyKey`](crate::IdempotencyKey), which knows that a set is a set: it sorts the elements
/// of sets of both kinds by their canonical bytes, so that a derived type with a set in it does not
/// share its keys with an `Identity`. A `HashMap` is no hazard: its members are sorted here as
/// everywhere.
#[derive(Debug, Clone)]
pub struct Identity {
    exclusions: Exclusions,
    operation: Option<String>,
    /// Labels and values, in the order of the labels.
    fields: Vec<(String, String)>,
    /// The first mistake in building it.
    mistake: Option<Error>,
}

impl Default for Identity {
    fn default() -> Self {
        Self::new()
    }
}

impl Identity {
    /// The identity that is the payload as a whole, without a scope.
    #[must_use]
    pub fn new() -> Self {
        Self {
            exclusions: Exclusions::of_payload(),
            operation: None,
            fields: Vec::new(),
            mistake: None,
        }
    }

    /// Leaves out parts of the payload: what changes between attempts.
    ///
    /// A path that starts with `/` is a JSON Pointer (RFC 6901), in which `~1` stands for `/` and
    /// `~0` for `~`, and in which the segment `*` stands for any one member or element. Any other
    /// path is the name of a member of the payload, as it is.
    ///
    /// A path that matches nothing is fine, as fields are optional. An excluded element of an array
    /// is taken out of it; the others keep their order, and the indices count them all.
    ///
    /// A malformed pointer is an error of [`key`](Self::key) and
    /// [`canonical_bytes`](Self::canonical_bytes), and so is the empty one, which excludes the
    /// payload as a whole, and one of more than 128 segments. A name that holds a `/` is taken for a
    /// pointer whose first `/` was forgotten: exclude the member `a/b` as `/a~1b`.
    #[must_use]
    pub fn exclude<I>(mut self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for path in paths {
            if self.mistake.is_none() {
                self.mistake = self.exclusions.add(path.as_ref()).err();
            }
        }
        self
    }

    /// Names the operation that the key is valid for, as `#[idem(scope = "...")]` on a type does:
    /// `charges.create`.
    ///
    /// It is taken as written. For text that somebody else chose, such as the name of a tenant, use
    /// [`scope_field`](Self::scope_field). An empty operation, and a second one, is an error of
    /// [`key`](Self::key) and [`canonical_bytes`](Self::canonical_bytes).
    #[must_use]
    pub fn scope(mut self, operation: impl Into<String>) -> Self {
        let operation = operation.into();
        if operation.is_empty() {
            self.refuse_scope("the operation of a scope is empty");
        }
        if self.operation.replace(operation).is_some() {
            self.refuse_scope("the operation of a scope is given twice");
        }
        self
    }

    /// Adds a field to the scope, as `#[idem(scope)]` on a field does: `("user", 42)` gives
    /// `user:42`.
    ///
    /// Fields are sorted by label. In the value, `%` and `:` are escaped. A label that is empty,
    /// holds `:` or `%`, or is given twice, is an error of [`key`](Self::key) and
    /// [`canonical_bytes`](Self::canonical_bytes), as is a value whose `Display` reports one.
    #[must_use]
    pub fn scope_field(mut self, label: impl Into<String>, value: impl Display) -> Self {
        let label = label.into();
        let mut text = String::new();
        // Unlike `to_string`, this does not panic where `Display` reports an error.
        if write!(text, "{value}").is_err() {
            self.mistake.get_or_insert(Error::display().within(&label));
        }
        let place = self
            .fields
            .partition_point(|(other, _)| cmp_utf16(other, &label).is_lt());
        self.fields.insert(place, (label, text));
        self
    }

    /// The key of a payload: `ik_` and SHA-256 of its [canonical
    /// bytes](Self::canonical_bytes), 67 characters.
    ///
    /// # Errors
    ///
    /// Where the payload has no canonical form, as
    /// [`try_idempotency_key`](crate::IdempotencyKey::try_idempotency_key), and with what the
    /// payload's own `Serialize` reports. Where a pointer or a scope is malformed. Where nothing of
    /// the payload is left, as all payloads would share one key.
    ///
    /// Also where objects and arrays nest deeper than 128 levels, as deep as serde_json reads.
    pub fn key<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Key, Error> {
        let mut out = Encoder::for_key(Some(self.exclusions()?));
        self.encode(payload, &mut out);
        out.finish_key()
    }

    /// The bytes that are hashed: the scope and `:`, if there is a scope, then the canonical form of
    /// what is not excluded.
    ///
    /// # Errors
    ///
    /// As [`key`](Self::key).
    pub fn canonical_bytes<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Vec<u8>, Error> {
        let mut out = Encoder::for_bytes(Some(self.exclusions()?));
        self.encode(payload, &mut out);
        out.finish_bytes()
    }

    /// The key of a JSON body (RFC 8259), as it was sent: the same as that of the value which it
    /// stands for.
    ///
    /// All digits of integers count; a decimal is read to the exact double. White space, the order of
    /// members and the spelling of strings and numbers do not count. The text is read without recursion.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().exclude(["timestamp"]).scope("charges.create");
    /// let body = br#"{ "timestamp": 1767225600, "amount": 5.0e2 }"#;
    /// assert_eq!(identity.canonical_bytes_of_json(body)?, br#"charges.create:{"amount":500}"#);
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`key`](Self::key). Also where the body is no JSON text or not UTF-8, has two members of one
    /// name or half a surrogate pair, nests deeper than 128 levels, is longer than 4 GiB, or holds a
    /// decimal that its double does not stand for. [`Error::offset`] says where in the body.
    pub fn key_of_json(&self, body: &[u8]) -> Result<Key, Error> {
        let mut out = Encoder::for_key(Some(self.exclusions()?));
        self.encode_scope(&mut out);
        json_text::encode(body, &mut out);
        out.finish_key()
    }

    /// The bytes that are hashed for the key of a JSON body.
    ///
    /// # Errors
    ///
    /// As [`key_of_json`](Self::key_of_json).
    pub fn canonical_bytes_of_json(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Encoder::for_bytes(Some(self.exclusions()?));
        self.encode_scope(&mut out);
        json_text::encode(body, &mut out);
        out.finish_bytes()
    }

    /// What is to be left out, unless there is a mistake in this identity.
    fn exclusions(&self) -> Result<&Exclusions, Error> {
        match &self.mistake {
            Some(mistake) => Err(mistake.clone()),
            None if self.exclusions.exclude_everything() => Err(Error::nothing_left()),
            None => Ok(&self.exclusions),
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, payload: &T, out: &mut Encoder<'_>) {
        self.encode_scope(out);
        serde::encode(payload, out);
    }

    fn encode_scope(&self, out: &mut Encoder<'_>) {
        let mut scope = Scope::new(out);
        if let Some(operation) = &self.operation {
            scope.operation(operation);
        }
        for (label, value) in &self.fields {
            scope.field(label, value);
        }
    }

    fn refuse_scope(&mut self, reason: &'static str) {
        self.mistake
            .get_or_insert_with(|| Error::new(ErrorKind::InvalidScope, reason));
    }
}
