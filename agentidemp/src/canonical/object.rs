//! [`Object`], the builder of objects, and [`OpenObject`]: what an open one knows of itself, apart from the
//! encoder, so that several can be open within each other.

use alloc::format;
use core::mem;

use super::Canonical;
use super::collection::OpenItems;
use super::encoder::Encoder;
use super::rules::Node;
use super::state::{Ended, State};
use crate::printable::Quoted;
use crate::text::{Name, string};
use crate::{Error, ErrorKind};

/// Writes an object: made by [`Encoder::object`].
///
/// Members may be given in any order and come out sorted by the UTF-16 code units of their names
/// (RFC 8785 section 3.2.3). Two members of one name are an error of the request.
#[derive(Debug)]
#[must_use = "an object counts as written only after `finish`"]
pub struct Object<'a, 'e> {
    open: OpenObject<'e>,
    out: &'a mut Encoder<'e>,
}

impl<'e> Encoder<'e> {
    /// Begins an object: members in any order, which come out sorted by name.
    pub fn object(&mut self) -> Object<'_, 'e> {
        Object {
            open: OpenObject::collected(self),
            out: self,
        }
    }

    /// Begins an object whose members are given in canonical order, which is not checked.
    #[inline]
    pub(crate) fn sorted_object(&mut self) -> Object<'_, 'e> {
        Object {
            open: OpenObject::streamed(self),
            out: self,
        }
    }

    /// Writes the name of a variant without content.
    pub(crate) fn unit_variant(&mut self, name: &str) {
        match self.progress.state {
            State::Flattened | State::Tagged => self.object().member(name, &()).finish(),
            _ => self.string(name),
        }
    }
}

impl Object<'_, '_> {
    /// Writes a member.
    #[inline]
    pub fn member<T: Canonical + ?Sized>(&mut self, name: &str, value: &T) -> &mut Self {
        self.open.member(name, value, self.out);
        self
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
        if self.open.begin_entry(name, self.out) {
            value.encode(self.out);
            self.open.end_member("", self.out);
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
        self.open.merge(State::Flattened, value, self.out);
        self
    }

    /// As [`flatten`](Self::flatten), for the content of a variant of an internally tagged enum.
    pub(crate) fn merge_tagged<T: Canonical + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.open.merge(State::Tagged, value, self.out);
        self
    }

    /// Ends the object.
    pub fn finish(&mut self) {
        self.open.finish(self.out);
    }
}

/// Writes a member whose name is known at compile time. It is for the code that the derive generates.
///
/// All that writes a member comes together in here. A copy for each type of value is enough: one for
/// each field made a crate of 200 requests take ten times as long to build as serde's.
#[inline(never)]
pub fn member<T: Canonical + ?Sized>(object: &mut Object<'_, '_>, name: &Name, value: &T) {
    let Object { open, out } = object;
    if open.begin_known_member(name, out) {
        value.encode(out);
        open.end_member(name.text, out);
    }
}

/// An open object.
#[derive(Debug)]
pub(crate) struct OpenObject<'e> {
    /// The encoder's level within the object.
    level: usize,
    layout: Layout,
    /// The rules for the object.
    rules: Option<&'e Node>,
    /// The place of the member that is being written, if it is collected.
    place: usize,
}

#[derive(Debug)]
enum Layout {
    /// Members come in order, and are written at once.
    Streamed { is_empty: bool },
    /// Members come in any order, and are sorted in the end.
    Collected(OpenItems),
    /// Members go up in the object around this one.
    Merged,
}

