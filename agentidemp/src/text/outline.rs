//! [`Outline`]: in which order the members of a JSON text are written.
//!
//! A text is read twice: once to see that it is JSON and to learn the order of its members, and once
//! to write it. In between there is one number for each member of those objects alone whose members
//! are out of order.

use alloc::vec::Vec;
use core::cmp::Ordering;

use arrayvec::ArrayVec;

use super::reader::{
    Bracket, Content, MAX_DEPTH, Reader, Scalar, Visitor, cmp_names_at, name_at, read,
};
use crate::error::{Error, ErrorKind, Failure};
use crate::printable::Quoted;

/// An offset in the text.
type Offset = u32;

/// The objects of a JSON text whose members are not in canonical order.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// By the offset of their brackets.
    objects: Vec<Object>,
    /// For each of the objects, where its members' names are in canonical order, and then its closing
    /// bracket: distances from its opening bracket.
    order: Distances,
    /// The object that was asked for last.
    last: usize,
}

#[derive(Debug)]
struct Object {
    bracket: Offset,
    /// Where in the order its first member is.
    first: u32,
}

/// A member of an object that is out of order, or the object's closing bracket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    bracket: usize,
    /// Where in the order its distance is.
    at: usize,
}

impl Outline {
    /// Reads the value that a text is. Gives the text, too, and the reader, which is at its start again.
    ///
    /// # Errors
    ///
    /// Where the text is not UTF-8 or no JSON value, nests too deep, or has two members of one name.
    pub(crate) fn read(text: &[u8], depth: usize) -> Result<(Self, Reader<'_>, &str), Failure> {
        if Offset::try_from(text.len()).is_err() {
            let reason = "the text is longer than 4 GiB";
            return Err(Error::new(ErrorKind::InvalidJson, reason).into());
        }
        let mut reader = Reader::new(text);
        let mut orders = Orders::new(text);
        let result = read(&mut reader, depth, &mut orders).and_then(|()| Ok(reader.end()?));
        let text = check_utf8(text, result)?;
        let mut outline = orders.outline;
        outline
            .objects
            .sort_unstable_by_key(|object| object.bracket);
        reader.rewind();
        Ok((outline, reader, text))
    }

    /// The first member of an object, if its members are not in canonical order as they stand.
    pub(crate) fn first_member(&mut self, bracket: usize) -> Option<Place> {
        let is_it = |object: &Object| object.bracket as usize == bracket;
        // Most objects are asked for in the order in which they stand.
        self.last = if self.objects.get(self.last + 1).is_some_and(is_it) {
            self.last + 1
        } else {
            let by_bracket = |object: &Object| (object.bracket as usize).cmp(&bracket);
            self.objects.binary_search_by(by_bracket).ok()?
        };
        let at = self.objects[self.last].first as usize;
        Some(Place { bracket, at })
    }

    /// The offset at a place: of a member's name, or of the object's closing bracket; and the next place.
    pub(crate) fn follow(&self, place: Place) -> (usize, Place) {
        let (distance, at) = self.order.read(place.at);
        let Place { bracket, .. } = place;
        (bracket + distance, Place { bracket, at })
    }
}

/// The text, if it was read well and is UTF-8. If it is not, that is the failure where it comes first.
fn check_utf8(text: &[u8], result: Result<(), Failure>) -> Result<&str, Failure> {
    let read = match &result {
        Ok(()) => text.len(),
        Err(failure) => failure.error().offset().unwrap_or(text.len()),
    };
    match core::str::from_utf8(&text[..read]) {
        Ok(text) => result.map(|()| text),
        Err(error) => Err(not_utf8(text, error.valid_up_to())),
    }
}

/// The failure at a byte of a string. A text that ends there fails within the same values.
#[cold]
fn not_utf8(text: &[u8], offset: usize) -> Failure {
    let mut orders = Orders::new(text);
    let error = Error::new(ErrorKind::InvalidJson, "a string is not UTF-8").at_offset(offset);
    match read(&mut Reader::new(&text[..offset]), 0, &mut orders) {
        Err(failure) => failure.with_error(error),
        Ok(()) => error.into(),
    }
}

/// Numbers in as few bytes as they need, seven bits in each: most objects are short.
///
/// They are kept in blocks, as growing would need room for all of them once more.
#[derive(Debug, Default)]
struct Distances {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Distances {
    const BLOCK: usize = 4096;
    /// How many names there is room for before anything grows: a chat of 300 B took 4.8 times the raw hash
    /// instead of 5.2 (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- '300 B'`).
    const FIRST: usize = 32;

    fn len(&self) -> usize {
        self.full.len() * Self::BLOCK + self.last.len()
    }

