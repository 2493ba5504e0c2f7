//! Reads the values of a payload. Anything else than the canonical spelling is an error, as it would
//! have another key.
//!
//! Nothing here recurses, and each byte is read a bounded number of times.

use alloc::vec::Vec;
use core::ops::Range;

use super::document::{Node, NodeId};
use super::error::NotCanonicalError;
use super::split::payload_start;
use super::string::{unescape, unquote};
use crate::text::cmp_utf16;

/// Reads the payload of canonical text, which may have a scope before it.
pub(super) fn payload(text: &str) -> Result<Vec<Node>, NotCanonicalError> {
    let bytes = text.as_bytes();
    if bytes.last().is_some_and(u8::is_ascii_whitespace) {
        let position = text.trim_ascii_end().len();
        return Err(NotCanonicalError::new(
            position,
            "white space is not canonical",
        ));
    }
    let start = payload_start(bytes).unwrap_or(0);
    if start > 0 && bytes[start - 1] != b':' {
        return Err(NotCanonicalError::new(
            start,
            "the payload is not one JSON value with nothing but a scope and `:` before it",
        ));
    }
    Parser {
        text,
        at: start,
        nodes: Vec::new(),
        open: None,
    }
    .run()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
    /// The innermost object or array that is open, and its last member or element.
    open: Option<(NodeId, Option<NodeId>)>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Vec<Node>, NotCanonicalError> {
        loop {
            let name = self.name()?;
            self.value(name)?;
            while let Some(container) = self.closing() {
                self.close(container);
            }
            if self.open.is_none() {
                return self.finish();
            }
            self.comma()?;
        }
    }

    fn finish(self) -> Result<Vec<Node>, NotCanonicalError> {
        match self.peek() {
            None => Ok(self.nodes),
            Some(_) => Err(self.error("the payload is followed by other text")),
        }
    }

    /// Reads a string, a number or a literal, or opens an object or array.
    fn value(&mut self, name: Option<Range<usize>>) -> Result<(), NotCanonicalError> {
        let start = self.at;
        let opens = matches!(self.peek(), Some(b'{' | b'['));
        match self.peek() {
            Some(b'{' | b'[') => self.at += 1,
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.literal()?,
            None => return Err(self.error("a value is missing")),
        }
        let node = self.nodes.len();
        let (parent, before) = self.open.unzip();
        let before = before.flatten();
        self.check_order(before, name.as_ref())?;
        self.nodes.push(Node {
            text: start..self.at,
            name,
            parent,
            index: before.map_or(0, |before| self.nodes[before].index + 1),
            end: node + 1,
        });
        if let Some((_, last)) = &mut self.open {
            *last = Some(node);
        }
        if opens {
            self.open = Some((node, None));
        }
        Ok(())
    }

    /// The innermost object or array, if its closing bracket comes next.
    fn closing(&self) -> Option<NodeId> {
        let (container, _) = self.open?;
        let bracket = if self.is_object(container) {
            b'}'
        } else {
            b']'
        };
        (self.peek() == Some(bracket)).then_some(container)
    }

    /// Ends the innermost object or array.
    fn close(&mut self, container: NodeId) {
        self.at += 1;
        self.nodes[container].text.end = self.at;
        self.nodes[container].end = self.nodes.len();
        self.open = self.nodes[container]
            .parent
            .map(|parent| (parent, Some(container)));
    }

    /// Reads what stands between two members or elements; nothing before the first one.
    fn comma(&mut self) -> Result<(), NotCanonicalError> {
        let Some((container, Some(_))) = self.open else {
            return Ok(());
        };
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(())
            }
            None => Err(self.error("the payload is cut off")),
            Some(_) if self.is_object(container) => Err(self.error("`,` or `}` is expected")),
            Some(_) => Err(self.error("`,` or `]` is expected")),
        }
    }

    /// Reads the name and the `:` of a member, within an object.
    fn name(&mut self) -> Result<Option<Range<usize>>, NotCanonicalError> {
        if !self
            .open
            .is_some_and(|(container, _)| self.is_object(container))
        {
            return Ok(None);
        }
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error("the name of a member is missing"));
        }
        self.string()?;
        let end = self.at;
        if self.peek() != Some(b':') {
            return Err(self.error("`:` is expected"));
        }
        self.at += 1;
        Ok(Some(start..end))
    }

    /// RFC 8785 section 3.2.3; and no two members of one name.
    fn check_order(
        &self,
        before: Option<NodeId>,
        name: Option<&Range<usize>>,
    ) -> Result<(), NotCanonicalError> {
        let before = before.and_then(|before| self.nodes[before].name.clone());
        let (Some(before), Some(name)) = (before, name) else {
            return Ok(());
        };
        let names = [before, name.clone()].map(|name| unquote(&self.text[name]));
        if cmp_utf16(&names[0], &names[1]).is_lt() {
            return Ok(());
        }
        Err(NotCanonicalError::new(
            name.start,
            "the names of the members do not ascend",
        ))
    }

    fn string(&mut self) -> Result<(), NotCanonicalError> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let Some((_, length)) = unescape(&self.text.as_bytes()[self.at..]) else {
                        return Err(self.error("an escape is not the canonical one"));
                    };
                    self.at += length;
                }
                Some(0x00..=0x1f) => {
                    let reason = "a control character is not escaped";
                    return Err(NotCanonicalError::new(self.at, reason));
                }
                Some(_) => self.at += 1,
                None => return Err(self.error("a string is cut off")),
            }
        }
    }

    fn number(&mut self) -> Result<(), NotCanonicalError> {
        let rest = &self.text[self.at..];
        let end = rest.find(|next: char| !matches!(next, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let number = end.map_or(rest, |end| &rest[..end]);
        if !is_canonical_number(number) {
            return Err(self.error("a number is not in canonical form"));
        }
        self.at += number.len();
        Ok(())
    }

    fn literal(&mut self) -> Result<(), NotCanonicalError> {
        let rest = &self.text[self.at..];
        for literal in ["true", "false", "null"] {
            if rest.starts_with(literal) {
                self.at += literal.len();
                return Ok(());
            }
        }
        Err(self.error("no JSON value starts here"))
    }

    fn is_object(&self, container: NodeId) -> bool {
        self.text.as_bytes()[self.nodes[container].text.start] == b'{'
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, reason: &'static str) -> NotCanonicalError {
        let reason = match self.peek() {
            Some(b' ' | b'\t' | b'\n' | b'\r') => "white space is not canonical",
            _ => reason,
        };
        NotCanonicalError::new(self.at, reason)
    }
}

/// Whether it is an integer with all its digits, or a float as ECMAScript writes it (RFC 8785
/// section 3.2.2.3).
fn is_canonical_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text == "0" || !digits.is_empty() && !digits.starts_with('0');
    }
    text.parse::<f64>().is_ok_and(|double| {
        double.is_finite() && zmij_ecma::Buffer::new().format_finite(double) == text
    })
}
