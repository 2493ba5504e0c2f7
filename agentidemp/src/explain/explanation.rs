//! [`Explanation`]: what differs between two requests, for programs. Its text is in `report.rs`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::compare::{Edit, compare};
use super::document::{Document, NodeId};
use super::patch;
use super::scope::{self, ScopeChange};
use crate::Key;

/// Why two requests have two keys, or that they have one: what [`explain()`](super::explain())
/// gives.
///
/// It is empty exactly where the [canonical bytes](crate::IdempotencyKey::canonical_bytes) of the
/// two are equal.
///
/// [`Display`](fmt::Display) is for people: short values in full, long ones cut around the place
/// where they differ, at most a screenful, and a count of the rest. Characters that cannot be seen
/// are written as `\u{200b}`.
///
/// ```
/// use agentidemp::explain::{Change, explain_bytes};
///
/// let explanation = explain_bytes(br#"{"n":[1,2],"to":"a"}"#, br#"{"n":[0,1,2],"to":"b"}"#)?;
/// assert!(!explanation.is_equal());
///
/// let differences: Vec<_> = explanation
///     .differences()
///     .map(|difference| (difference.pointer(), difference.change()))
///     .collect();
/// assert_eq!(
///     differences,
///     [
///         ("/n/0".to_owned(), Change::Added { value: "0" }),
///         ("/to".to_owned(), Change::Replaced { old: r#""a""#, new: r#""b""# }),
///     ]
/// );
/// # Ok::<(), agentidemp::explain::NotCanonicalError>(())
/// ```
#[derive(Clone)]
pub struct Explanation {
    old: Document,
    new: Document,
    scope_changes: Vec<ScopeChange>,
    edits: Vec<Edit>,
}

/// One difference between two payloads.
#[derive(Clone, Copy)]
pub struct Difference<'a> {
    explanation: &'a Explanation,
    edit: Edit,
}

/// What happened to a value. Values are given as canonical JSON text.
///
/// The first three are the operations `add`, `remove` and `replace` of a JSON Patch (RFC 6902).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change<'a> {
    /// The second request has it, the first has not.
    Added {
        /// The value in the second request.
        value: &'a str,
    },
    /// The first request has it, the second has not.
    Removed {
        /// The value in the first request.
        value: &'a str,
    },
    /// The two requests have two values here.
    Replaced {
        /// The value in the first request.
        old: &'a str,
        /// The value in the second request.
        new: &'a str,
    },
    /// The two requests have one and the same elements here, in another order.
    Reordered {
        /// The array in the first request.
        old: &'a str,
        /// The array in the second request.
        new: &'a str,
    },
}

impl Explanation {
    pub(super) fn new(old: Document, new: Document) -> Self {
        Self {
            scope_changes: scope::changes(old.scope(), new.scope()),
            edits: compare(&old, &new),
            old,
            new,
        }
    }

    /// Whether the two requests have one key.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.scope_changes.is_empty() && self.edits.is_empty()
    }

    /// The key of the first request.
    #[must_use]
    pub fn old_key(&self) -> Key {
        self.old.key()
    }

    /// The key of the second request.
    #[must_use]
    pub fn new_key(&self) -> Key {
        self.new.key()
    }

    /// What differs in the scope: the operation first, then the fields by label.
    #[must_use]
    pub fn scope_changes(&self) -> &[ScopeChange] {
        &self.scope_changes
    }

    /// What differs in the payload, in the order of the second request.
    #[must_use]
    pub fn differences(&self) -> impl ExactSizeIterator<Item = Difference<'_>> {
        self.edits.iter().map(|edit| Difference {
            explanation: self,
            edit: *edit,
        })
    }

    /// The JSON Patch (RFC 6902), as JSON text, that makes the second payload of the first.
    ///
    /// It says nothing of the scope.
    ///
    /// ```
    /// let explanation = agentidemp::explain::explain_bytes(b"[1,2,3]", b"[2,4]")?;
    /// assert_eq!(
    ///     explanation.to_json_patch(),
    ///     r#"[{"op":"remove","path":"/0"},{"op":"replace","path":"/1","value":4}]"#
    /// );
    /// # Ok::<(), agentidemp::explain::NotCanonicalError>(())
    /// ```
    #[must_use]
    pub fn to_json_patch(&self) -> String {
        patch::json_patch(&self.old, &self.new, &self.edits)
    }
}

impl<'a> Difference<'a> {
    /// Where, as a JSON Pointer (RFC 6901) into the second payload; of what was removed, into the
    /// first.
    ///
    /// The indices count the elements of that payload as it is. For indices that count while one
    /// difference after the other is applied, see [`Explanation::to_json_patch`].
    #[must_use]
    pub fn pointer(&self) -> String {
        let (document, node) = self.place();
        document.pointer(node)
    }

    /// The pointer as a rule of an identity has it: `*` for the indices of elements.
    pub(crate) fn rule_pointer(&self) -> String {
        let pointer = self.pointer();
        let segments = pointer.split('/');
        let segments: Vec<_> = segments
            .map(|segment| if is_index(segment) { "*" } else { segment })
            .collect();
        segments.join("/")
    }

    /// Whether it is not at the top level.
    pub(crate) fn is_nested(&self) -> bool {
        self.pointer().matches('/').count() > 1
    }

    /// What happened there.
    #[must_use]
    pub fn change(&self) -> Change<'a> {
        let Explanation { old, new, .. } = self.explanation;
        match self.edit {
            Edit::Added { new: node } => Change::Added {
                value: new.value(node),
            },
            Edit::Removed { old: node, .. } => Change::Removed {
                value: old.value(node),
            },
            Edit::Replaced {
                old: before,
                new: after,
            } => Change::Replaced {
                old: old.value(before),
                new: new.value(after),
            },
            Edit::Reordered {
                old: before,
                new: after,
            } => Change::Reordered {
                old: old.value(before),
                new: new.value(after),
            },
        }
    }

    fn place(&self) -> (&'a Document, NodeId) {
        match self.edit {
            Edit::Removed { old, .. } => (&self.explanation.old, old),
            Edit::Added { new } | Edit::Replaced { new, .. } | Edit::Reordered { new, .. } => {
                (&self.explanation.new, new)
            }
        }
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("old_key", &self.old_key())
            .field("new_key", &self.new_key())
            .field("scope_changes", &self.scope_changes)
            .field("differences", &self.edits.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Difference")
            .field("pointer", &self.pointer())
            .field("change", &self.change())
            .finish()
    }
}

fn is_index(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}
