//! [`Document`]: canonical bytes, taken apart into the scope and the values of the payload.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

use super::error::NotCanonicalError;
use super::parse;
use super::scope::ParsedScope;
use crate::pointer::escape_segment;
use crate::text::cmp_utf16;
use crate::text::reader::characters;
use crate::{Error, ErrorKind, IdempotencyKey, Key, sha256_hex};

/// A value of the payload, as its place in [`Document::nodes`].
pub(super) type NodeId = usize;

/// The payload as a whole.
pub(super) const ROOT: NodeId = 0;

#[derive(Clone)]
pub(super) struct Document {
    text: String,
    /// Of the text alone it is the SHA-256; a request can have a keyed one.
    key: Key,
    /// Each value before the values within, and before what comes after it.
    nodes: Vec<Node>,
}

/// A value of the payload.
#[derive(Clone)]
pub(super) struct Node {
    /// Where its text stands.
    pub(super) text: Range<usize>,
    /// Where the text of its name stands, quotes included, if it is a member.
    pub(super) name: Option<Range<usize>>,
    pub(super) parent: Option<NodeId>,
    /// How many members or elements come before it.
    pub(super) index: usize,
    /// The first value that is not within it.
    pub(super) end: NodeId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    /// A number, a boolean or `null`.
    Literal,
}

impl Document {
    pub(super) fn of_request<T: IdempotencyKey + ?Sized>(request: &T) -> Result<Self, Error> {
        let document = Self::of_canonical(request.try_canonical_bytes()?)?;
        let key = request.try_idempotency_key()?;
        Ok(Self { key, ..document })
    }

    /// Takes the canonical bytes of a request apart.
    pub(super) fn of_canonical(bytes: Vec<u8>) -> Result<Self, Error> {
        let malformed = |error: NotCanonicalError| {
            let reason = format!("the canonical bytes are malformed: {}", error.reason());
            Error::new(ErrorKind::Misuse, reason)
        };
        let text =
            String::from_utf8(bytes).map_err(|error| malformed(not_utf8(&error.utf8_error())))?;
        let nodes = parse::payload(&text).map_err(malformed)?;
        Ok(Self {
            key: sha256_hex(text.as_bytes()),
            text,
            nodes,
        })
    }

    /// Takes bytes apart that need not come from a request.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, NotCanonicalError> {
        let text = core::str::from_utf8(bytes).map_err(|error| not_utf8(&error))?;
        // A line of a file or a log ends so.
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let nodes = parse::payload(text)?;
        let document = Self {
            text: text.to_owned(),
            key: sha256_hex(text.as_bytes()),
            nodes,
        };
        if let Some(scope) = document.scope() {
            check_scope(scope, text)?;
        }
        Ok(document)
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    /// The canonical bytes.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text before the payload, without the `:` that ends it.
    pub(super) fn scope(&self) -> Option<&str> {
        let end = self.node(ROOT).text.start.checked_sub(1)?;
        self.text.get(..end)
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The canonical text of a value.
    pub(super) fn value(&self, node: NodeId) -> &str {
        &self.text[self.node(node).text.clone()]
    }

    pub(super) fn kind(&self, node: NodeId) -> Kind {
        match self.value(node).as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            _ => Kind::Literal,
        }
    }

    /// The members or elements of a value, in order.
    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.end(node);
        let within = move |child: &NodeId| *child < end;
        iter::successors(Some(node + 1).filter(within), move |child| {
            Some(self.end(*child)).filter(within)
        })
    }

    /// The text of a member's name, quotes included.
    pub(super) fn quoted_name(&self, node: NodeId) -> Option<&str> {
        let name = self.node(node).name.clone()?;
        Some(&self.text[name])
    }

    /// A member's name; empty for any other value.
    pub(super) fn name(&self, node: NodeId) -> Cow<'_, str> {
        self.quoted_name(node).map_or(Cow::Borrowed(""), unquote)
    }

    /// How many members or elements come before a value.
    pub(super) fn index(&self, node: NodeId) -> usize {
        self.node(node).index
    }

    /// The first value after those within a value.
    pub(super) fn end(&self, node: NodeId) -> NodeId {
        self.node(node).end
    }

    /// The JSON Pointer to a value (RFC 6901).
    pub(super) fn pointer(&self, node: NodeId) -> String {
        let mut pointer = String::new();
        for node in self.path(node) {
            pointer.push('/');
            match self.quoted_name(node) {
                Some(_) => pointer.push_str(&escape_segment(&self.name(node))),
                None => pointer.push_str(&self.index(node).to_string()),
            }
        }
        pointer
    }

    /// The members and elements that lead to a value, from the outside in.
    pub(super) fn path(&self, node: NodeId) -> Vec<NodeId> {
        let parent = |node: &NodeId| self.node(*node).parent;
        let mut path: Vec<_> = iter::successors(Some(node), parent).collect();
        // The payload itself has no name.
        path.pop();
        path.reverse();
        path
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node]
    }
}

/// Looks whether what stands before a payload is a scope, and no part of a payload that is cut off.
fn check_scope(scope: &str, text: &str) -> Result<(), NotCanonicalError> {
    if scope.is_empty() {
        return Err(NotCanonicalError::new(0, "the scope is empty"));
    }
    if parse::is_cut_off(text) {
        return Err(NotCanonicalError::new(text.len(), "the payload is cut off"));
    }
    let labels = ParsedScope::new(Some(scope)).fields;
    let labels = labels.iter().map(|(label, _)| *label);
    let is_label = |label: &str| !label.is_empty() && !label.contains(['{', '}', '[', ']', '"']);
    let ascend = labels
        .clone()
        .is_sorted_by(|left, right| cmp_utf16(left, right).is_lt());
    if ascend && labels.clone().all(is_label) {
        return Ok(());
    }
    Err(NotCanonicalError::new(
        0,
        "what stands before the payload is no scope: labels ascend, and hold no brackets or quotes",
    ))
}

/// The string that a canonical JSON string stands for.
fn unquote(quoted: &str) -> Cow<'_, str> {
    let content = &quoted[1..quoted.len() - 1];
    if content.contains('\\') {
        Cow::Owned(characters(content.as_bytes()).collect())
    } else {
        Cow::Borrowed(content)
    }
}

fn not_utf8(error: &core::str::Utf8Error) -> NotCanonicalError {
    NotCanonicalError::new(error.valid_up_to(), "the text is not UTF-8")
}
