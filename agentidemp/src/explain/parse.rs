//! Reads canonical text: where the payload starts, and the values in it. Anything else than the
//! canonical spelling is an error, as it would have another key.
//!
//! Nothing here recurses, and each byte is read a bounded number of times.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::document::{Node, NodeId};
use super::error::NotCanonicalError;
use crate::canonical::cmp_utf16;

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

/// Where the payload starts, found from its end.
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

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
    /// The innermost object or array that is open, and its last member or element.
    open: Option<(NodeId, Option<NodeId>)>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Vec<Node>, NotCanonicalError> {
        let mut name = None;
        loop {
            self.value(name.take())?;
            loop {
                let Some((container, _)) = self.open else {
                    return match self.peek() {
                        None => Ok(self.nodes),
                        Some(_) => Err(self.error("the payload is followed by other text")),
                    };
                };
                let is_object = self.text.as_bytes()[self.nodes[container].text.start] == b'{';
                let is_empty = self.nodes[container].text.start + 1 == self.at;
                match (self.peek(), is_object) {
                    (Some(b'}'), true) | (Some(b']'), false) => self.close(container),
                    (Some(b','), _) if !is_empty => {
                        self.at += 1;
                        name = self.name(is_object)?;
                        break;
                    }
                    _ if is_empty => {
                        name = self.name(is_object)?;
                        break;
                    }
                    (None, _) => return Err(self.error("the payload is cut off")),
                    (_, true) => return Err(self.error("`,` or `}` is expected")),
                    (_, false) => return Err(self.error("`,` or `]` is expected")),
                }
            }
        }
    }

    /// Reads a string, a number or a literal, or opens an object or array.
    fn value(&mut self, name: Option<Range<usize>>) -> Result<(), NotCanonicalError> {
        let start = self.at;
        let opens = match self.peek() {
            Some(b'{' | b'[') => {
                self.at += 1;
                true
            }
            Some(b'"') => {
                self.string()?;
                false
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                false
            }
            Some(_) => {
                self.literal()?;
                false
            }
            None => return Err(self.error("a value is missing")),
        };
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

    /// Ends the innermost object or array.
    fn close(&mut self, container: NodeId) {
        self.at += 1;
        self.nodes[container].text.end = self.at;
        self.nodes[container].end = self.nodes.len();
        self.open = self.nodes[container]
            .parent
            .map(|parent| (parent, Some(container)));
    }

    /// Reads the name of a member and the `:`.
    fn name(&mut self, is_object: bool) -> Result<Option<Range<usize>>, NotCanonicalError> {
        if !is_object {
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

    /// RFC 8785 section 3.2.2.2: each character has one spelling.
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
        double.is_finite() && ryu_js::Buffer::new().format_finite(double) == text
    })
}

/// The character that a canonical escape at the start of the text stands for, and the escape's
/// length.
fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    let short = match bytes.get(1)? {
        b'b' => '\u{8}',
        b't' => '\t',
        b'n' => '\n',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'"' => '"',
        b'\\' => '\\',
        b'u' => return Some((unescape_control(bytes.get(2..6)?)?, 6)),
        _ => return None,
    };
    Some((short, 2))
}

/// `00` and two lower-case hex digits: a control character without a short escape.
fn unescape_control(digits: &[u8]) -> Option<char> {
    let [
        b'0',
        b'0',
        high @ (b'0' | b'1'),
        low @ (b'0'..=b'9' | b'a'..=b'f'),
    ] = digits
    else {
        return None;
    };
    let low = match low {
        b'0'..=b'9' => low - b'0',
        _ => low - b'a' + 10,
    };
    let control = (high - b'0') * 16 + low;
    let has_short_escape = matches!(control, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d);
    (!has_short_escape).then_some(char::from(control))
}

/// The string that a canonical JSON string stands for.
pub(super) fn unquote(quoted: &str) -> Cow<'_, str> {
    let text = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(quoted);
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        unescaped.push_str(plain);
        let (character, length) = unescape(escape.as_bytes()).unwrap_or(('\\', 1));
        unescaped.push(character);
        rest = &escape[length..];
    }
    unescaped.push_str(rest);
    Cow::Owned(unescaped)
}
