//! Reads the values of a payload. Anything else than the canonical spelling is an error, as it would
//! have another key.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use super::document::{Node, NodeId};
use super::error::NotCanonicalError;
use crate::error::Failure;
use crate::text::decimal::{self, Notation};
use crate::text::reader::{Bracket, Content, Escapes, Reader, Scalar, Visitor, cmp_names_at, read};

/// Why a payload is JSON, and is not canonical: the first place counts.
type Fault = (usize, &'static str);

/// Reads the payload of canonical text, which may have a scope before it.
///
/// # Errors
///
/// The first place at which the text is wrong.
pub(super) fn payload(text: &str) -> Result<Vec<Node>, NotCanonicalError> {
    let bytes = text.as_bytes();
    let start = payload_start(bytes.trim_ascii_end()).unwrap_or(0);
    if start > 0 && bytes[start - 1] != b':' {
        return Err(NotCanonicalError::new(
            start,
            "the payload is not one JSON value with nothing but a scope and `:` before it",
        ));
    }
    let mut reader = Reader::new(bytes);
    reader.jump(start);
    let mut parser = Parser::new(bytes, start);
    let result = read(&mut reader, 0, &mut parser).and_then(|()| Ok(reader.end()?));
    parser.skip_to(reader.offset());
    match (parser.fault, result.map_err(Failure::into_error)) {
        (None, Ok(())) => Ok(parser.nodes),
        (Some((place, _)), Err(error)) if error.offset() <= Some(place) => {
            Err(NotCanonicalError::of_json(&error))
        }
        (Some((place, reason)), result) => {
            let is_json = result.is_ok();
            Err(NotCanonicalError::new(place, reason).of_value(is_json && start == 0))
        }
        (None, Err(error)) => Err(NotCanonicalError::of_json(&error)),
    }
}

/// Whether a text would be one JSON value if only it went on.
pub(super) fn is_cut_off(text: &str) -> bool {
    struct Nothing;

    impl Visitor for Nothing {
        fn begin(&mut self, _bracket: Bracket, _offset: usize) {}
        fn name(&mut self, _name: &Content) {}
        fn scalar(&mut self, _scalar: Scalar) {}
        fn end(&mut self, _offset: usize) -> Result<(), Failure> {
            Ok(())
        }
    }

    match read(&mut Reader::new(text.as_bytes()), 0, &mut Nothing) {
        Ok(()) => false,
        Err(failure) => failure.into_error().offset() == Some(text.len()),
    }
}

/// Keeps the values, and looks whether they are spelled canonically.
struct Parser<'a> {
    text: &'a [u8],
    nodes: Vec<Node>,
    /// The objects and arrays that are open, each with its last member or element.
    open: Vec<(NodeId, Option<NodeId>)>,
    /// The name of the member whose value comes next.
    name: Option<Range<usize>>,
    /// The end of what has been looked at.
    end: usize,
    fault: Option<Fault>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a [u8], start: usize) -> Self {
        Self {
            text,
            nodes: Vec::new(),
            open: Vec::new(),
            name: None,
            end: start,
            fault: None,
        }
    }

    /// Keeps the first fault.
    fn fault(&mut self, place: usize, reason: &'static str) {
        self.fault.get_or_insert((place, reason));
    }

    /// Looks at what stands before a token: there is no white space.
    fn skip_to(&mut self, start: usize) {
        let between = self.text.get(self.end..start).unwrap_or_default();
        if let Some(at) = between.iter().position(u8::is_ascii_whitespace) {
            self.fault(self.end + at, "white space is not canonical");
        }
        self.end = self.end.max(start);
    }

    fn push(&mut self, text: Range<usize>) -> NodeId {
        self.skip_to(text.start);
        self.end = text.end;
        let node = self.nodes.len();
        let (parent, before) = self.open.last().copied().unzip();
        let before = before.flatten();
        self.nodes.push(Node {
            text,
            name: self.name.take(),
            parent,
            index: before.map_or(0, |before| self.nodes[before].index + 1),
            end: node + 1,
        });
        if let Some((_, last)) = self.open.last_mut() {
            *last = Some(node);
        }
        node
    }

    /// RFC 8785 section 3.2.3; and no two members of one name.
    fn check_order(&mut self, name: &Range<usize>) {
        let before = self.open.last().and_then(|(_, last)| *last);
        let before = before.and_then(|before| self.nodes[before].name.clone());
        match before.map(|before| cmp_names_at(self.text, before.start, name.start)) {
            Some(Ordering::Equal) => self.fault(name.start, "two members have one name"),
            Some(Ordering::Greater) => {
                self.fault(name.start, "the names of the members do not ascend");
            }
            Some(Ordering::Less) | None => {}
        }
    }

    /// RFC 8785 section 3.2.2.2: each character has one spelling.
    fn check_string(&mut self, content: &Content) {
        if content.escapes == Escapes::Other {
            let place = Reader::new(self.text).first_other_escape(content);
            self.fault(place, "an escape is not the canonical one");
        }
    }

    /// An integer has all its digits; any other number is written as ECMAScript does (RFC 8785 section
    /// 3.2.2.3).
    fn check_number(&mut self, number: Range<usize>, notation: Notation) {
        let text = core::str::from_utf8(&self.text[number.clone()]).unwrap_or_default();
        let is_canonical = match notation {
            Notation::Integer => text != "-0",
            Notation::Fraction | Notation::Exponent => {
                decimal::canonical(text, &mut zmij_ecma::Buffer::new()) == Ok(text)
            }
        };
        if !is_canonical {
            self.fault(number.start, "a number is not in canonical form");
        }
    }
}

