//! [`ObjectFrame`] and [`ArrayFrame`]: what an open object or array knows of itself, apart from the
//! encoder, so that several can be open within each other.

use alloc::format;
use core::mem;

use super::Canonical;
use super::collection::Frame;
use super::encoder::{Encoder, Slot};
use crate::exclusions::{Exclusions, Part};
use crate::text::{Name, string};
use crate::{Error, ErrorKind};

/// An open object.
#[derive(Debug)]
pub(crate) struct ObjectFrame<'e> {
    /// The encoder's level within the object.
    level: usize,
    layout: Layout,
    /// What is left out of the object.
    exclusions: Option<&'e Exclusions>,
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
            exclusions: out.exclusions,
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
        if !out.enter(Part::member(self.exclusions, name)) {
            return false;
        }
        string::write_name(name.as_bytes(), mem::replace(empty, false), &mut out.writer);
        true
    }

    /// As [`open_member`](Self::open_member), for a member that is collected. It stands apart, so that
    /// it is not compiled for each type of value.
    fn open_collected(&mut self, name: &str, out: &mut Encoder<'e>) -> bool {
        if !out.enter(Part::member(self.exclusions, name)) {
            return false;
        }
        self.place = out.collection.open_item(name, &mut out.writer);
        true
    }

    /// As [`open_member`](Self::open_member), for a name that is known at compile time.
    #[inline]
    fn open_known_member(&mut self, name: &Name, out: &mut Encoder<'e>) -> bool {
        match (&mut self.layout, self.exclusions, &name.written) {
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
        let part = Part::member(self.exclusions, &out.collection.names()[start..]);
        if !out.enter(part) {
            out.collection.names().truncate(start);
            out.slot = Slot::Open;
            return false;
        }
        self.place = out.collection.open_entry(start, &mut out.writer);
        true
    }

    /// Ends a member. The name counts in a streamed object, which does not keep it.
    #[inline]
    pub(crate) fn close_member(&mut self, name: &str, out: &mut Encoder<'e>) {
        out.check_filled(self.level);
        if out.has_failed() {
            return self.leave_member(name, out);
        }
        if !matches!(self.layout, Layout::Streamed { .. }) {
            out.collection.close_item(self.place, &out.writer);
        }
        out.slot = Slot::Open;
    }

    #[cold]
    fn leave_member(&self, name: &str, out: &mut Encoder<'e>) {
        if let Layout::Streamed { .. } = self.layout {
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
        out.exclusions = self.exclusions;
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
                out.check_left(*empty, self.exclusions);
            }
            Layout::Collected(frame) => {
                out.close_bracket();
                out.check_left(out.collection.is_empty(frame), self.exclusions);
                if let Err(twin) = out.collection.close_object(frame, &mut out.writer) {
                    let reason = format!("two members are named {twin:?}");
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
    /// What is left out of the array.
    exclusions: Option<&'e Exclusions>,
    index: usize,
    empty: bool,
}

impl<'e> ArrayFrame<'e> {
    pub(crate) fn open(out: &mut Encoder<'e>) -> Self {
        if out.slot == Slot::Value {
            out.open_bracket();
            out.writer.write_fixed(b"[");
        } else {
            out.refuse_value("an array");
        }
        Self {
            level: out.open_builder(),
            exclusions: out.exclusions,
            index: 0,
            empty: true,
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
        if !out.enter(Part::element(self.exclusions, self.index - 1)) {
            out.slot = Slot::Open;
            return false;
        }
        if !mem::replace(&mut self.empty, false) {
            out.writer.write_fixed(b",");
        }
        true
    }

    /// Ends an element.
    #[inline]
    pub(super) fn close_element(&mut self, out: &mut Encoder<'e>) {
        out.close_element(self.index - 1, self.level);
    }

    /// Says that the failure lies within the element that is being written.
    #[cold]
    pub(super) fn leave(&self, out: &mut Encoder<'e>) {
        out.leave(itoa::Buffer::new().format(self.index.saturating_sub(1)));
    }

    pub(crate) fn finish(&mut self, out: &mut Encoder<'e>) {
        if out.has_open_builder() {
            out.writer.write_fixed(b"]");
            out.close_bracket();
            out.close_builder();
            out.check_left(self.empty, self.exclusions);
        }
    }
}
