//! The differences of two payloads: walks both at once, without recursion.

use alloc::vec;
use alloc::vec::Vec;

use super::align::{Step, align};
use super::classes::Classes;
use super::document::{Document, Kind, NodeId, ROOT};
use super::merge::merge;
use crate::text::cmp_utf16;

/// How many members, elements or bytes are looked at to tell how similar two values are.
const SAMPLE: usize = 32;

/// A difference, by the values in the old and in the new document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
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
pub(super) fn compare(old: &Document, new: &Document) -> Vec<Entry> {
    let comparison = Comparison {
        old,
        new,
        classes: Classes::new(old, new),
    };
    let mut entries = Vec::new();
    // The next one is last.
    let mut open = vec![Entry::Replaced {
        old: ROOT,
        new: ROOT,
    }];
    while let Some(entry) = open.pop() {
        match comparison.refine(entry) {
            Some(refined) => open.extend(refined.into_iter().rev()),
            None => entries.push(entry),
        }
    }
    entries
}

struct Comparison<'a> {
    old: &'a Document,
    new: &'a Document,
    classes: Classes,
}

impl Comparison<'_> {
    /// The differences within an object or array in place of that as a whole; none where it cannot
    /// be told more precisely.
    fn refine(&self, entry: Entry) -> Option<Vec<Entry>> {
        let Entry::Replaced { old, new } = entry else {
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

    fn members(&self, old: NodeId, new: NodeId) -> Vec<Entry> {
        let mut index = 0;
        let mut entries = Vec::new();
        for pair in self.pairs_of_members(old, new) {
            entries.push(match pair {
                (Some(old), Some(new)) => Entry::Replaced { old, new },
                (None, Some(new)) => Entry::Added { new },
                (Some(old), None) => Entry::Removed {
                    old,
                    parent: new,
                    index,
                },
                (None, None) => continue,
            });
            index += usize::from(pair.1.is_some());
        }
        entries
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

    fn elements(&self, old: NodeId, new: NodeId) -> Vec<Entry> {
        let olds: Vec<_> = self.old.children(old).collect();
        let news: Vec<_> = self.new.children(new).collect();
        let old_classes: Vec<_> = olds.iter().map(|node| self.classes.old[*node]).collect();
        let new_classes: Vec<_> = news.iter().map(|node| self.classes.new[*node]).collect();
        if is_permutation(&old_classes, &new_classes) {
            return vec![Entry::Reordered { old, new }];
        }
        let similarity = |old_at: usize, new_at: usize| self.similarity(olds[old_at], news[new_at]);
        let mut index = 0;
        let mut entries = Vec::new();
        for step in align(&old_classes, &new_classes, similarity) {
            entries.push(match step {
                Step::Pair(old_at, new_at) => Entry::Replaced {
                    old: olds[old_at],
                    new: news[new_at],
                },
                Step::Added(new_at) => Entry::Added { new: news[new_at] },
                Step::Removed(old_at) => Entry::Removed {
                    old: olds[old_at],
                    parent: new,
                    index,
                },
            });
            index += usize::from(!matches!(step, Step::Removed(_)));
        }
        entries
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
