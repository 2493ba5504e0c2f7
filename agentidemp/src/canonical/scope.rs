//! [`Scope`]: the text before the payload that says what a key is valid for.
//!
//! What an operation and a label may be (FORMAT.md section 3) is checked here for each key. The derive says the
//! same of its attributes when it compiles, in its `valid.rs`.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};
use core::mem;

use super::state::{MAX_POINTERS, State};
use super::{Canonical, Encoder};
use crate::text::{Writer, cmp_utf16};
use crate::{Error, ErrorKind};

/// Writes the scope of a request: what [`Canonical::encode_scope`] gets.
///
/// A scope is the operation, then fields as `label:value`, joined by `:`. In a value, `%` is written
/// `%25` and `:` is written `%3A`, so that a tenant cannot forge another's scope.
///
/// The parts are given in one order: the operation, then the request within
/// ([`delegate`](Self::delegate)), then the fields in ascending order of their labels. Anything else
/// is an error of the request.
///
/// ```
/// use agentidemp::canonical::Encoder;
/// use agentidemp::{Canonical, IdempotencyKey, Scope};
///
/// struct Refund {
///     charge: String,
///     tenant: String,
/// }
///
/// impl Canonical for Refund {
///     fn encode(&self, out: &mut Encoder<'_>) {
///         out.object()
///             .member("charge", &self.charge)
///             .member("tenant", &self.tenant)
///             .finish();
///     }
///
///     fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
///         scope.operation("refunds.create").field("tenant", &self.tenant);
///     }
///
///     fn encode_payload(&self, out: &mut Encoder<'_>) {
///         out.object().member("charge", &self.charge).finish();
///     }
/// }
///
/// impl IdempotencyKey for Refund {}
///
/// let refund = Refund { charge: "ch_1".into(), tenant: "a:b".into() };
/// assert_eq!(refund.canonical_bytes(), br#"refunds.create:tenant:a%3Ab:{"charge":"ch_1"}"#);
/// ```
#[derive(Debug)]
pub struct Scope<'a, 'e> {
    encoder: &'a mut Encoder<'e>,
    level: Level<'a>,
    /// How many levels are around this one.
    depth: usize,
    /// How many pointers are around what is being written.
    pointers: usize,
    /// How many operations are written.
    operations: usize,
    /// Whether the text ends with an operation, which has no `:` behind it yet: others may join it.
    is_operation_open: bool,
    /// The fields where there are several levels, which are sorted in the end. A request on its own
    /// has its fields sorted already, and they are written at once.
    collected: Vec<(Cow<'a, str>, String)>,
}

/// A request, or one within a request.
#[derive(Debug, Default)]
struct Level<'a> {
    /// What was written last.
    last: Last<'a>,
    /// Whether a request within has an operation.
    has_operation_within: bool,
}

#[derive(Debug, Default)]
enum Last<'a> {
    #[default]
    Nothing,
    Operation,
    RequestWithin,
    Field(&'a str),
}

impl<'a, 'e> Scope<'a, 'e> {
    /// Writes the scope that `parts` gives.
    pub(crate) fn write(encoder: &'a mut Encoder<'e>, parts: impl FnOnce(&mut Self)) {
        let mut scope = Self {
            encoder,
            level: Level::default(),
            depth: 0,
            pointers: 0,
            operations: 0,
            is_operation_open: false,
            collected: Vec::new(),
        };
        parts(&mut scope);
        scope.finish();
    }

    /// Writes the name of the operation, as written: `charges.create`.
    ///
    /// It comes first, is not empty, and holds no `:`, `%` or `>`; anything else is an error of the
    /// request. The operations of a request and of the one within it are joined by `>`.
    pub fn operation(&mut self, name: &str) -> &mut Self {
        self.operations([name]);
        self
    }

