//! [`ObjectFrame`] and [`ArrayFrame`]: what an open object or array knows of itself, apart from the
//! encoder, so that several can be open within each other.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::mem;

use super::Canonical;
use super::collection::Frame;
use super::encoder::{Encoder, Entered, Slot};
use crate::printable::Quoted;
use crate::rules::Node;
use crate::text::{Name, string};
use crate::{Error, ErrorKind};

/// An open object.
#[derive(Debug)]
pub(crate) struct ObjectFrame<'e> {
    /// The encoder's level within the object.
    level: usize,
    layout: Layout,
    /// The rules for the object.
    rules: Option<&'e Node>,
    /// The name of the member that is being written, if it is the scope's and not in the payload.
    scope_member: Option<String>,
    /// The place of the member that is being written, if it is collected.
    place: usize,
}

#[derive(Debug)]
enum Layout {
    /// Members come in order, and are written at once.
    Streamed { empty: bool },
    /// Members come in any order, and are sorted in the end.
    Collected(Frame),
    /// Members go up in the object around this one.
    Merged,
}

impl<'e> ObjectFrame<'e> {
    /// Opens an object whose members come in any order.
    #[inline]
    pub(crate) fn collected(out: &mut Encoder<'e>) -> Self {
        Self::open(out, |out| {
            Layout::Collected(out.collection.open(b'{', &mut out.writer))
        })
    }

    /// Opens an object whose members come in canonical order.
    #[inline]
    pub(crate) fn streamed(out: &mut Encoder<'e>) -> Self {
        Self::open(out, |out| {
            out.writer.write_fixed(b"{");
            Layout::Streamed { empty: true }
        })
    }

    #[inline]
    fn open(out: &mut Encoder<'e>, begin: impl FnOnce(&mut Encoder<'e>) -> Layout) -> Self {
        let layout = match out.slot {
            Slot::Value => {
                out.open_bracket();
                begin(out)
            }
            Slot::Flattened | Slot::Tagged => Layout::Merged,
            _ => {
                out.refuse_value("an object");
                Layout::Merged
            }
        };
        Self {
            level: out.open_builder(),
            layout,
            rules: out.rules_of_value,
            scope_member: None,
            place: 0,
        }
    }

    /// Writes the name of a member; false where the member is left out.
    #[inline]
    pub(crate) fn open_member(&mut self, name: &str, out: &mut Encoder<'e>) -> bool {
        if !out.has_open_builder() {
            return false;
        }
        let Layout::Streamed { empty } = &mut self.layout else {
            return self.open_collected(name, out);
        };
        match out.enter_member(self.rules, name) {
            Entered::Payload => {}
            Entered::Scope => {
                self.scope_member = Some(name.to_owned());
                return true;
            }
            Entered::Nothing => return false,
        }
        string::write_name(name.as_bytes(), mem::replace(empty, false), &mut out.writer);
        true
    }

    /// As [`open_member`](Self::open_member), for a member that is collected. It stands apart, so that
    /// it is not compiled for each type of value.
    fn open_collected(&mut self, name: &str, out: &mut Encoder<'e>) -> bool {
        match out.enter_member(self.rules, name) {
            Entered::Payload => {}
            Entered::Scope => {
                self.scope_member = Some(name.to_owned());
                return true;
            }
            Entered::Nothing => return false,
        }
        self.place = out.collection.open_item(name, &mut out.writer);
        true
    }

    /// As [`open_member`](Self::open_member), for a name that is known at compile time.
    #[inline]
    fn open_known_member(&mut self, name: &Name, out: &mut Encoder<'e>) -> bool {
        match (&mut self.layout, out.rules, &name.written) {
            (Layout::Streamed { empty }, None, Some(written)) if out.has_open_builder() => {
                string::write_known_name(written, mem::replace(empty, false), &mut out.writer);
                out.slot = Slot::Value;
                true
            }
            _ => self.open_other_member(name, out),
        }
    }

    /// The rest of [`open_known_member`](Self::open_known_member), apart from what is done most.
    #[inline(never)]
    fn open_other_member(&mut self, name: &Name, out: &mut Encoder<'e>) -> bool {
        self.open_member(name.text, out)
    }

    /// Writes a name that is given as a value; false where the member is left out.
    pub(crate) fn open_entry<K: Canonical + ?Sized>(
        &mut self,
        name: &K,
        out: &mut Encoder<'e>,
    ) -> bool {
        if !out.has_open_builder() {
            return false;
        }
        let start = out.collection.names().len();
        out.slot = Slot::Name;
        name.encode(out);
        out.check_filled(self.level);
        if out.has_failed() {
            return false;
        }
        let part = out.part_of_member(self.rules, out.collection.name_from(start));
        match out.enter(part) {
            Entered::Payload => self.place = out.collection.open_entry(start, &mut out.writer),
            Entered::Scope => self.scope_member = Some(out.collection.names().split_off(start)),
            Entered::Nothing => {
                out.collection.names().truncate(start);
                return false;
            }
        }
        true
    }

    /// Ends a member. The name counts in a streamed object, which does not keep it.
    #[inline]
    pub(crate) fn close_member(&mut self, name: &str, out: &mut Encoder<'e>) {
        out.check_filled(self.level);
        if out.has_failed() {
            return self.leave_member(name, out);
        }
        if self.scope_member.take().is_some() {
            out.slot = Slot::Open;
            return;
        }
        if !matches!(self.layout, Layout::Streamed { .. }) {
            out.collection.close_item(self.place, &out.writer);
        }
        out.slot = Slot::Open;
    }

    #[cold]
    fn leave_member(&self, name: &str, out: &mut Encoder<'e>) {
        if let Some(name) = &self.scope_member {
            out.leave(name);
        } else if let Layout::Streamed { .. } = self.layout {
            out.leave(name);
        } else {
            let name = out.collection.name_at(self.place, &mut out.writer);
            out.leave(&name);
        }
    }

    #[inline]
    pub(crate) fn member<T: Canonical + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        out: &mut Encoder<'e>,
    ) {
        if self.open_member(name, out) {
            value.encode(out);
            self.close_member(name, out);
        }
    }

    #[inline]
    pub(crate) fn known_member<T: Canonical + ?Sized>(
        &mut self,
        name: &Name,
        value: &T,
        out: &mut Encoder<'e>,
    ) {
        if self.open_known_member(name, out) {
            value.encode(out);
            self.close_member(name.text, out);
        }
    }

    /// Takes the members of `value`, an object, as `slot` says.
    pub(super) fn merge<T: Canonical + ?Sized>(
        &mut self,
        slot: Slot,
        value: &T,
        out: &mut Encoder<'e>,
    ) {
        if !out.has_open_builder() {
            return;
        }
        out.slot = slot;
        out.rules_of_value = self.rules;
        value.encode(out);
        out.check_filled(self.level);
        out.slot = Slot::Open;
    }

    pub(crate) fn finish(&mut self, out: &mut Encoder<'e>) {
        if !out.has_open_builder() {
            return;
        }
        out.close_builder();
        match &self.layout {
            Layout::Streamed { empty } => {
                out.close_bracket();
                out.writer.write_fixed(b"}");
                out.check_left(*empty, self.rules);
            }
            Layout::Collected(frame) => {
                out.close_bracket();
                out.check_left(out.collection.is_empty(frame), self.rules);
                if let Err(twin) = out.collection.close_object(frame, &mut out.writer) {
                    let reason = format!("two members are named {}", Quoted(&twin));
                    out.fail_within(&twin, Error::new(ErrorKind::DuplicateMember, reason));
                }
            }
            Layout::Merged => {}
        }
    }
}