    fn push(&mut self, distance: usize) {
        let mut rest = distance;
        while rest > 0x7f {
            self.push_byte(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.push_byte(rest.to_le_bytes()[0]);
    }

    fn push_byte(&mut self, byte: u8) {
        match self.last.len() {
            0 => self.last.reserve(Self::FIRST),
            Self::BLOCK => self.full.push(core::mem::take(&mut self.last)),
            _ => {}
        }
        self.last.push(byte);
    }

    /// The number at a place, and the place behind it.
    fn read(&self, start: usize) -> (usize, usize) {
        let mut distance = 0;
        for (at, shift) in (start..).zip((0..usize::BITS).step_by(7)) {
            let block = self.full.get(at / Self::BLOCK).unwrap_or(&self.last);
            let byte = block.get(at % Self::BLOCK).copied().unwrap_or_default();
            distance |= usize::from(byte & 0x7f) << shift;
            if byte <= 0x7f {
                return (distance, at + 1);
            }
        }
        (distance, start)
    }
}

/// From how many values on a list grows by what can still come, and not by as much again.
const MANY: usize = 1 << 12;

/// Adds a value to a list, to which at most `at_most` are added after it.
fn push<T>(list: &mut Vec<T>, value: T, at_most: impl FnOnce() -> usize) {
    if list.len() == list.capacity() && list.len() >= MANY {
        list.reserve_exact(1 + at_most());
    }
    list.push(value);
}

fn count(byte: u8, text: &[u8]) -> usize {
    let is_it = |other: &u8| usize::from(*other == byte);
    text.iter().map(is_it).sum()
}

/// Puts the members of each object in order, when it ends.
struct Orders<'t> {
    text: &'t [u8],
    outline: Outline,
    open: ArrayVec<Open, MAX_DEPTH>,
    /// The offsets of the names of all open objects' members, the innermost's last.
    names: Vec<Offset>,
}

impl<'t> Orders<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            outline: Outline::default(),
            open: ArrayVec::new(),
            names: Vec::with_capacity(Distances::FIRST),
        }
    }
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
        push(&mut self.names, quote, || {
            let rest = &self.text[name.range.end..];
            // `"":0,` is the shortest member.
            count(b':', rest).min(rest.len() / 5)
        });
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
        self.keep(&open, offset);
        Ok(())
    }
}

impl Orders<'_> {
    /// Keeps the order of the innermost object, whose names are the last ones.
    fn keep(&mut self, object: &Open, closing: usize) {
        let bracket = object.bracket;
        let first = short(self.outline.order.len());
        push(&mut self.outline.objects, Object { bracket, first }, || {
            let rest = &self.text[closing..];
            // `{"b":0,"a":0}` is the shortest object whose members are out of order.
            count(b'{', rest).min(rest.len() / 13)
        });
        for name in self.names.drain(object.first..) {
            self.outline.order.push((name - bracket) as usize);
        }
        self.outline.order.push(closing - bracket as usize);
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
    failure.add_segment(&name);
    failure
}

fn cmp(text: &[u8], left: Offset, right: Offset) -> Ordering {
    cmp_names_at(text, left as usize, right as usize)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Distances, MANY, count, push};

    #[test]
    fn a_long_list_grows_by_what_can_still_come() {
        let mut list = Vec::with_capacity(MANY - 1);
        while list.len() < MANY - 1 {
            push(&mut list, 0, || unreachable!("there is room"));
        }
        push(&mut list, 0, || unreachable!("the list is short"));
        list.shrink_to_fit();
        assert_eq!((list.len(), list.capacity()), (MANY, MANY));
        push(&mut list, 0, || 10);
        assert_eq!(list.capacity(), MANY + 11);
        for _ in 0..10 {
            push(&mut list, 0, || unreachable!("there is room"));
        }
        push(&mut list, 0, || 0);
        assert_eq!(list.capacity(), MANY + 12);
    }

    #[test]
    fn what_can_still_come_is_counted() {
        assert_eq!(count(b':', b""), 0);
        assert_eq!(count(b':', br#"{"a":1,"b::":{}}"#), 4);
    }

    /// They take three blocks and more, and some of them lie in two.
    #[test]
    fn distances_are_read_where_they_have_been_kept() {
        let edges = (0..usize::BITS).flat_map(|bit| [1_usize << bit, (1 << bit) - 1]);
        let numbers: Vec<_> = (0..5000).chain(edges).chain([usize::MAX]).collect();
        let mut distances = Distances::default();
        let mut places = Vec::new();
        for number in &numbers {
            places.push(distances.len());
            distances.push(*number);
        }
        places.push(distances.len());
        assert!(distances.len() > 2 * Distances::BLOCK);
        for (number, pair) in numbers.iter().zip(places.windows(2)) {
            assert_eq!(distances.read(pair[0]), (*number, pair[1]));
        }
    }
}