    /// Writes the operations of a request and of those within it, outermost first.
    pub(crate) fn operations<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if !matches!(self.level.last, Last::Nothing) {
            self.refuse("the operation of a scope comes first");
        }
        for name in names {
            if name.is_empty() || name.contains([':', '%', '>']) {
                self.refuse("the operation of a scope is empty, or holds `:`, `%` or `>`");
            }
            if mem::replace(&mut self.is_operation_open, true) {
                self.write_text(">");
            }
            self.write_text(name);
            self.level.last = Last::Operation;
            self.operations += 1;
        }
    }

    /// Writes the scope of the request within: of the value that stands at the top level of the
    /// payload, or that is the request which this one is sent in.
    ///
    /// The payload then holds what [`Canonical::encode_payload`] of that value writes. A value
    /// without a scope adds nothing. Where two values of one level name an operation, it is not said
    /// which is the outer one: that is an error of the request.
    ///
    /// ```
    /// use agentidemp::canonical::Encoder;
    /// use agentidemp::{Canonical, IdempotencyKey, Scope};
    ///
    /// struct Signed<T>(T);
    ///
    /// impl<T: Canonical> Canonical for Signed<T> {
    ///     fn encode(&self, out: &mut Encoder<'_>) {
    ///         self.0.encode(out);
    ///     }
    ///
    ///     fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
    ///         scope.operation("signed").delegate(&self.0);
    ///     }
    ///
    ///     fn encode_payload(&self, out: &mut Encoder<'_>) {
    ///         self.0.encode_payload(out);
    ///     }
    /// }
    ///
    /// impl<T: Canonical> IdempotencyKey for Signed<T> {}
    ///
    /// #[derive(IdempotencyKey)]
    /// #[idem(scope = "charges.create")]
    /// struct Charge {
    ///     amount: u64,
    /// }
    ///
    /// let request = Signed(Charge { amount: 500 });
    /// assert_eq!(request.canonical_bytes(), br#"signed>charges.create:{"amount":500}"#);
    /// ```
    pub fn delegate<T: Canonical + ?Sized>(&mut self, request: &T) -> &mut Self {
        let operations = self.operations;
        if let Some(outer) = self.enter() {
            request.encode_scope(self);
            self.leave(outer, operations);
        }
        self
    }

    fn enter(&mut self) -> Option<Level<'a>> {
        if matches!(self.level.last, Last::Field(_)) {
            self.refuse("the request within comes before the fields of a scope");
        }
        if self.is_too_deep(self.depth) {
            return None;
        }
        self.depth += 1;
        self.level.last = Last::RequestWithin;
        Some(mem::take(&mut self.level))
    }

    /// Goes back to the level around this one; `operations` were written before.
    fn leave(&mut self, outer: Level<'a>, operations: usize) {
        self.depth -= 1;
        self.level = outer;
        if self.operations > operations && mem::replace(&mut self.level.has_operation_within, true)
        {
            self.refuse("two values at the top level of the payload name an operation each");
        }
    }

    /// Writes the scope of what a pointer points to, at the level of the pointer.
    pub(crate) fn follow<T: Canonical + ?Sized>(&mut self, pointee: &T) {
        if self.is_too_deep(self.pointers) {
            return;
        }
        self.pointers += 1;
        pointee.encode_scope(self);
        self.pointers -= 1;
    }

    /// Whether no more can nest in `around` levels or pointers, which take stack; if so, that is the
    /// failure.
    fn is_too_deep(&mut self, around: usize) -> bool {
        let is_too_deep = around >= MAX_POINTERS;
        if is_too_deep {
            self.encoder.fail(Error::too_many_pointers());
        }
        is_too_deep
    }

    /// Writes one field: the label, and the [`Display`] text of the value.
    ///
    /// The label is not empty, holds neither `:` nor `%`, and is greater than the one before it, in
    /// the order of UTF-16 code units; anything else is an error of the request. So is a label that
    /// the request around this one, or the one within it, has too.
    pub fn field<T: ScopeValue + ?Sized>(&mut self, label: &'a str, value: &T) -> &mut Self {
        self.text_field(label, &value);
        self
    }

    /// As [`field`](Self::field), and not compiled for each type of value.
    fn text_field(&mut self, label: &'a str, value: &dyn Display) {
        self.check_label(label);
        if matches!(self.level.last, Last::Field(last) if cmp_utf16(last, label).is_ge()) {
            self.refuse("the labels of a scope ascend and do not repeat");
        }
        if self.encoder.progress.state == State::Poisoned {
            self.refuse("a field of the scope was not written to its end");
        }
        self.level.last = Last::Field(label);
        self.encoder.progress.go(State::Poisoned);
        let is_alone = self.depth == 0 && self.collected.is_empty();
        let written = if is_alone {
            self.write_field(label, value)
        } else {
            self.collect_field(label, value)
        };
        if written.is_err() {
            self.encoder.fail_within(label, Error::display());
        }
        self.encoder.progress.go(State::Value);
    }

    /// Writes a field whose label is known at run time: in any order, as those are sorted in the end.
    pub(crate) fn unsorted_field(&mut self, label: &str, value: &str) {
        self.check_label(label);
        self.level.last = Last::RequestWithin;
        self.collected
            .push((label.to_owned().into(), value.to_owned()));
    }

    fn check_label(&mut self, label: &str) {
        if label.is_empty() || label.contains([':', '%']) {
            self.refuse("the label of a scope field is empty, or holds `:` or `%`");
        }
    }

    fn collect_field(&mut self, label: &'a str, value: &dyn Display) -> fmt::Result {
        let mut text = String::new();
        write!(text, "{value}")?;
        self.collected.push((label.into(), text));
        Ok(())
    }

    fn write_field(&mut self, label: &str, value: &dyn Display) -> fmt::Result {
        self.close_operation();
        self.write_text(label);
        self.write_text(":");
        write!(EscapeValue(&mut self.encoder.writer), "{value}")?;
        self.write_text(":");
        Ok(())
    }

    fn close_operation(&mut self) {
        if mem::take(&mut self.is_operation_open) {
            self.write_text(":");
        }
    }

    fn finish(&mut self) {
        if self.depth > 0 || self.pointers > 0 {
            self.refuse("the scope of a request within was not written to its end");
        }
        let mut fields = mem::take(&mut self.collected);
        fields.sort_by(|(left, _), (right, _)| cmp_utf16(left, right));
        if let Some([(duplicate, _), ..]) = fields.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let reason = alloc::format!("two fields of the scope are labelled `{duplicate}`");
            let error = Error::new(ErrorKind::InvalidScope, reason);
            self.encoder.fail_within(duplicate, error);
        }
        for (label, value) in &fields {
            // Text goes into the hash or a vector, which take all of it.
            let _ = self.write_field(label, value);
        }
        self.close_operation();
    }

    fn write_text(&mut self, text: &str) {
        self.encoder.writer.write(text.as_bytes());
    }

    fn refuse(&mut self, reason: &'static str) {
        self.fail(Error::new(ErrorKind::InvalidScope, reason));
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.encoder.fail(error);
    }
}

