//! [`Encoder`]: takes values one by one and writes their canonical form.
//!
//! Errors stick: after the first one nothing counts any more, and each level that is left adds its
//! segment of the JSON Pointer. Objects, arrays and sets are in `builders.rs`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{Display, Write};
use core::mem;

use sha2::{Digest, Sha256};

use super::Canonical;
use super::builders::{Array, Object, Set};
use super::collection::Collection;
use super::frames::ObjectFrame;
use super::json_text;
use crate::error::Failure;
use crate::rules::{Node, Part, Rules};
use crate::text::reader::MAX_DEPTH;
use crate::text::{Drain, Writer, string};
use crate::{Error, ErrorKind, Key};

/// Writes values in canonical form: what [`Canonical::encode`] gets.
///
/// It reads like the builders of [`core::fmt::Formatter`]: [`object`](Self::object),
/// [`array`](Self::array) and [`set`](Self::set) each give a builder, which ends with `finish`. For
/// strings, numbers, booleans and `null`, encode the value itself: `self.cents.encode(out)`.
///
/// Each call of `Canonical::encode` writes exactly one value. Anything else is an error of the
/// request, never a key.
///
/// ```
/// use agentidemp::canonical::Encoder;
/// use agentidemp::{Canonical, IdempotencyKey};
///
/// struct Money {
///     cents: u64,
///     currency: &'static str,
/// }
///
/// impl Canonical for Money {
///     fn encode(&self, out: &mut Encoder<'_>) {
///         out.object()
///             .member("currency", self.currency)
///             .member("amount", &self.cents)
///             .finish();
///     }
/// }
///
/// impl IdempotencyKey for Money {}
///
/// let money = Money { cents: 500, currency: "eur" };
/// assert_eq!(money.canonical_bytes(), br#"{"amount":500,"currency":"eur"}"#);
/// ```
#[derive(Debug)]
pub struct Encoder<'e> {
    pub(super) writer: Writer,
    pub(super) slot: Slot,
    pub(super) collection: Collection,
    /// The rules for the payload, if there are any.
    pub(super) rules: Option<&'e Rules>,
    /// The rules for the value that comes next.
    pub(super) rules_of_value: Option<&'e Node>,
    /// Which of the places on the allow-list are there.
    present: Vec<bool>,
    /// The scope members that have been found.
    scope_members: Vec<Option<String>>,
    /// The scope member that is being written.
    scope_member: usize,
    /// How many builders are open.
    level: usize,
    /// How many brackets are open.
    depth: usize,
    /// How many pointers, and newtypes and options of serde, the value that comes next is within.
    pointers: usize,
    /// Whether an exclusion has matched.
    left_out: bool,
    /// Whether serde keeps what is being written in a buffer, which has no room for 128 bits.
    is_buffered: bool,
    failure: Option<Box<Failure>>,
}

/// What the encoder is ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// A value.
    Value,
    /// An array whose elements have no order, or `null`.
    Unordered,
    /// A string that holds JSON text, or `null`.
    JsonText,
    /// The value of a scope field, which is not in the payload.
    ScopeMember,
    /// The name of a member, which is given as a value.
    Name,
    /// The members of an object that goes up in the one around it: a flattened field.
    Flattened,
    /// As `Flattened`, for a variant of an internally tagged enum: serde takes no `Option` here.
    Tagged,
    /// Nothing: a builder is open.
    Open,
    /// Nothing: a text is half written.
    Suspended,
    /// Nothing: the value is written.
    Filled,
}

/// Where a member or an element goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entered {
    Payload,
    Scope,
    /// It is left out.
    Nothing,
}

/// How many pointers nest within each other. With the brackets between them, their calls fit on a stack
/// of 512 KiB, in debug builds too.
pub(crate) const MAX_POINTERS: usize = 512;

/// Why a caught panic is an error.
const HALF_WRITTEN: &str = "the text of a `Display` was not written to its end";

impl<'e> Encoder<'e> {
    /// An encoder whose text goes into a hash, for [`finish_key`](Self::finish_key).
    pub(crate) fn for_key(rules: Option<&'e Rules>) -> Self {
        Self::new(Drain::Digest(Sha256::new()), rules)
    }

    /// An encoder whose text is kept, for [`finish_bytes`](Self::finish_bytes).
    pub(crate) fn for_bytes(rules: Option<&'e Rules>) -> Self {
        Self::new(Drain::Bytes(Vec::new()), rules)
    }

