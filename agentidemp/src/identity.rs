//! [`Identity`]: the key of a payload whose type is not the caller's, or that is only bytes.

mod document;
mod identified;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Display, Write};

use serde_core::Serialize;

use self::identified::Identified;
use crate::canonical::Scope;
use crate::canonical::rules::{Rule, Rules};
use crate::canonical::{Encoder, json_text};
use crate::printable::Quoted;
use crate::secret::Secret;
use crate::{Error, ErrorKind, IdempotencyKey, Key, serde, sha256_hex};

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
/// A `HashSet` in the payload gives another key in each process, unless it is said to be
/// [`unordered`](Self::unordered): it implements `Serialize` as a sequence in the order of its iteration,
/// which is random. A derived type knows that a `HashSet` or a `BTreeSet` is a set; the identity that says the same names
/// both as unordered. A `HashMap` is no hazard: its members are sorted here as everywhere.
#[derive(Debug, Clone)]
pub struct Identity {
    // What was said, as it was said: the identity as a document.
    exclude: Vec<String>,
    exclude_everywhere: Vec<String>,
    only: Vec<String>,
    unordered: Vec<String>,
    json: Vec<String>,
    /// The operations of the request and of those within it, outermost first.
    operations: Vec<String>,
    /// Labels and values.
    fields: Vec<(String, String)>,
    /// Labels and pointers.
    scope_members: Vec<(String, String)>,
    secret: Option<Secret>,
    /// The same for walking along with a payload.
    rules: Rules,
    /// The first mistake in building it.
    mistake: Option<Error>,
}