/// A value that can be a field of a scope: one that has [`Display`] and [`Eq`].
///
/// Its text stands in the scope, so it must be the same for every attempt, and equal for equal
/// values. Two values that print alike are one scope.
///
/// An `Option` has no text: say what stands for `None`. A float, which has no `Eq`, has many: `-0` and
/// `0` are equal and print differently, and so do a NaN and itself. Give a text or an integer
/// instead:
///
/// ```
/// use agentidemp::IdempotencyKey;
///
/// #[derive(IdempotencyKey)]
/// struct Charge {
///     amount: u64,
///     #[idem(scope, with = |user: &Option<u64>| user.map_or("guest".into(), |id| id.to_string()))]
///     user: Option<u64>,
/// }
///
/// let charge = Charge { amount: 500, user: None };
/// assert_eq!(charge.canonical_bytes(), br#"user:guest:{"amount":500}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a scope",
    label = "needs `Display` and `Eq`: a text that is the same for all attempts, and for equal values",
    note = "if it is a type of your own, implement `Display` and derive `PartialEq` and `Eq`",
    note = "if it is an `Option`, say what stands for `None`: `#[idem(scope, with = |value| ...)]`, where the closure gives a `String`",
    note = "if it is a float, whose text is not one for equal values, keep it in the payload, or give an integer: `#[idem(scope, with = |value| ...)]`"
)]
pub trait ScopeValue: Display + Eq {}

#[diagnostic::do_not_recommend]
impl<T: Display + Eq + ?Sized> ScopeValue for T {}

/// Writes text with `%` as `%25` and `:` as `%3A`: the only bytes of a value that could be taken
/// for the scope's own.
struct EscapeValue<'a>(&'a mut Writer);

impl Write for EscapeValue<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((plain, tail)) = rest.split_once([':', '%']) {
            let escape: &[u8] = match rest.as_bytes().get(plain.len()) {
                Some(b'%') => b"%25",
                _ => b"%3A",
            };
            self.0.write(plain.as_bytes());
            self.0.write(escape);
            rest = tail;
        }
        self.0.write(rest.as_bytes());
        Ok(())
    }
}