    #[inline]
    fn new(drain: Drain, rules: Option<&'e Rules>) -> Self {
        let rules = rules.filter(|rules| !rules.is_empty());
        // Before the writer, which is large and would be moved past what can panic.
        let present = vec![false; rules.map_or(0, Rules::listed)];
        let scope_members = vec![None; rules.map_or(0, Rules::scope_members)];
        Self {
            writer: Writer::new(drain),
            slot: Slot::Value,
            collection: Collection::default(),
            rules,
            rules_of_value: rules.map(Rules::root),
            present,
            scope_members,
            scope_member: 0,
            level: 0,
            depth: 0,
            pointers: 0,
            left_out: false,
            is_buffered: false,
            failure: None,
        }
    }

    /// The key of what was written.
    pub(crate) fn finish_key(&mut self) -> Result<Key, Error> {
        self.check()?;
        let digest = match self.writer.finish() {
            Drain::Digest(digest) => digest.finalize(),
            Drain::Bytes(bytes) => Sha256::digest(bytes),
        };
        Ok(Key::from_digest(digest.into()))
    }

    /// What was written.
    pub(crate) fn finish_bytes(&mut self) -> Result<Vec<u8>, Error> {
        self.check()?;
        match self.writer.finish() {
            Drain::Bytes(bytes) => Ok(bytes),
            Drain::Digest(_) => Err(Error::new(
                ErrorKind::Misuse,
                "the text was hashed and not kept",
            )),
        }
    }

    /// The failure, if there is one: also that of a value that was not written.
    fn check(&mut self) -> Result<(), Error> {
        self.check_filled(0);
        match self.failure.take() {
            Some(failure) => Err(failure.into_error()),
            None => Ok(()),
        }
    }

    /// Begins an object: members in any order, which come out sorted by name.
    pub fn object(&mut self) -> Object<'_, 'e> {
        Object::new(ObjectFrame::collected(self), self)
    }

    /// Begins an object whose members are given in canonical order, which is not checked.
    #[inline]
    pub(crate) fn sorted_object(&mut self) -> Object<'_, 'e> {
        Object::new(ObjectFrame::streamed(self), self)
    }

    /// Begins an array: elements in the order in which they are given.
    pub fn array(&mut self) -> Array<'_, 'e> {
        Array::new(self)
    }

    /// Begins a set: an array of elements in any order, which come out sorted by their canonical
    /// bytes.
    pub fn set(&mut self) -> Set<'_, 'e> {
        Set::new(self)
    }

    /// Writes the [`Display`] text of a value as a string.
    pub fn display<T: Display + ?Sized>(&mut self, value: &T) {
        let slot = self.slot;
        if matches!(slot, Slot::JsonText | Slot::ScopeMember) {
            return self.text_of(value);
        }
        if !matches!(slot, Slot::Value | Slot::Name) {
            return self.refuse_value("a string");
        }
        self.suspend();
        let written = if slot == Slot::Value {
            self.writer.write_fixed(b"\"");
            let written = write!(string::EscapeText(&mut self.writer), "{value}");
            self.writer.write_fixed(b"\"");
            written
        } else {
            write!(self.collection.names(), "{value}")
        };
        self.slot = Slot::Filled;
        if written.is_err() {
            self.fail(Error::display());
        }
    }

    /// Writes a value, of which an array has no order.
    pub(crate) fn unordered<T: Canonical + ?Sized>(&mut self, value: &T) {
        if self.slot == Slot::Value {
            self.slot = Slot::Unordered;
        }
        value.encode(self);
    }

    /// Writes a value, of which a string holds JSON text: as the value that the text is.
    pub(crate) fn json<T: Canonical + ?Sized>(&mut self, value: &T) {
        if self.slot == Slot::Value {
            self.slot = Slot::JsonText;
        }
        value.encode(self);
    }

    /// `null` as a text would share a key with no text.
    fn json_text(&mut self, text: &str) {
        if text.trim_ascii() == "null" {
            let reason = "the JSON text is `null`, which would share a key with no text";
            return self.fail(Error::new(ErrorKind::InvalidJson, reason));
        }
        let is_unordered = self.rules_of_value.is_some_and(Node::is_unordered);
        self.slot = if is_unordered {
            Slot::Unordered
        } else {
            Slot::Value
        };
        json_text::encode(text.as_bytes(), self);
    }

    /// Writes the text of a value as a string that is not written as it is.
    fn text_of(&mut self, value: &(impl Display + ?Sized)) {
        let mut text = String::new();
        let slot = self.slot;
        self.suspend();
        let written = write!(text, "{value}");
        self.slot = slot;
        match written {
            Ok(()) => self.string(&text),
            Err(_) => self.fail(Error::display()),
        }
    }