/// An open array.
#[derive(Debug)]
pub(crate) struct ArrayFrame<'e> {
    /// The encoder's level within the array.
    level: usize,
    order: Order,
    /// The rules for the array.
    rules: Option<&'e Node>,
    /// Whether the element that is being written is the scope's, and not in the payload.
    is_scope: bool,
    index: usize,
}

#[derive(Debug)]
enum Order {
    /// Elements stay as they come, and are written at once.
    AsGiven { empty: bool },
    /// Elements come in any order, and are sorted in the end.
    Sorted(Frame),
}

impl<'e> ArrayFrame<'e> {
    /// Opens an array, or a set where the elements of an array have no order.
    pub(crate) fn open(out: &mut Encoder<'e>) -> Self {
        match out.slot {
            Slot::Unordered => return Self::open_set(out),
            Slot::Value => {
                out.open_bracket();
                out.writer.write_fixed(b"[");
            }
            _ => out.refuse_value("an array"),
        }
        Self::new(Order::AsGiven { empty: true }, out)
    }

    /// Opens an array whose elements have no order.
    pub(super) fn open_set(out: &mut Encoder<'e>) -> Self {
        if !matches!(out.slot, Slot::Value | Slot::Unordered) {
            out.refuse_value("a set");
            return Self::new(Order::AsGiven { empty: true }, out);
        }
        out.open_bracket();
        let frame = out.collection.open(b'[', &mut out.writer);
        Self::new(Order::Sorted(frame), out)
    }

    fn new(order: Order, out: &mut Encoder<'e>) -> Self {
        Self {
            level: out.open_builder(),
            order,
            rules: out.rules_of_value,
            is_scope: false,
            index: 0,
        }
    }

    #[inline]
    pub(crate) fn element<T: Canonical + ?Sized>(&mut self, value: &T, out: &mut Encoder<'e>) {
        if self.open_element(out) {
            value.encode(out);
            self.close_element(out);
        }
    }

    /// Makes ready for an element; false where it is left out.
    #[inline]
    pub(super) fn open_element(&mut self, out: &mut Encoder<'e>) -> bool {
        if !out.has_open_builder() {
            return false;
        }
        self.index += 1;
        match out.enter_element(self.rules, self.index - 1) {
            Entered::Payload => {}
            Entered::Scope => {
                self.is_scope = true;
                return true;
            }
            Entered::Nothing => {
                out.slot = Slot::Open;
                return false;
            }
        }
        match &mut self.order {
            Order::AsGiven { empty } => {
                if !mem::replace(empty, false) {
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
    pub(super) fn close_element(&mut self, out: &mut Encoder<'e>) {
        out.close_element(self.index - 1, self.level);
        if mem::take(&mut self.is_scope) {
            return;
        }
        if let (Order::Sorted(frame), false) = (&self.order, out.has_failed()) {
            out.collection.close_element(frame, &mut out.writer);
        }
    }

    /// Says that the failure lies within the element that is being written.
    #[cold]
    pub(super) fn leave(&self, out: &mut Encoder<'e>) {
        if let Some(index) = self.index.checked_sub(1) {
            out.leave(itoa::Buffer::new().format(index));
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Encoder<'e>) {
        if !out.has_open_builder() {
            return;
        }
        out.close_bracket();
        out.close_builder();
        let is_empty = match &self.order {
            Order::AsGiven { empty } => {
                out.writer.write_fixed(b"]");
                *empty
            }
            Order::Sorted(frame) => {
                let is_empty = out.collection.is_empty(frame);
                out.collection.close_set(frame, &mut out.writer);
                is_empty
            }
        };
        out.check_left(is_empty, self.rules);
    }
}
