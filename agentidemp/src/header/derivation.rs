//! How the key of an HTTP request is derived: from its JSON body, by an [`Identity`], with the method
//! and the target in the scope if that is said. Both ends of the wire do it here.

use alloc::borrow::Cow;

use ::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use ::http::{HeaderMap, Method};

use crate::{Error, Identity, Key};

/// The methods whose requests have keys, unless set.
pub(super) const METHODS: [Method; 3] = [Method::POST, Method::PUT, Method::PATCH];

#[derive(Debug, Clone)]
pub(super) struct Derivation {
    pub(super) identity: Identity,
    pub(super) method_and_path_in_scope: bool,
    pub(super) query_in_scope: bool,
}

/// The method, and what follows the authority in the URL, as it goes on the wire.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl Derivation {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            method_and_path_in_scope: false,
            query_in_scope: false,
        }
    }

    pub(super) fn key(&self, target: Target<'_>, body: &[u8]) -> Result<Key, Error> {
        self.identity_at(target).key_of_json(body)
    }

    /// The identity with what the scope holds of the target: fields of the scope, whose values are
    /// escaped there.
    fn identity_at(&self, target: Target<'_>) -> Cow<'_, Identity> {
        let mut identity = Cow::Borrowed(&self.identity);
        if self.method_and_path_in_scope {
            let scoped = identity.into_owned().scope_field("method", target.method);
            identity = Cow::Owned(scoped.scope_field("path", target.path));
        }
        if self.query_in_scope {
            let query = target.query.unwrap_or_default();
            identity = Cow::Owned(identity.into_owned().scope_field("query", query));
        }
        identity
    }
}

/// Whether the headers let a body be JSON text as it stands: of a JSON media type, or of none, and not
/// compressed.
pub(super) fn may_be_json(headers: &HeaderMap) -> bool {
    let is_plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    is_plain
        && headers
            .get(CONTENT_TYPE)
            .is_none_or(|media_type| is_json(media_type.as_bytes()))
}

fn is_json(media_type: &[u8]) -> bool {
    let essence = media_type.split(|byte| *byte == b';').next();
    let essence = essence
        .unwrap_or_default()
        .trim_ascii()
        .to_ascii_lowercase();
    essence == b"application/json" || essence == b"text/json" || essence.ends_with(b"+json")
}
