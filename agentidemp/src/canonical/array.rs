//! [`Array`] and [`Set`], the builders of arrays, and [`OpenArray`]: what an open one knows of itself, apart
//! from the encoder. A set is an array whose elements are collected, to be sorted.

use core::mem;

use super::Canonical;
use super::collection::OpenItems;
use super::encoder::Encoder;
use super::rules::Node;
use super::state::{Ended, State};

/// Writes an array: made by [`Encoder::array`].
#[derive(Debug)]
#[must_use = "an array counts as written only after `finish`"]
pub struct Array<'a, 'e> {
    open: OpenArray<'e>,
    out: &'a mut Encoder<'e>,
}

/// Writes a set, an array whose elements have no order: made by [`Encoder::set`].
///
/// Elements may be given in any order and come out sorted by their canonical bytes. Equal elements
/// are all kept.
#[derive(Debug)]
#[must_use = "a set counts as written only after `finish`"]
pub struct Set<'a, 'e>(Array<'a, 'e>);

impl<'e> Encoder<'e> {
    /// Begins an array: elements in the order in which they are given.
    pub fn array(&mut self) -> Array<'_, 'e> {
        Array {
            open: OpenArray::open(self),
            out: self,
        }
    }

    /// Begins a set: an array of elements in any order, which come out sorted by their canonical
    /// bytes.
    pub fn set(&mut self) -> Set<'_, 'e> {
        Set(Array {
            open: OpenArray::open_set(self),
            out: self,
        })
    }
}

impl Array<'_, '_> {
    /// Writes an element.
    #[inline]
    pub fn element<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.open.element(value, self.out);
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
        self.open.finish(self.out);
    }
}

impl Set<'_, '_> {
    /// Writes an element.
    pub fn element<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.0.element(value);
        self
    }

    /// Writes an element for each of the values.
    pub fn elements<T: Canonical>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        self.0.elements(values);
        self
    }

    /// Ends the set.
    pub fn finish(&mut self) {
        self.0.finish();
    }
}

/// An open array.
#[derive(Debug)]
pub(crate) struct OpenArray<'e> {
    /// The encoder's level within the array.
    level: usize,
    order: Order,
    /// The rules for the array.
    rules: Option<&'e Node>,
    /// How many elements have begun, those that are left out among them.
    begun: usize,
}

#[derive(Debug)]
enum Order {
    /// Elements stay as they come, and are written at once.
    AsGiven { is_empty: bool },
    /// Elements come in any order, and are sorted in the end.
    Sorted(OpenItems),
}

impl<'e> OpenArray<'e> {
    /// Opens an array, or a set where the elements of an array have no order.
    pub(crate) fn open(out: &mut Encoder<'e>) -> Self {
        match out.progress.state {
            State::Unordered => return Self::open_set(out),
            State::Value => {
                out.progress.open_bracket();
                out.writer.write_fixed(b"[");
            }
            _ => out.progress.refuse_value("an array"),
        }
        Self::new(Order::AsGiven { is_empty: true }, out)
    }

    /// Opens an array whose elements have no order.
    fn open_set(out: &mut Encoder<'e>) -> Self {
        if !matches!(out.progress.state, State::Value | State::Unordered) {
            out.progress.refuse_value("a set");
            return Self::new(Order::AsGiven { is_empty: true }, out);
        }
        out.progress.open_bracket();
        let items = out.collection.open(b'[', &mut out.writer);
        Self::new(Order::Sorted(items), out)
    }

    fn new(order: Order, out: &mut Encoder<'e>) -> Self {
        Self {
            level: out.progress.open(),
            order,
            rules: out.rules.of_value(),
            begun: 0,
        }
    }

    /// Writes an element.
    #[inline]
    pub(crate) fn element<T: Canonical + ?Sized>(&mut self, value: &T, out: &mut Encoder<'e>) {
        if self.begin_element(out) {
            value.encode(out);
            self.end_element(out);
        }
    }

    /// Makes ready for an element; false where it is left out.
    #[inline]
    pub(crate) fn begin_element(&mut self, out: &mut Encoder<'e>) -> bool {
        if !out.progress.is_open() {
            return false;
        }
        self.begun += 1;
        match out.begin(out.rules.element(self.rules, self.begun - 1), "") {
            State::Open => return false,
            State::ScopeMember => return true,
            _ => {}
        }
        match &mut self.order {
            Order::AsGiven { is_empty } => {
                if !mem::replace(is_empty, false) {
                    out.writer.write_fixed(b",");
                }
            }
            Order::Sorted(_) => {
                out.collection.open_item("", &mut out.writer);
            }
        }
        true
    }

    /// Ends an element.
    #[inline]
    pub(crate) fn end_element(&mut self, out: &mut Encoder<'e>) {
        match out.progress.end(self.level) {
            Ended::InPayload => {
                if let Order::Sorted(items) = &self.order {
                    out.collection.close_element(items, &mut out.writer);
                }
            }
            Ended::InScope => _ = out.rules.end_scope_member(),
            Ended::Failed => self.fail_element(out),
        }
    }

    /// Says that the failure lies within the element that is being written.
    #[cold]
    pub(super) fn fail_element(&self, out: &mut Encoder<'e>) {
        if let Some(index) = self.begun.checked_sub(1) {
            out.add_segment(itoa::Buffer::new().format(index));
        }
    }

    /// Ends the array.
    pub(crate) fn finish(&mut self, out: &mut Encoder<'e>) {
        if !out.progress.is_open() {
            return;
        }
        out.progress.close_bracket();
        out.progress.finish();
        let is_empty = match &self.order {
            Order::AsGiven { is_empty } => {
                out.writer.write_fixed(b"]");
                *is_empty
            }
            Order::Sorted(items) => {
                let is_empty = out.collection.is_empty(items);
                out.collection.close_set(items, &mut out.writer);
                is_empty
            }
        };
        out.check_left(is_empty, self.rules);
    }
}