impl<'e> OpenObject<'e> {
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
            Layout::Streamed { is_empty: true }
        })
    }

    #[inline]
    fn open(out: &mut Encoder<'e>, begin: impl FnOnce(&mut Encoder<'e>) -> Layout) -> Self {
        let layout = match out.progress.state {
            State::Value => {
                out.progress.open_bracket();
                begin(out)
            }
            State::Flattened | State::Tagged => Layout::Merged,
            _ => {
                out.progress.refuse_value("an object");
                Layout::Merged
            }
        };
        Self {
            level: out.progress.open(),
            layout,
            rules: out.rules.of_value(),
            place: 0,
        }
    }

    /// Writes a member.
    #[inline]
    pub(crate) fn member<T: Canonical + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        out: &mut Encoder<'e>,
    ) {
        if self.begin_member(name, out) {
            value.encode(out);
            self.end_member(name, out);
        }
    }

    /// Writes the name of a member; false where the member is left out.
    pub(crate) fn begin_member(&mut self, name: &str, out: &mut Encoder<'e>) -> bool {
        if !out.progress.is_open() {
            return false;
        }
        match out.begin(out.rules.member(self.rules, name), name) {
            State::Open => return false,
            State::ScopeMember => return true,
            _ => {}
        }
        if let Layout::Streamed { is_empty } = &mut self.layout {
            string::write_name(
                name.as_bytes(),
                mem::replace(is_empty, false),
                &mut out.writer,
            );
        } else {
            self.place = out.collection.open_item(name, &mut out.writer);
        }
        true
    }

    /// As [`begin_member`](Self::begin_member), for a name that is known at compile time.
    #[inline]
    fn begin_known_member(&mut self, name: &Name, out: &mut Encoder<'e>) -> bool {
        match (&mut self.layout, &name.written) {
            (Layout::Streamed { is_empty }, Some(written))
                if out.rules.are_none() && out.progress.is_open() =>
            {
                string::write_known_name(written, mem::replace(is_empty, false), &mut out.writer);
                out.progress.state = State::Value;
                true
            }
            _ => self.begin_member(name.text, out),
        }
    }

    /// Writes a name that is given as a value; false where the member is left out.
    pub(crate) fn begin_entry<K: Canonical + ?Sized>(
        &mut self,
        name: &K,
        out: &mut Encoder<'e>,
    ) -> bool {
        if !out.progress.is_open() {
            return false;
        }
        let start = out.collection.names().len();
        out.progress.state = State::Name;
        name.encode(out);
        out.progress.check_filled(self.level);
        if out.has_failed() {
            return false;
        }
        let text = out.collection.name_from(start);
        let treatment = out.rules.member(self.rules, text);
        out.progress.state = out.rules.begin(treatment, text);
        match out.progress.state {
            State::Open | State::ScopeMember => out.collection.names().truncate(start),
            _ => self.place = out.collection.open_entry(start, &mut out.writer),
        }
        out.progress.state != State::Open
    }

    /// Ends a member. The name counts in a streamed object, which does not keep it.
    #[inline]
    pub(crate) fn end_member(&mut self, name: &str, out: &mut Encoder<'e>) {
        match out.progress.end(self.level) {
            Ended::InPayload => {
                if !matches!(self.layout, Layout::Streamed { .. }) {
                    out.collection.close_item(self.place, &out.writer);
                }
            }
            Ended::InScope => _ = out.rules.end_scope_member(),
            Ended::Failed => self.fail_member(name, out),
        }
    }

    /// Says that the failure lies within the member that is being written.
    #[cold]
    fn fail_member(&self, name: &str, out: &mut Encoder<'e>) {
        if let Some(name) = out.rules.end_scope_member() {
            out.progress.add_segment(&name);
        } else if let Layout::Streamed { .. } = self.layout {
            out.progress.add_segment(name);
        } else {
            let name = out.collection.name_at(self.place, &mut out.writer);
            out.progress.add_segment(&name);
        }
    }

    /// Takes the members of `value`, an object, as `state` says.
    fn merge<T: Canonical + ?Sized>(&mut self, state: State, value: &T, out: &mut Encoder<'e>) {
        if !out.progress.is_open() {
            return;
        }
        out.progress.state = state;
        out.rules.merge_into(self.rules);
        value.encode(out);
        out.progress.end(self.level);
    }

    /// Ends the object.
    pub(crate) fn finish(&mut self, out: &mut Encoder<'e>) {
        if !out.progress.is_open() {
            return;
        }
        out.progress.finish();
        match &self.layout {
            Layout::Streamed { is_empty } => {
                out.progress.close_bracket();
                out.writer.write_fixed(b"}");
                out.check_left(*is_empty, self.rules);
            }
            Layout::Collected(items) => {
                out.progress.close_bracket();
                out.check_left(out.collection.is_empty(items), self.rules);
                if let Err(name) = out.collection.close_object(items, &mut out.writer) {
                    let reason = format!("two members are named {}", Quoted(&name));
                    out.fail_within(&name, Error::new(ErrorKind::DuplicateMember, reason));
                }
            }
            Layout::Merged => {}
        }
    }
}