/// Writes a payload as a whole. Not a type parameter, so that what is here is compiled once, and not for each
/// type of payload.
type Encode<'a> = &'a dyn Fn(&mut Encoder<'_>);

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
            exclude: Vec::new(),
            exclude_everywhere: Vec::new(),
            only: Vec::new(),
            unordered: Vec::new(),
            json: Vec::new(),
            operations: Vec::new(),
            fields: Vec::new(),
            scope_members: Vec::new(),
            secret: None,
            rules: Rules::new(),
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
    /// A malformed pointer is a mistake, and so is the empty one, which excludes the payload as a whole,
    /// and one of more than 128 segments. A name that holds a `/` is taken for a pointer whose first `/`
    /// was forgotten: exclude the member `a/b` as `/a~1b`.
    #[must_use]
    pub fn exclude<I>(mut self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for path in paths {
            let path = path.as_ref();
            let result = if path.contains('/') || path.is_empty() {
                self.rules.add(Rule::Exclude, path)
            } else {
                self.rules.exclude_name(path)
            };
            self.note(result);
            self.exclude.push(path.into());
        }
        self
    }

    /// Leaves out the members of these names, wherever they are: `timestamp`, `trace_id`.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().exclude_everywhere(["trace_id"]);
    /// let body = br#"{"trace_id":1,"items":[{"n":1,"trace_id":2}]}"#;
    /// assert_eq!(identity.canonical_bytes_of_json(body)?, br#"{"items":[{"n":1}]}"#);
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn exclude_everywhere<I>(mut self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for name in names {
            let result = self.rules.exclude_everywhere(name.as_ref());
            self.note(result);
            self.exclude_everywhere.push(name.as_ref().into());
        }
        self
    }

    /// Lets only these parts of the payload count: an allow-list of JSON Pointers, in which `*` is any
    /// one member or element.
    ///
    /// What is not listed does not count. What is listed and absent is an error of the key, since with a
    /// mistyped pointer all requests would share one; behind a `*` there may be nothing.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().only(["/amount", "/items/*/id"]);
    /// let body = br#"{"amount":500,"note":"x","items":[{"id":1,"at":2}]}"#;
    /// assert_eq!(identity.canonical_bytes_of_json(body)?, br#"{"amount":500,"items":[{"id":1}]}"#);
    /// assert!(identity.key_of_json(br#"{"amout":500,"items":[]}"#).is_err());
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn only<I>(mut self, pointers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let added = self.add(Rule::Only, pointers);
        self.only.extend(added);
        self
    }

    /// Says that the arrays which these JSON Pointers lead to have no order, as `#[idem(unordered)]` does:
    /// their elements are sorted by their canonical bytes, and equal ones are all kept.
    ///
    /// Anything but an array or `null` there is an error of the key.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().unordered(["/tags", "/messages/*/stop"]);
    /// let key = identity.key_of_json(br#"{"tags":["b","a"]}"#)?;
    /// assert_eq!(key, identity.key_of_json(br#"{"tags":["a","b"]}"#)?);
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn unordered<I>(mut self, pointers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let added = self.add(Rule::Unordered, pointers);
        self.unordered.extend(added);
        self
    }

    /// Says that the strings which these JSON Pointers lead to hold JSON text, as `#[idem(json)]` does: its
    /// canonical form counts, and not its spelling. Other pointers lead on into it.
    ///
    /// Anything but a string that holds JSON text, or `null`, is an error of the key.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().json(["/event"]).exclude(["/event/sent_at"]);
    /// let body = br#"{"event":"{ \"sent_at\": 1, \"n\": 1.0 }"}"#;
    /// assert_eq!(identity.canonical_bytes_of_json(body)?, br#"{"event":{"n":1}}"#);
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn json<I>(mut self, pointers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let added = self.add(Rule::Json, pointers);
        self.json.extend(added);
        self
    }

    /// Names the operation that the key is valid for, as `#[idem(scope = "...")]` on a type does:
    /// `charges.create`.
    ///
    /// Called again, it names the operation of the request within, as of a wrapped type: the two are
    /// joined by `>`. A name is not empty and holds no `:`, `%` or `>`.
    #[must_use]
    pub fn scope(mut self, operation: impl Into<String>) -> Self {
        self.operations.push(operation.into());
        self
    }

    /// Adds a field to the scope, as `#[idem(scope)]` on a field does: `("user", 42)` gives
    /// `user:42`.
    ///
    /// Fields are sorted by label. In the value, `%` and `:` are escaped. A label that is empty,
    /// holds `:` or `%`, or is given twice, is a mistake, as is a value whose `Display` reports an error.
    #[must_use]
    pub fn scope_field(mut self, label: impl Into<String>, value: impl Display) -> Self {
        let label = label.into();
        let mut text = String::new();
        // Unlike `to_string`, this does not panic where `Display` reports an error.
        if write!(text, "{value}").is_err() {
            self.mistake.get_or_insert(Error::display().within(&label));
        }
        self.fields.push((label, text));
        self
    }

    /// Takes a field of the scope out of the payload: the value that a JSON Pointer leads to, a string,
    /// integer or boolean. It is not in the payload then.
    ///
    /// So one identity serves all requests, where only the body is there. An absent value is an error of the
    /// key, and so is any other kind of value.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// let identity = Identity::new().scope_member("tenant", "/tenant");
    /// let body = br#"{"amount":500,"tenant":"acme"}"#;
    /// assert_eq!(identity.canonical_bytes_of_json(body)?, br#"tenant:acme:{"amount":500}"#);
    /// # Ok::<(), agentidemp::Error>(())
    /// ```
    #[must_use]
    pub fn scope_member(mut self, label: impl Into<String>, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        let result = self.rules.add(Rule::ScopeMember, &pointer);
        self.note(result);
        self.scope_members.push((label.into(), pointer));
        self
    }

    /// Makes keyed keys: HMAC-SHA-256 (RFC 2104) of the canonical bytes under a secret, in place of
    /// SHA-256.
    ///
    /// For content that can be guessed, where keys are seen by people who must not learn the content. The
    /// canonical bytes are the same.
    #[must_use]
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Reports a mistake in the rules or the scope, which would otherwise be an error of each key.
    ///
    /// # Errors
    ///
    /// Where a pointer or a name is malformed, there are too many of them, or everything is excluded; where
    /// an operation or a label is malformed, or two fields have one label.
    ///
    /// ```
    /// use agentidemp::Identity;
    ///
    /// assert!(Identity::new().exclude(["/a/**/b"]).check().is_err());
    /// assert!(Identity::new().scope("").check().is_err());
    /// assert!(Identity::new().exclude(["/a/*/b"]).scope("charges.create").check().is_ok());
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        self.rules()?;
        let members = alloc::vec![String::new(); self.scope_members.len()];
        let mut out = Encoder::for_bytes(None);
        self.encode_scope(&members, &mut out);
        out.canonical_text(b"null");
        out.finish_bytes().map(|_| ())
    }

    /// The key of a payload: `ik_` and SHA-256 of its [canonical
    /// bytes](Self::canonical_bytes), 67 characters. With a [`secret`](Self::secret), HMAC-SHA-256.
    ///
    /// # Errors
    ///
    /// Where the payload has no canonical form, as
    /// [`try_idempotency_key`](crate::IdempotencyKey::try_idempotency_key), and with what the
    /// payload's own `Serialize` reports. Where the rules do not fit the payload: something other than an
    /// array is unordered, a string that should hold JSON text does not, what an allow-list names or a
    /// scope member is absent. Where nothing of the payload is left, as all payloads would share one key.
    /// And as [`check`](Self::check).
    ///
    /// Also where objects and arrays nest deeper than 128 levels, as deep as serde_json reads.
    pub fn key<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Key, Error> {
        self.key_by(&|out| serde::encode(payload, out))
    }

    /// The bytes that are hashed: the scope and `:`, if there is a scope, then the canonical form of
    /// what counts.
    ///
    /// # Errors
    ///
    /// As [`key`](Self::key).
    pub fn canonical_bytes<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Vec<u8>, Error> {
        self.bytes_by(&|out| serde::encode(payload, out))
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
        self.key_by(&|out| json_text::encode(body, out))
    }

    /// The bytes that are hashed for the key of a JSON body.
    ///
    /// # Errors
    ///
    /// As [`key_of_json`](Self::key_of_json).
    pub fn canonical_bytes_of_json(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        self.bytes_by(&|out| json_text::encode(body, out))
    }

    /// The payload with this identity: a request, for all that takes one.
    ///
    /// ```
    /// use agentidemp::{IdempotencyKey, Identity};
    ///
    /// let identity = Identity::new().exclude(["sent_at"]);
    /// let payload = std::collections::BTreeMap::from([("amount", 500), ("sent_at", 1767225600)]);
    /// assert_eq!(identity.of(&payload).canonical_bytes(), br#"{"amount":500}"#);
    /// ```
    pub fn of<'a, T: Serialize + ?Sized>(&'a self, payload: &'a T) -> impl IdempotencyKey + 'a {
        Identified {
            identity: self,
            encode: |out: &mut Encoder<'_>| serde::encode(payload, out),
        }
    }

    /// As [`of`](Self::of), for a JSON body.
    #[must_use]
    pub fn of_json<'a>(&'a self, body: &'a [u8]) -> impl IdempotencyKey + 'a {
        Identified {
            identity: self,
            encode: |out: &mut Encoder<'_>| json_text::encode(body, out),
        }
    }

    fn key_by(&self, encode: Encode<'_>) -> Result<Key, Error> {
        let rules = self.rules()?;
        if let Some(secret) = &self.secret {
            return secret.key_of(&self.bytes_by(encode)?);
        }
        if !self.scope_members.is_empty() {
            return Ok(sha256_hex(&self.bytes_by(encode)?));
        }
        let mut out = Encoder::for_key(Some(rules));
        self.encode_scope(&[], &mut out);
        self.encode_payload(encode, &mut out);
        out.finish_key()
    }

    fn bytes_by(&self, encode: Encode<'_>) -> Result<Vec<u8>, Error> {
        if self.scope_members.is_empty() {
            let mut out = Encoder::for_bytes(Some(self.rules()?));
            self.encode_scope(&[], &mut out);
            self.encode_payload(encode, &mut out);
            return out.finish_bytes();
        }
        // The scope comes before the payload, in which its members are.
        let (payload, members) = self.payload_by(encode)?;
        let mut out = Encoder::for_bytes(None);
        self.encode_scope(&members, &mut out);
        out.canonical_text(&payload);
        out.finish_bytes()
    }

    /// The payload's canonical form, and the values of the scope members.
    fn payload_by(&self, encode: Encode<'_>) -> Result<(Vec<u8>, Vec<String>), Error> {
        let mut out = Encoder::for_bytes(Some(self.rules()?));
        self.encode_payload(encode, &mut out);
        let members = out.take_scope_members();
        let payload = out.finish_bytes()?;
        let members = members.into_iter().zip(&self.scope_members);
        let members = members.map(|(value, (label, pointer))| {
            value.ok_or_else(|| absent(pointer, &alloc::format!("the scope's {}", Quoted(label))))
        });
        Ok((payload, members.collect::<Result<_, _>>()?))
    }

    fn encode_payload(&self, encode: Encode<'_>, out: &mut Encoder<'_>) {
        out.expect_payload();
        encode(out);
        if let Some(number) = out.absent() {
            let pointer = self.only.get(number).map_or("", String::as_str);
            let mut members = self.scope_members.iter().map(|(_, member)| member);
            out.fail(if members.any(|member| member == pointer) {
                listed_in_vain(pointer)
            } else {
                absent(pointer, "on the allow-list")
            });
        }
    }

    fn encode_scope(&self, members: &[String], out: &mut Encoder<'_>) {
        Scope::write(out, |scope| self.write_scope(members, scope));
    }

    /// Writes the scope, with the values of the scope members.
    fn write_scope(&self, members: &[String], scope: &mut Scope<'_, '_>) {
        let given = self.fields.iter().map(|(label, value)| (label, value));
        let labels = self.scope_members.iter().map(|(label, _)| label);
        scope.operations(self.operations.iter().map(String::as_str));
        for (label, value) in given.chain(labels.zip(members)) {
            scope.unsorted_field(label, value);
        }
    }

    /// The rules, unless there is a mistake in this identity.
    fn rules(&self) -> Result<&Rules, Error> {
        match &self.mistake {
            Some(mistake) => Err(mistake.clone()),
            None if self.rules.exclude_everything() => Err(Error::nothing_left()),
            None => Ok(&self.rules),
        }
    }

    fn note(&mut self, result: Result<(), Error>) {
        if let Err(mistake) = result {
            self.mistake.get_or_insert(mistake);
        }
    }

    /// Adds a rule for each pointer.
    fn add<I>(&mut self, rule: Rule, pointers: I) -> Vec<String>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut added = Vec::new();
        for pointer in pointers {
            let pointer = pointer.as_ref();
            let result = self.rules.add(rule, pointer);
            self.note(result);
            added.push(pointer.into());
        }
        added
    }
}

/// A scope member is not in the payload that an allow-list is of.
fn listed_in_vain(pointer: &str) -> Error {
    let reason = alloc::format!(
        "{} is taken out of the payload, into the scope: take it off the allow-list",
        Quoted(pointer)
    );
    Error::new(ErrorKind::Absent, reason)
}

fn absent(pointer: &str, what: &str) -> Error {
    let reason = alloc::format!("{} is absent, which is {what}", Quoted(pointer));
    Error::new(ErrorKind::Absent, reason)
}
