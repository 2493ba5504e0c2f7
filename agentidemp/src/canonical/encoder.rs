//! [`Encoder`]: takes values one by one and writes their canonical form.
//!
//! What it is ready for is in `state.rs`. Its builders are in `object.rs` and `array.rs`, and what it does with
//! JSON text in `json_text.rs`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Display, Write};

use sha2::{Digest, Sha256};

use super::collection::Collection;
use super::rules::{AppliedRules, Node, Rules, Treatment};
use super::state::{Progress, State};
use crate::error::Failure;
use crate::text::reader::MAX_DEPTH;
use crate::text::{Drain, Writer, string};
use crate::{Error, ErrorKind, Key};

/// Writes values in canonical form: what [`Canonical::encode`](crate::Canonical::encode) gets.
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
    pub(super) progress: Progress,
    pub(super) collection: Collection,
    pub(super) rules: AppliedRules<'e>,
    /// Whether serde keeps what is being written in a buffer, which has no room for 128 bits.
    is_buffered: bool,
}

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
        // Before the writer, which is large and would be moved past what can panic.
        let rules = AppliedRules::new(rules);
        Self {
            writer: Writer::new(drain),
            progress: Progress::new(),
            collection: Collection::default(),
            rules,
            is_buffered: false,
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
        self.progress.check_filled(0);
        self.progress.take_failure().map_or(Ok(()), Err)
    }

    /// Says that the value has no canonical form, and why: `"the amount is negative"`.
    ///
    /// The request then has no key, and its error has this text.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.fail(Error::new(ErrorKind::Custom, reason.into()));
    }

    /// Writes the [`Display`] text of a value as a string.
    pub fn display<T: Display + ?Sized>(&mut self, value: &T) {
        let state = self.progress.state;
        match state {
            State::Value | State::Name => {}
            State::JsonText | State::ScopeMember => return self.display_text(value),
            _ => return self.progress.refuse_value("a string"),
        }
        self.progress.state = State::Poisoned;
        let written = if state == State::Value {
            self.writer.write_fixed(b"\"");
            let written = write!(string::EscapeText(&mut self.writer), "{value}");
            self.writer.write_fixed(b"\"");
            written
        } else {
            write!(self.collection.names(), "{value}")
        };
        self.progress.state = State::Filled;
        if written.is_err() {
            self.fail(Error::display());
        }
    }

    /// Writes the text of a value as a string that is not written as it is.
    fn display_text(&mut self, value: &(impl Display + ?Sized)) {
        let mut text = String::new();
        let state = self.progress.state;
        self.progress.state = State::Poisoned;
        let written = write!(text, "{value}");
        self.progress.state = state;
        match written {
            Ok(()) => self.string(&text),
            Err(_) => self.fail(Error::display()),
        }
    }

    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        match self.progress.state {
            State::Value if self.collection.write_string(text, &mut self.writer) => {}
            State::Value => string::write(text, &mut self.writer),
            State::Name => self.collection.names().push_str(text),
            State::JsonText => return self.string_of_json_text(text),
            State::ScopeMember => return self.keep_scope_member(text),
            _ => return self.progress.refuse_value("a string"),
        }
        self.progress.state = State::Filled;
    }

    /// Writes an integer or a boolean, which stand in JSON as they are.
    #[inline]
    pub(crate) fn literal(&mut self, text: &str) {
        match self.progress.state {
            State::Value => self.writer.write(text.as_bytes()),
            State::Name => self.collection.names().push_str(text),
            State::ScopeMember => return self.keep_scope_member(text),
            _ => return self.progress.refuse_value("a number or boolean"),
        }
        self.progress.state = State::Filled;
    }

    /// As [`literal`](Self::literal), for an integer of at most eight digits: the first of `digits`.
    #[inline]
    pub(super) fn short_integer(&mut self, digits: [u8; 8], length: usize) {
        if self.progress.state != State::Value {
            return self.literal(core::str::from_utf8(&digits[..length]).unwrap_or_default());
        }
        self.writer.write_prefix(&digits, length);
        self.progress.state = State::Filled;
    }

    /// Writes the text of a float, which cannot name a member.
    #[inline]
    pub(super) fn float(&mut self, text: &str) {
        if self.progress.state != State::Value {
            return self.progress.refuse_value("a float");
        }
        self.writer.write(text.as_bytes());
        self.progress.state = State::Filled;
    }

    /// Writes a value whose canonical text is there.
    pub(crate) fn canonical_text(&mut self, text: &[u8]) {
        if self.progress.state != State::Value {
            return self.progress.refuse_value("a canonical text");
        }
        self.writer.write(text);
        self.progress.state = State::Filled;
    }

    /// Writes what has no content, as `()` has none: `null`.
    pub(crate) fn unit(&mut self) {
        match self.progress.state {
            State::Value | State::Unordered | State::JsonText => self.writer.write_fixed(b"null"),
            State::Flattened | State::Tagged => {}
            _ => return self.progress.refuse_value("null"),
        }
        self.progress.state = State::Filled;
    }

    pub(crate) fn none(&mut self) {
        if self.is_ready_for_option() {
            self.unit();
        }
    }

    fn keep_scope_member(&mut self, text: &str) {
        self.progress.state = State::Kept;
        if let Err(error) = self.rules.keep_scope_member(text) {
            self.fail(error);
        }
    }

    /// Whether an `Option` can stand here; if not, that is the failure.
    #[inline]
    pub(crate) fn is_ready_for_option(&mut self) -> bool {
        let refused = matches!(self.progress.state, State::Name | State::Tagged);
        if refused {
            self.progress.refuse_value("an option");
        }
        !refused
    }

    /// Whether an array of numbers can stand here and be written at once: nothing of it is left out.
    pub(super) fn is_ready_for_numbers(&self) -> bool {
        self.progress.state == State::Value
            && self.rules.of_value().is_none()
            && !self.is_buffered
            && self.progress.depth() < MAX_DEPTH
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

    /// Makes ready for a value of which an array has no order.
    pub(crate) fn expect_unordered(&mut self) {
        if self.progress.state == State::Value {
            self.progress.state = State::Unordered;
        }
    }

    /// Makes ready for a value of which a string holds JSON text: it is written as the value that the text
    /// is.
    pub(crate) fn expect_json_text(&mut self) {
        if self.progress.state == State::Value {
            self.progress.state = State::JsonText;
        }
    }

    /// Makes ready for the payload itself, which rules can be for.
    pub(crate) fn expect_payload(&mut self) {
        let state = self.rules.begin_payload();
        self.progress.go(state);
    }

    /// Makes ready for a member or element, and gives the state: `Open` where it is left out.
    #[inline]
    pub(super) fn begin(&mut self, treatment: Treatment<'e>, name: &str) -> State {
        self.progress.state = self.rules.begin(treatment, name);
        self.progress.state
    }

    /// Fails where the payload as a whole is empty because of exclusions.
    #[inline]
    pub(super) fn check_left(&mut self, is_empty: bool, rules: Option<&'e Node>) {
        if is_empty && self.rules.have_emptied(rules) {
            self.fail(Error::nothing_left());
        }
    }

    /// The scope members of a payload that is written, in the order of their rules.
    pub(crate) fn take_scope_members(&mut self) -> Vec<Option<String>> {
        self.rules.take_scope_members()
    }

    /// The number of a place on the allow-list that is not there.
    pub(crate) fn absent(&self) -> Option<usize> {
        self.rules.absent()
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
        self.is_buffered |= matches!(self.progress.state, State::Flattened | State::Tagged);
        outer
    }

    /// Ends what [`buffer_if_merged`](Self::buffer_if_merged) began.
    pub(crate) fn restore_buffered(&mut self, outer: bool) {
        self.is_buffered = outer;
    }

    /// Encodes what stands behind a pointer. Pointers can nest without a bracket, and take stack.
    #[inline]
    pub(crate) fn behind_pointer(&mut self, encode: impl FnOnce(&mut Self)) {
        if self.progress.enter_pointer() {
            encode(self);
            self.progress.leave_pointer();
        }
    }

    /// The text, without quotes, of a value that `encode` writes, where it can name a member.
    pub(crate) fn text_of(&mut self, encode: impl FnOnce(&mut Self)) -> String {
        let start = self.collection.names().len();
        let apart = self.progress.begin_apart(State::Name);
        encode(self);
        self.progress.end_apart(apart);
        self.collection.names().split_off(start)
    }

    /// Keeps the first failure. After it nothing counts any more.
    #[cold]
    pub(crate) fn fail(&mut self, failure: impl Into<Failure>) {
        self.progress.fail(failure);
    }

    /// Fails within the member `name` of the value.
    #[cold]
    pub(crate) fn fail_within(&mut self, name: &str, error: Error) {
        if !self.has_failed() {
            self.fail(error);
            self.progress.add_segment(name);
        }
    }

    /// Says that the failure lies within the member or element `name`: each level that it leaves adds its
    /// segment of the JSON Pointer.
    #[cold]
    pub(super) fn add_segment(&mut self, name: &str) {
        self.rules.end_scope_member();
        self.progress.add_segment(name);
    }

    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.progress.has_failed()
    }
}