    /// Writes the content of a variant that is a tuple or a struct. Where a variant is merged into the
    /// object around it, serde keeps its content in a buffer first.
    pub(crate) fn variant_content(&mut self, write: impl FnOnce(&mut Self)) {
        let outer = self.buffer_if_merged();
        write(self);
        self.restore_buffered(outer);
    }

    /// Begins what [`variant_content`](Self::variant_content) does; gives what is to be restored.
    pub(crate) fn buffer_if_merged(&mut self) -> bool {
        let outer = self.is_buffered;
        self.is_buffered |= matches!(self.slot, Slot::Flattened | Slot::Tagged);
        outer
    }

    /// Ends what [`buffer_if_merged`](Self::buffer_if_merged) began.
    pub(crate) fn restore_buffered(&mut self, outer: bool) {
        self.is_buffered = outer;
    }

    /// Whether an integer of 128 bits can stand here; if not, that is the failure.
    pub(super) fn is_ready_for_128_bits(&mut self) -> bool {
        if self.is_buffered {
            self.fail(Error::new(
                ErrorKind::NotMergeable,
                "an integer of 128 bits stands in a variant that serde cannot merge into the object around it",
            ));
        }
        !self.is_buffered
    }

    /// Says that the value has no canonical form, and why: `"the amount is negative"`.
    ///
    /// The request then has no key, and its error has this text.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.fail(Error::new(ErrorKind::Custom, reason.into()));
    }

    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        match self.slot {
            Slot::Value if self.collection.write_string(text, &mut self.writer) => {}
            Slot::Value => string::write(text, &mut self.writer),
            Slot::JsonText => return self.json_text(text),
            Slot::ScopeMember => self.keep_scope_member(text),
            Slot::Name => self.collection.names().push_str(text),
            _ => return self.refuse_value("a string"),
        }
        self.slot = Slot::Filled;
    }

    /// Writes an integer or a boolean, which stand in JSON as they are.
    #[inline]
    pub(crate) fn literal(&mut self, text: &str) {
        match self.slot {
            Slot::Value => self.writer.write(text.as_bytes()),
            Slot::ScopeMember => self.keep_scope_member(text),
            Slot::Name => self.collection.names().push_str(text),
            _ => return self.refuse_value("a number or boolean"),
        }
        self.slot = Slot::Filled;
    }

    /// As [`literal`](Self::literal), for an integer of at most eight digits: the head of `digits`.
    #[inline]
    pub(super) fn short_integer(&mut self, digits: [u8; 8], length: usize) {
        if self.slot != Slot::Value {
            return self.literal(core::str::from_utf8(&digits[..length]).unwrap_or_default());
        }
        self.writer.write_head(&digits, length);
        self.slot = Slot::Filled;
    }

    /// Writes the text of a float, which cannot name a member.
    #[inline]
    pub(super) fn float(&mut self, text: &str) {
        if self.slot != Slot::Value {
            return self.refuse_value("a float");
        }
        self.writer.write_copy(text.as_bytes());
        self.slot = Slot::Filled;
    }

    pub(crate) fn unit(&mut self) {
        match self.slot {
            Slot::Value | Slot::Unordered | Slot::JsonText => self.writer.write_fixed(b"null"),
            Slot::Flattened | Slot::Tagged => {}
            _ => return self.refuse_value("null"),
        }
        self.slot = Slot::Filled;
    }

    pub(crate) fn none(&mut self) {
        if self.is_ready_for_option() {
            self.unit();
        }
    }

    /// Whether an array of numbers can stand here and be written at once: nothing of it is left out.
    pub(super) fn is_ready_for_numbers(&self) -> bool {
        self.slot == Slot::Value
            && self.rules_of_value.is_none()
            && !self.is_buffered
            && self.depth < MAX_DEPTH
            && !self.has_failed()
    }

    /// Whether an `Option` can stand here; if not, that is the failure.
    #[inline]
    pub(crate) fn is_ready_for_option(&mut self) -> bool {
        let refused = matches!(self.slot, Slot::Name | Slot::Tagged);
        if refused {
            self.refuse_value("an option");
        }
        !refused
    }

    /// Whether a value of any kind can stand here; if not, that is the failure.
    pub(crate) fn is_ready_for_any_value(&mut self, what: &str) -> bool {
        let ready = matches!(
            self.slot,
            Slot::Value | Slot::Unordered | Slot::JsonText | Slot::ScopeMember
        );
        if !ready {
            self.refuse_value(what);
        }
        ready
    }

    /// Writes the name of a variant without content.
    pub(crate) fn unit_variant(&mut self, name: &str) {
        match self.slot {
            Slot::Flattened | Slot::Tagged => self.object().member(name, &()).finish(),
            _ => self.string(name),
        }
    }

    /// Refuses a value that does not fit where it stands.
    #[cold]
    pub(super) fn refuse_value(&mut self, what: &str) {
        let (kind, reason) = match self.slot {
            Slot::Name => (
                ErrorKind::InvalidMemberName,
                "cannot be the name of a member",
            ),
            Slot::Flattened | Slot::Tagged => (
                ErrorKind::NotMergeable,
                "has no members that could be merged into the object around it",
            ),
            Slot::Unordered => (
                ErrorKind::NotAnArray,
                "is no array, whose elements could have no order",
            ),
            Slot::JsonText => (ErrorKind::InvalidJson, "is no string that holds JSON text"),
            Slot::ScopeMember => (
                ErrorKind::InvalidScope,
                "is no string, integer or boolean, as a scope member is",
            ),
            Slot::Value | Slot::Open | Slot::Suspended | Slot::Filled => (
                ErrorKind::Misuse,
                "stands where a value was already written or a builder is still open",
            ),
        };
        self.fail(Error::new(kind, alloc::format!("{what} {reason}")));
    }

    /// Opens a builder, and gives the level of what stands in it.
    #[inline]
    pub(super) fn open_builder(&mut self) -> usize {
        self.slot = Slot::Open;
        self.level += 1;
        self.level
    }

    /// Ends a builder: the value is written.
    #[inline]
    pub(super) fn close_builder(&mut self) {
        self.slot = Slot::Filled;
        self.level = self.level.saturating_sub(1);
    }

    /// Takes no value until [`resume`](Self::resume).
    ///
    /// Between the two runs code that may panic half-way through its text. Should somebody catch
    /// that, nothing else can stand in for the rest.
    pub(crate) fn suspend(&mut self) {
        self.slot = Slot::Suspended;
    }

    pub(crate) fn resume(&mut self) {
        self.slot = Slot::Value;
    }

    pub(crate) fn is_suspended(&self) -> bool {
        self.slot == Slot::Suspended
    }

    /// Fails unless exactly one value was written at this level: not where a builder in it was left
    /// open, by a panic that somebody caught.
    #[inline]
    pub(crate) fn check_filled(&mut self, level: usize) {
        if self.slot != Slot::Filled || self.level != level {
            self.refuse_unfilled();
        }
    }

    #[cold]
    fn refuse_unfilled(&mut self) {
        let reason = match self.slot {
            Slot::Suspended => HALF_WRITTEN,
            Slot::Open | Slot::Filled => "a builder was not finished",
            _ => "no value was written",
        };
        self.fail(Error::new(ErrorKind::Misuse, reason));
    }

    /// Whether a builder may go on: nothing has failed, and the builder is not finished.
    #[inline]
    pub(super) fn has_open_builder(&mut self) -> bool {
        if self.slot != Slot::Open {
            self.refuse_step();
        }
        !self.has_failed()
    }

    #[cold]
    fn refuse_step(&mut self) {
        let reason = match self.slot {
            Slot::Suspended => HALF_WRITTEN,
            _ => "a builder was used after `finish`",
        };
        self.fail(Error::new(ErrorKind::Misuse, reason));
    }

    /// Makes ready for a member of the value that `within` is for.
    #[inline]
    pub(super) fn enter_member(&mut self, within: Option<&'e Node>, name: &str) -> Entered {
        self.enter(self.part_of_member(within, name))
    }

    /// What counts of a member of the value that `within` is for.
    #[inline]
    pub(super) fn part_of_member(&self, within: Option<&'e Node>, name: &str) -> Part<'e> {
        let rules = self.rules.map(|rules| rules.member(within, name));
        rules.unwrap_or(Part::Whole)
    }

    /// Makes ready for an element of the value that `within` is for.
    #[inline]
    pub(super) fn enter_element(&mut self, within: Option<&'e Node>, index: usize) -> Entered {
        let rules = self.rules.map(|rules| rules.element(within, index));
        self.enter(rules.unwrap_or(Part::Whole))
    }

    #[inline]
    pub(super) fn enter(&mut self, part: Part<'e>) -> Entered {
        self.slot = Slot::Value;
        self.rules_of_value = None;
        match part {
            Part::Whole => {}
            Part::Ruled(rules) => self.enter_ruled(rules),
            Part::Scope(number) => {
                self.scope_member = number;
                self.slot = Slot::ScopeMember;
                return Entered::Scope;
            }
            Part::Nothing => {
                self.left_out = true;
                self.slot = Slot::Open;
                return Entered::Nothing;
            }
        }
        Entered::Payload
    }

    fn enter_ruled(&mut self, rules: &'e Node) {
        for place in rules.present() {
            self.present[*place] = true;
        }
        if rules.is_json() {
            self.slot = Slot::JsonText;
        } else if rules.is_unordered() {
            self.slot = Slot::Unordered;
        }
        self.rules_of_value = Some(rules);
    }

    /// Makes ready for the payload itself, which rules can be for.
    pub(crate) fn enter_payload(&mut self) {
        if let Some(rules) = self.rules {
            self.enter_ruled(rules.root());
        }
    }

    /// Writes a value whose canonical text is there.
    pub(crate) fn canonical_text(&mut self, text: &[u8]) {
        if self.slot != Slot::Value {
            return self.refuse_value("a canonical text");
        }
        self.writer.write(text);
        self.slot = Slot::Filled;
    }

    /// Whether a string's text can be written as it is.
    pub(super) fn takes_text_as_it_is(&self) -> bool {
        self.slot == Slot::Value
    }

    /// Keeps the value of a scope member.
    fn keep_scope_member(&mut self, text: &str) {
        let place = &mut self.scope_members[self.scope_member];
        if place.replace(text.into()).is_some() {
            let reason = "the member of the scope is there twice";
            self.fail(Error::new(ErrorKind::InvalidScope, reason));
        }
    }

    /// The scope members of a payload that is written, in the order of their rules.
    pub(crate) fn take_scope_members(&mut self) -> Vec<Option<String>> {
        mem::take(&mut self.scope_members)
    }

    /// The number of a place on the allow-list that is not there.
    pub(crate) fn absent(&self) -> Option<usize> {
        self.present.iter().position(|is_present| !is_present)
    }

    /// Ends an element of an array or a set.
    #[inline]
    pub(super) fn close_element(&mut self, index: usize, level: usize) {
        self.check_filled(level);
        if self.has_failed() {
            self.leave(itoa::Buffer::new().format(index));
        }
        self.slot = Slot::Open;
    }

    /// Fails where the payload as a whole is empty because of exclusions.
    #[inline]
    pub(super) fn check_left(&mut self, empty: bool, rules: Option<&'e Node>) {
        if empty && self.left_out && rules.is_some_and(Node::is_root) {
            self.fail(Error::nothing_left());
        }
    }

    /// Keeps the first error.
    #[cold]
    pub(crate) fn fail(&mut self, error: Error) {
        if self.failure.is_none() {
            self.failure = Some(Box::new(Failure::from(error)));
        }
    }

    /// As [`fail`](Self::fail), with the segments that the failure has left so far.
    #[cold]
    pub(super) fn fail_with(&mut self, failure: Failure) {
        if self.failure.is_none() {
            self.failure = Some(Box::new(failure));
        }
    }

    /// How many objects and arrays are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Opens an object or array, which is not merged into another.
    #[inline]
    pub(super) fn open_bracket(&mut self) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.fail(Error::too_deep());
        }
    }

    #[inline]
    pub(super) fn close_bracket(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Encodes what stands behind a pointer. Pointers can nest without a bracket, and take stack.
    #[inline]
    pub(crate) fn behind_pointer(&mut self, encode: impl FnOnce(&mut Self)) {
        if self.pointers == MAX_POINTERS {
            return self.fail(Error::too_many_pointers());
        }
        self.pointers += 1;
        encode(self);
        self.pointers -= 1;
    }

    /// Fails within the member `name` of the value.
    #[cold]
    pub(crate) fn fail_within(&mut self, name: &str, error: Error) {
        if self.failure.is_none() {
            self.fail(error);
            self.leave(name);
        }
    }

    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Says that the failure, which is new, lies within the member or element `name`.
    #[cold]
    pub(super) fn leave(&mut self, name: &str) {
        if let Some(failure) = &mut self.failure {
            failure.leave(name);
        }
    }

    /// The text of a value, without quotes, where it can name a member.
    ///
    /// The value has a level of its own: if its panic is caught, no other value can stand in for it.
    pub(crate) fn text<T: Canonical + ?Sized>(&mut self, value: &T) -> String {
        let start = self.collection.names().len();
        let slot = mem::replace(&mut self.slot, Slot::Name);
        self.level += 1;
        let level = self.level;
        value.encode(self);
        self.check_filled(level);
        self.level -= 1;
        self.slot = slot;
        self.collection.names().split_off(start)
    }

    pub(crate) fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }
}