impl Visitor for Parser<'_> {
    fn begin(&mut self, _bracket: Bracket, offset: usize) {
        let node = self.push(offset..offset + 1);
        self.open.push((node, None));
    }

    fn name(&mut self, name: &Content) {
        let range = name.quoted();
        self.skip_to(range.start);
        self.check_order(&range);
        self.check_string(name);
        self.end = range.end;
        self.name = Some(range);
    }

    fn scalar(&mut self, scalar: Scalar) {
        self.push(scalar.range());
        match scalar {
            Scalar::String(content) => self.check_string(&content),
            Scalar::Number(number, notation) => self.check_number(number, notation),
            Scalar::Literal(_) => {}
        }
    }

    fn end(&mut self, offset: usize) -> Result<(), Failure> {
        self.skip_to(offset);
        self.end = offset + 1;
        if let Some((node, _)) = self.open.pop() {
            self.nodes[node].text.end = offset + 1;
            self.nodes[node].end = self.nodes.len();
        }
        Ok(())
    }
}

/// Where the scope ends and the payload starts, found from its end. The payload is taken to be canonical here.
///
/// No other place will do: what follows a `:` within a JSON value is never one JSON value that
/// reaches the same end, as it has more closing brackets than opening ones, or an odd number of
/// quotes.
fn payload_start(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(1)?;
    match bytes[last] {
        b'"' => string_start(bytes, last),
        b'}' | b']' => container_start(bytes),
        _ => Some(after_last_colon(bytes)),
    }
}

fn after_last_colon(bytes: &[u8]) -> usize {
    let colon = bytes.iter().rposition(|byte| *byte == b':');
    colon.map_or(0, |colon| colon + 1)
}

/// Where the object or array starts that ends the text.
fn container_start(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = bytes.len();
    loop {
        at = at.checked_sub(1)?;
        match bytes[at] {
            b'}' | b']' => depth += 1,
            b'{' | b'[' if depth == 1 => return Some(at),
            b'{' | b'[' => depth -= 1,
            b'"' => at = string_start(bytes, at)?,
            _ => {}
        }
    }
}

/// Where the string starts whose closing quote stands at `closing`.
fn string_start(bytes: &[u8], closing: usize) -> Option<usize> {
    let mut end = closing;
    loop {
        let quote = bytes[..end].iter().rposition(|byte| *byte == b'"')?;
        let before = bytes[..quote].iter().rev();
        let backslashes = before.take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 0 {
            return Some(quote);
        }
        end = quote;
    }
}
