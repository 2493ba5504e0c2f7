//! The differences of two payloads: walks both at once, without recursion.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::iter;

use super::align::align;
use super::classes::Classes;
use super::document::{Document, Kind, NodeId, ROOT};
use crate::text::cmp_utf16;

/// How many members, elements or bytes are looked at to tell how similar two values are.
const SAMPLE: usize = 32;

/// A difference, by the values in the old and in the new document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Added {
        new: NodeId,
    },
    Removed {
        old: NodeId,
        /// The object or array of the new document that it is missing from.
        parent: NodeId,
        /// How many members or elements of the new document come before its place.
        index: usize,
    },
    Replaced {
        old: NodeId,
        new: NodeId,
    },
    /// An array whose elements are the same, in another order.
    Reordered {
        old: NodeId,
        new: NodeId,
    },
}

/// The differences in the order of the new document.
pub(super) fn compare(old: &Document, new: &Document) -> Vec<Edit> {
    let comparison = Comparison {
        old,
        new,
        classes: Classes::new(old, new),
    };
    let mut edits = Vec::new();
    // The next one is last.
    let mut open = vec![Edit::Replaced {
        old: ROOT,
        new: ROOT,
    }];
    while let Some(edit) = open.pop() {
        match comparison.refine(edit) {
            Some(refined) => open.extend(refined.into_iter().rev()),
            None => edits.push(edit),
        }
    }
    edits
}

struct Comparison<'a> {
    old: &'a Document,
    new: &'a Document,
    classes: Classes,
}

impl Comparison<'_> {
    /// The differences within an object or array in place of that as a whole; none where it cannot
    /// be told more precisely.
    fn refine(&self, edit: Edit) -> Option<Vec<Edit>> {
        let Edit::Replaced { old, new } = edit else {
            return None;
        };
        if self.classes.are_equal(old, new) {
            return Some(Vec::new());
        }
        match (self.old.kind(old), self.new.kind(new)) {
            (Kind::Object, Kind::Object) => Some(self.members(old, new)),
            (Kind::Array, Kind::Array) => Some(self.elements(old, new)),
            _ => None,
        }
    }

    fn members(&self, old: NodeId, new: NodeId) -> Vec<Edit> {
        edits(new, self.pairs_of_members(old, new))
    }

    /// The members of both objects, those of one name together, in canonical order.
    fn pairs_of_members(
        &self,
        old: NodeId,
        new: NodeId,
    ) -> impl Iterator<Item = (Option<NodeId>, Option<NodeId>)> {
        merge(
            self.old.children(old),
            self.new.children(new),
            |old, new| cmp_utf16(&self.old.name(*old), &self.new.name(*new)),
        )
    }

    fn elements(&self, old: NodeId, new: NodeId) -> Vec<Edit> {
        let olds: Vec<_> = self.old.children(old).collect();
        let news: Vec<_> = self.new.children(new).collect();
        let old_classes: Vec<_> = olds.iter().map(|node| self.classes.old[*node]).collect();
        let new_classes: Vec<_> = news.iter().map(|node| self.classes.new[*node]).collect();
        if is_permutation(&old_classes, &new_classes) {
            return vec![Edit::Reordered { old, new }];
        }
        let similarity = |old_at: usize, new_at: usize| self.similarity(olds[old_at], news[new_at]);
        let pairs = align(&old_classes, &new_classes, similarity);
        let pairs = pairs
            .into_iter()
            .map(|(old, new)| (old.map(|at| olds[at]), new.map(|at| news[at])));
        edits(new, pairs)
    }

    /// How much two values have in common: one of a kind is more than one of another kind, and then
    /// the bytes count that are equal.
    fn similarity(&self, old: NodeId, new: NodeId) -> usize {
        let kind = self.old.kind(old);
        if kind != self.new.kind(new) {
            return 1;
        }
        let equal = |(old, new): (NodeId, NodeId)| {
            let is_equal = self.classes.are_equal(old, new);
            is_equal.then(|| self.new.value(new).len())
        };
        let common: usize = match kind {
            Kind::Object => {
                let pairs = self.pairs_of_members(old, new).take(SAMPLE);
                pairs.filter_map(|(old, new)| equal((old?, new?))).sum()
            }
            Kind::Array => {
                let pairs = self.old.children(old).zip(self.new.children(new));
                pairs.take(SAMPLE).filter_map(equal).sum()
            }
            Kind::String | Kind::Literal => {
                let pairs = self.old.value(old).bytes().zip(self.new.value(new).bytes());
                pairs
                    .take(SAMPLE)
                    .take_while(|(old, new)| old == new)
                    .count()
            }
        };
        2 + common
    }
}

/// The differences of the children of two values, which are given in pairs.
fn edits(
    parent: NodeId,
    pairs: impl Iterator<Item = (Option<NodeId>, Option<NodeId>)>,
) -> Vec<Edit> {
    let mut index = 0;
    let mut edits = Vec::new();
    for pair in pairs {
        edits.push(match pair {
            (Some(old), Some(new)) => Edit::Replaced { old, new },
            (None, Some(new)) => Edit::Added { new },
            (Some(old), None) => Edit::Removed { old, parent, index },
            (None, None) => continue,
        });
        index += usize::from(pair.1.is_some());
    }
    edits
}

/// The items of two lists in ascending order, those that compare as equal together.
pub(super) fn merge<A, B>(
    old: impl Iterator<Item = A>,
    new: impl Iterator<Item = B>,
    order: impl Fn(&A, &B) -> Ordering,
) -> impl Iterator<Item = (Option<A>, Option<B>)> {
    let (mut old, mut new) = (old.peekable(), new.peekable());
    iter::from_fn(move || {
        let order = match (old.peek(), new.peek()) {
            (Some(old), Some(new)) => order(old, new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let old = old.next_if(|_| order.is_le());
        let new = new.next_if(|_| order.is_ge());
        Some((old, new))
    })
}

fn is_permutation(old: &[usize], new: &[usize]) -> bool {
    if old.len() != new.len() {
        return false;
    }
    let [old, new] = [old, new].map(|classes| {
        let mut sorted = classes.to_vec();
        sorted.sort_unstable();
        sorted
    });
    old == new
}
