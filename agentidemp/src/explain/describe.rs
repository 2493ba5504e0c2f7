//! [`Description`]: what is hashed, for people.

use alloc::vec::Vec;
use core::fmt;

use super::document::{Document, Kind, NodeId, ROOT};
use super::error::NotCanonicalError;
use super::excerpt::Shown;
use super::scope::{ParsedScope, unescape};
use crate::printable::Harmless;
use crate::request::expect_canonical_form;
use crate::{Error, IdempotencyKey, Key};

/// Values deeper than this stand on one line.
const MAX_DEPTH: usize = 32;

/// What is hashed of a request: what [`describe`] gives.
///
/// [`Display`](fmt::Display) gives the key, the scope by label, and the canonical form, indented. Characters
/// that cannot be seen are written as `\u200b`.
#[derive(Clone)]
pub struct Description {
    pub(super) document: Document,
}

/// Shows what is hashed of a request.
///
/// ```
/// use agentidemp::IdempotencyKey;
/// use agentidemp::explain::describe;
///
/// #[derive(IdempotencyKey)]
/// #[idem(scope = "charges.create")]
/// struct CreateCharge {
///     amount: u64,
///     currency: &'static str,
///     #[idem(scope)]
///     user: u64,
///     #[idem(skip)]
///     attempt: u32,
/// }
///
/// let charge = CreateCharge { amount: 500, currency: "eur", user: 42, attempt: 1 };
/// assert_eq!(
///     describe(&charge).to_string(),
///     r#"ik_689f8b644429ab871c1a66863b32c339ac94287db96f549e8b335c70cb5833d7
/// scope operation: charges.create
/// scope user: 42
/// {
///   "amount": 500,
///   "currency": "eur"
/// }"#
/// );
/// ```
///
/// # Panics
///
/// Where the request has no canonical form. [`try_describe`] gives an error instead.
#[must_use]
#[track_caller]
pub fn describe<T: IdempotencyKey + ?Sized>(request: &T) -> Description {
    expect_canonical_form(try_describe(request), "try_describe")
}

/// As [`describe`], or why the request has no canonical form.
///
/// # Errors
///
/// As [`try_canonical_bytes`](IdempotencyKey::try_canonical_bytes).
pub fn try_describe<T: IdempotencyKey + ?Sized>(request: &T) -> Result<Description, Error> {
    let document = Document::of_request(request)?;
    Ok(Description { document })
}

/// Shows what is hashed of a request of which only the [canonical
/// bytes](IdempotencyKey::canonical_bytes) are known.
///
/// # Errors
///
/// As [`explain_bytes`](super::explain_bytes).
pub fn describe_bytes(bytes: &[u8]) -> Result<Description, NotCanonicalError> {
    let document = Document::from_bytes(bytes)?;
    Ok(Description { document })
}

impl Description {
    /// The request's key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.document.key()
    }

    /// What is hashed: the [canonical bytes](IdempotencyKey::canonical_bytes), which are text.
    #[must_use]
    pub fn canonical_text(&self) -> &str {
        self.document.text()
    }

    /// The text before the payload, without the `:` that ends it; none where there is no scope.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.document.scope()
    }

    /// Writes the text before a member's value.
    fn write_name(&self, node: NodeId, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.document.quoted_name(node) {
            Some(name) => write!(f, "{}: ", Harmless(name)),
            None => Ok(()),
        }
    }

    fn write_scope(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = ParsedScope::new(self.document.scope());
        if let Some(operation) = scope.operation {
            writeln!(f, "scope operation: {}", Shown(operation))?;
        }
        for (label, value) in scope.fields {
            let unescaped = unescape(value);
            let value = unescaped.as_deref().unwrap_or(value);
            writeln!(f, "scope {}: {}", Shown(label), Shown(value))?;
        }
        Ok(())
    }

    fn write_payload(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = &self.document;
        // The objects and arrays that are open, each with where it ends.
        let mut open = Vec::new();
        let mut node = ROOT;
        while node < document.len() {
            if node != ROOT {
                f.write_str(if document.index(node) > 0 {
                    ",\n"
                } else {
                    "\n"
                })?;
            }
            indent(open.len(), f)?;
            self.write_name(node, f)?;
            let brackets = match document.kind(node) {
                Kind::Object => Some(('{', '}')),
                Kind::Array => Some(('[', ']')),
                Kind::String | Kind::Literal => None,
            };
            let end = document.end(node);
            match brackets {
                Some((opening, closing)) if end > node + 1 && open.len() < MAX_DEPTH => {
                    write!(f, "{opening}")?;
                    open.push((end, closing));
                    node += 1;
                }
                _ => {
                    write!(f, "{}", Harmless(document.value(node)))?;
                    node = end;
                }
            }
            while let Some((_, closing)) = open.pop_if(|(end, _)| *end == node) {
                f.write_str("\n")?;
                indent(open.len(), f)?;
                write!(f, "{closing}")?;
            }
        }
        Ok(())
    }
}

fn indent(depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    (0..depth).try_for_each(|_| f.write_str("  "))
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.key())?;
        self.write_scope(f)?;
        self.write_payload(f)
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
