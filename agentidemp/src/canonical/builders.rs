//! The builders of [`Encoder`]: [`Object`], [`Array`] and [`Set`].

use super::Canonical;
use super::collection::Frame;
use super::encoder::{Encoder, Slot};
use super::frames::{ArrayFrame, ObjectFrame};
use crate::exclusions::Part;
use crate::text::Name;

/// Writes an object: made by [`Encoder::object`].
///
/// Members may be given in any order and come out sorted by the UTF-16 code units of their names
/// (RFC 8785 section 3.2.3). Two members of one name are an error of the request.
#[derive(Debug)]
#[must_use = "an object counts as written only after `finish`"]
pub struct Object<'a, 'e> {
    frame: ObjectFrame<'e>,
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Object<'a, 'e> {
    #[inline]
    pub(super) fn new(frame: ObjectFrame<'e>, out: &'a mut Encoder<'e>) -> Self {
        Self { frame, out }
    }

    /// Writes a member.
    #[inline]
    pub fn member<T: Canonical + ?Sized>(&mut self, name: &str, value: &T) -> &mut Self {
        self.frame.member(name, value, self.out);
        self
    }

    /// As [`member`](Self::member), with a name that is known at compile time.
    #[inline]
    pub(crate) fn known_member<T: Canonical + ?Sized>(&mut self, name: &Name, value: &T) {
        self.frame.known_member(name, value, self.out);
    }

    /// Writes a member whose name is a value: a string, char, bool, integer, unit variant, or a
    /// newtype of those.
    ///
    /// Any other name is an error of the request.
    pub fn entry<K, V>(&mut self, name: &K, value: &V) -> &mut Self
    where
        K: Canonical + ?Sized,
        V: Canonical + ?Sized,
    {
        if self.frame.open_entry(name, self.out) {
            value.encode(self.out);
            self.frame.close_member("", self.out);
        }
        self
    }

    /// Writes a member for each pair of a name and a value, as [`entry`](Self::entry) does.
    pub fn entries<K, V>(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> &mut Self
    where
        K: Canonical,
        V: Canonical,
    {
        for (name, value) in entries {
            self.entry(&name, &value);
        }
        self
    }

    /// Writes the members of `value`, an object, as members of this one.
    ///
    /// `None` and `()` have no members. Any other value that is not an object is an error of the
    /// request.
    pub fn flatten<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.frame.merge(Slot::Flattened, value, self.out);
        self
    }

    /// As [`flatten`](Self::flatten), for the content of a variant of an internally tagged enum.
    pub(crate) fn merge_tagged<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.frame.merge(Slot::Tagged, value, self.out);
        self
    }

    /// Ends the object.
    pub fn finish(&mut self) {
        self.frame.finish(self.out);
    }
}

/// Writes an array: made by [`Encoder::array`].
#[derive(Debug)]
#[must_use = "an array counts as written only after `finish`"]
pub struct Array<'a, 'e> {
    frame: ArrayFrame<'e>,
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Array<'a, 'e> {
    pub(super) fn new(out: &'a mut Encoder<'e>) -> Self {
        Self {
            frame: ArrayFrame::open(out),
            out,
        }
    }

    /// Writes an element.
    #[inline]
    pub fn element<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.frame.element(value, self.out);
        self
    }

    /// Writes an element for each of the values.
    pub fn elements<T: Canonical>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        for value in values {
            self.element(&value);
        }
        self
    }

    /// Ends the array.
    pub fn finish(&mut self) {
        self.frame.finish(self.out);
    }
}

/// Writes a set, an array whose elements have no order: made by [`Encoder::set`].
///
/// Elements may be given in any order and come out sorted by their canonical bytes. Equal elements
/// are all kept.
#[derive(Debug)]
#[must_use = "a set counts as written only after `finish`"]
pub struct Set<'a, 'e> {
    /// None where no set can stand: that is the failure.
    frame: Option<Frame>,
    /// The encoder's level within the set.
    level: usize,
    index: usize,
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Set<'a, 'e> {
    pub(super) fn new(out: &'a mut Encoder<'e>) -> Self {
        let frame = if out.slot == Slot::Value {
            out.open_bracket();
            Some(out.collection.open(b'[', &mut out.writer))
        } else {
            out.refuse_value("a set");
            None
        };
        Self {
            level: out.open_builder(),
            frame,
            index: 0,
            out,
        }
    }

    /// Writes an element.
    pub fn element<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        if !self.out.has_open_builder() {
            return self;
        }
        self.out.collection.open_item("", &mut self.out.writer);
        // The place of an element is not known before the end, so that no exclusion can name it.
        self.out.enter(Part::Whole);
        value.encode(self.out);
        self.out.close_element(self.index, self.level);
        self.index += 1;
        if self.out.has_failed() {
            return self;
        }
        let Encoder {
            collection, writer, ..
        } = &mut *self.out;
        if let Some(frame) = &self.frame {
            collection.close_element(frame, writer);
        }
        self
    }

    /// Writes an element for each of the values.
    pub fn elements<T: Canonical>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        for value in values {
            self.element(&value);
        }
        self
    }

    /// Ends the set.
    pub fn finish(&mut self) {
        if !self.out.has_open_builder() {
            return;
        }
        let Encoder {
            collection, writer, ..
        } = &mut *self.out;
        if let Some(frame) = &self.frame {
            collection.close_set(frame, writer);
            self.out.close_bracket();
        }
        self.out.close_builder();
    }
}
