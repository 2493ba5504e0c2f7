//! [`Classes`]: which values of two documents are equal.

use alloc::vec;
use alloc::vec::Vec;
use std::collections::HashMap;

use super::document::{Document, Kind, NodeId};

/// A number for each value of two documents: two values are equal exactly where their numbers are.
///
/// So a comparison takes one step, however large and deeply nested the values are.
pub(super) struct Classes {
    pub(super) old: Vec<usize>,
    pub(super) new: Vec<usize>,
}

/// A value, with the numbers of what is within in place of it.
#[derive(PartialEq, Eq, Hash)]
enum Shape<'a> {
    /// Also the name of a member.
    Text(&'a str),
    Array(Vec<usize>),
    /// Each name, followed by its value.
    Object(Vec<usize>),
}

#[derive(Default)]
struct Interner<'a> {
    numbers: HashMap<Shape<'a>, usize>,
}

impl Classes {
    pub(super) fn new(old: &Document, new: &Document) -> Self {
        let mut interner = Interner::default();
        Self {
            old: interner.document(old),
            new: interner.document(new),
        }
    }

    pub(super) fn are_equal(&self, old: NodeId, new: NodeId) -> bool {
        self.old[old] == self.new[new]
    }
}

impl<'a> Interner<'a> {
    fn document(&mut self, document: &'a Document) -> Vec<usize> {
        let mut classes = vec![0; document.len()];
        // What is within a value comes after it.
        for node in (0..document.len()).rev() {
            let shape = match document.kind(node) {
                Kind::Array => Shape::Array(
                    document
                        .children(node)
                        .map(|child| classes[child])
                        .collect(),
                ),
                Kind::Object => {
                    let mut members = Vec::new();
                    for child in document.children(node) {
                        let name = document.quoted_name(child).unwrap_or_default();
                        members.push(self.number(Shape::Text(name)));
                        members.push(classes[child]);
                    }
                    Shape::Object(members)
                }
                Kind::String | Kind::Literal => Shape::Text(document.value(node)),
            };
            classes[node] = self.number(shape);
        }
        classes
    }

    fn number(&mut self, shape: Shape<'a>) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(shape).or_insert(next)
    }
}
