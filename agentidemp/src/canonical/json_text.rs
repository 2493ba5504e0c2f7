//! JSON text (RFC 8259) in canonical form: the bytes of a body, or a text within a value.
//!
//! The text is checked, and the order of its members found, by an [`Outline`]. Then it is walked in that
//! order and written by the same builders as any other value. The objects and arrays that are open
//! stand in a list, so that nesting takes no stack.

use alloc::string::String;
use alloc::vec::Vec;

use super::array::OpenArray;
use super::encoder::Encoder;
use super::object::OpenObject;
use super::state::State;
use crate::error::{Error, ErrorKind};
use crate::text::decimal::{self, DecimalError, Notation};
use crate::text::outline::{Outline, Place};
use crate::text::reader::{Escapes, Reader, name_at};

/// Writes the value that a JSON text is.
pub(crate) fn encode(text: &[u8], out: &mut Encoder<'_>) {
    let (State::Value | State::Unordered | State::JsonText | State::ScopeMember) =
        out.progress.state
    else {
        return out.progress.refuse_value("a JSON text");
    };
    match Outline::read(text, out.progress.depth()) {
        Ok((outline, reader, text)) => Walk::new(text, reader, outline).run(out),
        Err(failure) => out.fail(failure),
    }
}

impl Encoder<'_> {
    /// Writes the value that the text of a string is. `null` as a text would share a key with no text.
    pub(super) fn string_of_json_text(&mut self, text: &str) {
        if text.trim_ascii() == "null" {
            let reason = "the JSON text is `null`, which would share a key with no text";
            return self.fail(Error::new(ErrorKind::InvalidJson, reason));
        }
        self.progress.state = self.rules.begin_json_text();
        encode(text.as_bytes(), self);
    }
}

/// A walk through a text that has been read before.
struct Walk<'t, 'e> {
    text: &'t str,
    reader: Reader<'t>,
    outline: Outline,
    open: Vec<Open<'e>>,
    /// Strings and names that do not stand for themselves.
    decoded: String,
}

/// An object or array that is open.
enum Open<'e> {
    Object {
        object: OpenObject<'e>,
        /// The member that comes next, if they are not in canonical order as they stand.
        next: Option<Place>,
        /// The offset of the quote of the name of the member that is being written.
        name: Option<usize>,
    },
    Array(OpenArray<'e>),
}

impl<'t, 'e> Walk<'t, 'e> {
    fn new(text: &'t str, reader: Reader<'t>, outline: Outline) -> Self {
        Self {
            text,
            reader,
            outline,
            open: Vec::new(),
            decoded: String::new(),
        }
    }

    fn run(mut self, out: &mut Encoder<'e>) {
        if let Err(error) = self.walk(out) {
            out.fail(error);
        }
        while let Some(open) = self.open.pop() {
            match open {
                Open::Object { name, .. } => {
                    if let Some(quote) = name {
                        out.add_segment(&name_at(self.text.as_bytes(), quote));
                    }
                }
                Open::Array(array) => array.fail_element(out),
            }
        }
    }

    /// Writes all of the value, or stops within it where there is a failure.
    fn walk(&mut self, out: &mut Encoder<'e>) -> Result<(), Error> {
        loop {
            let is_written = self.value(out)?;
            if out.has_failed() {
                return Ok(());
            }
            if is_written {
                self.end_in_parent(out);
            }
            if !self.advance(out)? {
                return Ok(());
            }
        }
    }

    /// Writes a string, number or literal, or opens an object or array; then the value is not written
    /// yet.
    fn value(&mut self, out: &mut Encoder<'e>) -> Result<bool, Error> {
        let text = self.text;
        match self.reader.peek() {
            Some(b'{') => {
                let next = self.outline.first_member(self.reader.offset());
                self.reader.skip(b'{');
                let object = OpenObject::streamed(out);
                let name = None;
                self.open.push(Open::Object { object, next, name });
                return Ok(false);
            }
            Some(b'[') => {
                self.reader.skip(b'[');
                self.open.push(Open::Array(OpenArray::open(out)));
                return Ok(false);
            }
            Some(b'"') => {
                let content = self.reader.string()?;
                if content.escapes == Escapes::Other || out.progress.state != State::Value {
                    out.string(content.decode(text, &mut self.decoded));
                } else {
                    out.canonical_text(text[content.quoted()].as_bytes());
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                let (number, notation) = self.reader.number()?;
                let start = number.start;
                encode_number(&text[number], notation, out)
                    .map_err(|error| error.at_offset(start))?;
            }
            _ => match &text[self.reader.literal()?] {
                "true" => out.literal("true"),
                "false" => out.literal("false"),
                _ => out.unit(),
            },
        }
        Ok(true)
    }

    /// Goes on to the next member or element that is not left out, and ends what has no more of them;
    /// false where the value as a whole is written.
    fn advance(&mut self, out: &mut Encoder<'e>) -> Result<bool, Error> {
        while let Some(open) = self.open.last_mut() {
            let has_next = match open {
                Open::Object { object, next, name } => {
                    if let Some(place) = next {
                        let (offset, after) = self.outline.follow(*place);
                        self.reader.jump(offset);
                        *place = after;
                    } else {
                        self.reader.skip(b',');
                    }
                    if self.reader.skip(b'}') {
                        object.finish(out);
                        None
                    } else {
                        let content = self.reader.string()?;
                        self.reader.skip(b':');
                        *name = Some(content.quoted().start);
                        let text = content.decode(self.text, &mut self.decoded);
                        Some(object.begin_member(text, out))
                    }
                }
                Open::Array(array) => {
                    self.reader.skip(b',');
                    if self.reader.skip(b']') {
                        array.finish(out);
                        None
                    } else {
                        Some(array.begin_element(out))
                    }
                }
            };
            match has_next {
                Some(true) => return Ok(true),
                Some(false) => self.reader.skip_value()?,
                None => {
                    self.open.pop();
                    if out.has_failed() {
                        return Ok(false);
                    }
                    self.end_in_parent(out);
                }
            }
        }
        Ok(false)
    }

    /// Ends the member or element that is written.
    fn end_in_parent(&mut self, out: &mut Encoder<'e>) {
        match self.open.last_mut() {
            Some(Open::Object { object, .. }) => object.end_member("", out),
            Some(Open::Array(array)) => array.end_element(out),
            None => {}
        }
    }
}

/// Writes a number by its text: an integer with all its digits, any other as a double.
///
/// # Errors
///
/// Where it has no canonical digits.
pub(crate) fn encode_number(
    text: &str,
    notation: Notation,
    out: &mut Encoder<'_>,
) -> Result<(), Error> {
    match notation {
        Notation::Integer if text == "-0" => out.literal("0"),
        Notation::Integer => out.literal(text),
        Notation::Fraction if decimal::is_canonical(text) => out.float(text),
        Notation::Fraction | Notation::Exponent => {
            let mut buffer = zmij_ecma::Buffer::new();
            match decimal::canonical(text, &mut buffer) {
                Ok(digits) => out.float(digits),
                Err(error) => return Err(not_canonical(error)),
            }
        }
    }
    Ok(())
}

#[cold]
fn not_canonical(error: DecimalError) -> Error {
    match error {
        DecimalError::TooLarge => Error::new(
            ErrorKind::NotFinite,
            "the number is beyond the range of a double",
        ),
        DecimalError::Imprecise => Error::new(
            ErrorKind::Imprecise,
            "the number says more than the double that it is read as",
        ),
    }
}
