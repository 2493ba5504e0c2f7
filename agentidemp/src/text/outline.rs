//! [`Outline`]: in which order the members of a JSON text are written.
//!
//! A text is read twice: once to see that it is JSON and to learn the order of its members, and once
//! to write it. In between there is one number for each member of those objects alone whose members
//! are out of order.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

use super::reader::{Bracket, Content, Reader, Scalar, Visitor, cmp_names_at, name_at, read};
use crate::error::{Error, ErrorKind, Failure};
use crate::printable::Quoted;

/// An offset in the text. What it costs to keep the order of a member.
type Offset = u32;

/// The objects of a JSON text whose members are not in canonical order.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// By the offset of their brackets.
    objects: Vec<Object>,
    /// For each of the objects, the offsets of its members' names in canonical order, and then that of
    /// its closing bracket.
    order: Vec<Offset>,
    /// The object that was asked for last.
    last: usize,
}

#[derive(Debug)]
struct Object {
    bracket: Offset,
    /// Where in the order its first member is.
    first: Offset,
}

impl Outline {
    /// Reads the value that a text is.
    ///
    /// # Errors
    ///
    /// Where the text is no JSON value, nests too deep, or has two members of one name.
    pub(crate) fn read(text: &[u8], depth: usize) -> Result<Self, Failure> {
        if Offset::try_from(text.len()).is_err() {
            let reason = "the text is longer than 4 GiB";
            return Err(Error::new(ErrorKind::InvalidJson, reason).into());
        }
        let mut reader = Reader::new(text);
        let mut orders = Orders {
            text,
            outline: Self::default(),
            open: Vec::new(),
            names: Vec::new(),
        };
        read(&mut reader, depth, &mut orders)?;
        reader.end()?;
        let mut outline = orders.outline;
        outline
            .objects
            .sort_unstable_by_key(|object| object.bracket);
        Ok(outline)
    }

    /// Where the order of an object's members begins, if they are not in canonical order as they stand.
    pub(crate) fn order_of(&mut self, bracket: usize) -> Option<usize> {
        let bracket = Offset::try_from(bracket).ok()?;
        // Most objects are asked for in the order in which they stand.
        let next = self.objects.get(self.last + 1);
        self.last = if next.is_some_and(|next| next.bracket == bracket) {
            self.last + 1
        } else {
            let place = |object: &Object| object.bracket.cmp(&bracket);
            self.objects.binary_search_by(place).ok()?
        };
        Some(self.objects[self.last].first as usize)
    }

    /// The offset at a place of the order: of a member's name, or of the object's closing bracket.
    pub(crate) fn offset_at(&self, place: usize) -> Option<usize> {
        self.order.get(place).map(|offset| *offset as usize)
    }
}

/// Puts the members of each object in order, when it ends.
struct Orders<'t> {
    text: &'t [u8],
    outline: Outline,
    open: Vec<Open>,
    /// The offsets of the names of all open objects' members, the innermost's last.
    names: Vec<Offset>,
}

/// An object or array that is open.
struct Open {
    bracket: Offset,
    /// Where in the names its first member is.
    first: usize,
    is_in_order: bool,
}

impl Visitor for Orders<'_> {
    fn begin(&mut self, _bracket: Bracket, offset: usize) {
        self.open.push(Open {
            bracket: short(offset),
            first: self.names.len(),
            is_in_order: true,
        });
    }

    fn name(&mut self, name: &Content) {
        let quote = short(name.quoted().start);
        if let Some(open) = self.open.last_mut()
            && open.is_in_order
            && let Some(before) = self.names[open.first..].last()
        {
            open.is_in_order = cmp(self.text, *before, quote).is_lt();
        }
        self.names.push(quote);
    }

    fn scalar(&mut self, _scalar: Scalar) {}

    fn end(&mut self, offset: usize) -> Result<(), Failure> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if open.is_in_order {
            self.names.truncate(open.first);
            return Ok(());
        }
        let text = self.text;
        let names = &mut self.names[open.first..];
        names.sort_unstable_by(|left, right| cmp(text, *left, *right));
        let same = |pair: &&[Offset]| cmp(text, pair[0], pair[1]).is_eq();
        if let Some(pair) = names.windows(2).find(same) {
            return Err(duplicate(text, pair[0].max(pair[1])));
        }
        self.outline.keep(&open, &mut self.names, short(offset));
        Ok(())
    }
}

impl Outline {
    /// Keeps the order of an object: the end of the names.
    fn keep(&mut self, object: &Open, names: &mut Vec<Offset>, closing: Offset) {
        self.objects.push(Object {
            bracket: object.bracket,
            first: short(self.order.len()),
        });
        if object.first == 0 && self.order.is_empty() {
            // One large object, most likely: its members are not kept twice.
            mem::swap(&mut self.order, names);
        } else {
            self.order.extend(names.drain(object.first..));
        }
        self.order.push(closing);
    }
}

/// An offset, or a number of offsets: [`Outline::read`] refuses texts in which there are larger ones.
fn short(offset: usize) -> Offset {
    Offset::try_from(offset).unwrap_or(Offset::MAX)
}

#[cold]
fn duplicate(text: &[u8], quote: Offset) -> Failure {
    let name = name_at(text, quote as usize);
    let reason = alloc::format!("two members are named {}", Quoted(&name));
    let error = Error::new(ErrorKind::DuplicateMember, reason).at_offset(quote as usize);
    let mut failure = Failure::from(error);
    failure.leave(&name);
    failure
}

fn cmp(text: &[u8], left: Offset, right: Offset) -> Ordering {
    cmp_names_at(text, left as usize, right as usize)
}
