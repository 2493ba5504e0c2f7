//! [`Scope`]: the text before the payload that says what a key is valid for.

use core::fmt::{self, Display, Write};

use crate::canonical::Encoder;
use crate::text::{Writer, cmp_utf16};
use crate::{Error, ErrorKind};

/// Writes the scope of a request: the operation as written, then fields as `label:value`, each part
/// followed by a `:`.
///
/// In a value, `%` is written `%25` and `:` is written `%3A`, so that a tenant cannot forge
/// another's scope. Fields are given in ascending order of their labels; anything else is an error
/// of the request.
///
/// ```
/// use agentidemp::{Canonical, Encoder, IdempotencyKey, Scope};
///
/// struct Refund {
///     charge: String,
///     tenant: String,
/// }
///
/// impl Canonical for Refund {
///     fn encode(&self, out: &mut Encoder<'_>) {
///         out.object().member("charge", &self.charge).finish();
///     }
/// }
///
/// impl IdempotencyKey for Refund {
///     fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
///         scope.operation("refunds.create").field("tenant", &self.tenant);
///     }
/// }
///
/// let refund = Refund { charge: "ch_1".into(), tenant: "a:b".into() };
/// assert_eq!(refund.canonical_bytes(), br#"refunds.create:tenant:a%3Ab:{"charge":"ch_1"}"#);
/// ```
#[derive(Debug)]
pub struct Scope<'a, 'e> {
    encoder: &'a mut Encoder<'e>,
    /// The last label written: the labels ascend. The operation comes before them, with no label.
    last: Last<'a>,
}

#[derive(Debug)]
enum Last<'a> {
    Nothing,
    Operation,
    Field(&'a str),
}

impl<'a, 'e> Scope<'a, 'e> {
    pub(crate) fn new(encoder: &'a mut Encoder<'e>) -> Self {
        Self {
            encoder,
            last: Last::Nothing,
        }
    }

    /// Writes the name of the operation, as written: `charges.create`.
    ///
    /// It comes first and is not empty; anything else is an error of the request.
    pub fn operation(&mut self, name: &str) -> &mut Self {
        if name.is_empty() || !matches!(self.last, Last::Nothing) {
            self.refuse("the operation of a scope is not empty and comes first");
        }
        self.last = Last::Operation;
        self.write(&[name, ":"]);
        self
    }

    /// Writes one field: the label, and the [`Display`] text of the value.
    ///
    /// The label is not empty, holds neither `:` nor `%`, and is greater than the one before it, in
    /// the order of UTF-16 code units; anything else is an error of the request.
    pub fn field<T: Display + ?Sized>(&mut self, label: &'a str, value: &T) -> &mut Self {
        if !is_label(label) {
            self.refuse("the label of a scope field is empty, or holds `:` or `%`");
        }
        if matches!(self.last, Last::Field(last) if cmp_utf16(last, label).is_ge()) {
            self.refuse("the labels of a scope ascend and do not repeat");
        }
        if self.encoder.is_suspended() {
            self.refuse("a field of the scope was not written to its end");
        }
        self.last = Last::Field(label);
        self.encoder.suspend();
        self.write(&[label, ":"]);
        if write!(EscapeValue(self.encoder.writer()), "{value}").is_err() {
            self.encoder.fail_within(label, Error::display());
        }
        self.write(&[":"]);
        self.encoder.resume();
        self
    }

    fn write(&mut self, parts: &[&str]) {
        for part in parts {
            self.encoder.writer().write(part.as_bytes());
        }
    }

    fn refuse(&mut self, reason: &'static str) {
        self.encoder
            .fail(Error::new(ErrorKind::InvalidScope, reason));
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.contains([':', '%'])
}

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
