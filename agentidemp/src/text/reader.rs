//! [`Reader`]: JSON text (RFC 8259), token by token, and [`read`]: one value, whatever its shape.
//!
//! There is no recursion, and nothing is allocated for a value: strings and numbers are ranges of the
//! text. What is done with them is the business of a [`Visitor`].

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use arrayvec::ArrayVec;

use super::decimal::{self, Notation};
use super::escape::{self, WINDOW};
use super::string::rank;
use crate::error::{Error, ErrorKind, Failure};

/// How deep objects and arrays nest at most, by every way to a key. serde_json reads no deeper, and
/// the stack of a thread holds as many levels of a value.
pub(crate) const MAX_DEPTH: usize = 128;

/// What is told about a JSON text, in the order in which it stands there.
///
/// Offsets are those of the token's first byte.
pub(crate) trait Visitor {
    /// An object or array begins.
    fn begin(&mut self, bracket: Bracket, offset: usize);
    /// The name of a member, whose value comes next.
    fn name(&mut self, name: &Content);
    /// A string, number, boolean or `null`.
    fn scalar(&mut self, scalar: Scalar);
    /// The innermost object or array ends.
    ///
    /// # Errors
    ///
    /// Where it cannot be the end of this one.
    fn end(&mut self, offset: usize) -> Result<(), Failure>;
}

/// A value that is neither an object nor an array.
#[cfg_attr(
    not(feature = "explain"),
    expect(dead_code, reason = "the order of members does not depend on them")
)]
pub(crate) enum Scalar {
    String(Content),
    Number(Range<usize>, Notation),
    /// A boolean or `null`.
    Literal(Range<usize>),
}

#[cfg(feature = "explain")]
impl Scalar {
    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::String(content) => content.quoted(),
            Self::Number(range, _) | Self::Literal(range) => range.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bracket {
    Object,
    Array,
}

impl Bracket {
    /// What comes behind a member or an element.
    fn expected(self) -> &'static str {
        match self {
            Self::Object => "`,` or `}`",
            Self::Array => "`,` or `]`",
        }
    }

    fn closing(self) -> u8 {
        match self {
            Self::Object => b'}',
            Self::Array => b']',
        }
    }
}

/// What stands between the quotes of a string.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) range: Range<usize>,
    pub(crate) escapes: Escapes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Escapes {
    /// The content stands for itself.
    None,
    /// Each is the one that canonical text has.
    Canonical,
    /// There is one that canonical text has not.
    Other,
}

impl Content {
    /// The string that the content stands for: a part of the text, or `decoded`, if it has escapes.
    pub(crate) fn decode<'a>(&self, text: &'a str, decoded: &'a mut String) -> &'a str {
        let content = &text[self.range.clone()];
        if self.escapes == Escapes::None {
            return content;
        }
        decoded.clear();
        for character in characters(content.as_bytes()) {
            decoded.push(character);
        }
        decoded
    }

    /// The string token, quotes included.
    pub(crate) fn quoted(&self) -> Range<usize> {
        self.range.start - 1..self.range.end + 1
    }
}

/// A place in a JSON text.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// Where the window begins that has been looked at.
    window: usize,
    /// Which bytes of the window end a string's plain text: a bit for each.
    marks: u64,
    /// The long strings that have been read, in the order in which they stand.
    long: Vec<Content>,
    /// The one of them that comes next.
    next_long: usize,
}

/// From how many bytes on a string is not looked through again when the text is.
///
/// A chat of 4 KB took 1.67 times the raw hash instead of 1.85, one of JSON 2.36 instead of 3.25
/// (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- '4 KB'`).
const LONG: usize = 2 * WINDOW;

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            window: 0,
            marks: marks_at(text, 0),
            long: Vec::new(),
            next_long: 0,
        }
    }

    /// Goes back to the start, to read again what has been read.
    pub(crate) fn rewind(&mut self) {
        self.at = 0;
        self.next_long = 0;
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn jump(&mut self, offset: usize) {
        self.at = offset;
    }

    /// The first byte that is no white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Goes on behind a byte, if it comes next.
    #[inline]
    pub(crate) fn skip(&mut self, byte: u8) -> bool {
        let comes_next = self.peek() == Some(byte);
        self.at += usize::from(comes_next);
        comes_next
    }

    /// Reads a string, whose quote comes next. Whether it is UTF-8 is told by the text as a whole.
    pub(crate) fn string(&mut self) -> Result<Content, Error> {
        let start = self.at + 1;
        let content = match self.long.get(self.next_long) {
            Some(content) if content.range.start == start => {
                self.next_long += 1;
                content.clone()
            }
            _ => self.look_through_string(start)?,
        };
        self.at = content.range.end + 1;
        Ok(content)
    }

    fn look_through_string(&mut self, start: usize) -> Result<Content, Error> {
        let mut at = start;
        let mut escapes = Escapes::None;
        let end = loop {
            let Some(mark) = self.next_mark(at) else {
                return Err(invalid(self.text.len(), "the text ends within a string"));
            };
            match self.text[mark] {
                b'"' => break mark,
                b'\\' => {
                    let (length, written) = measure_escape(self.text, mark)?;
                    escapes = escapes.max(written);
                    at = mark + length;
                }
                _ => {
                    return Err(invalid(
                        mark,
                        "a control character in a string is not escaped",
                    ));
                }
            }
        };
        let range = start..end;
        let content = Content { range, escapes };
        if content.range.len() >= LONG {
            self.keep_long(&content);
        }
        Ok(content)
    }

    /// Keeps where a long string ends, if that is new.
    fn keep_long(&mut self, content: &Content) {
        let by_start = |long: &Content| long.range.start.cmp(&content.range.start);
        let place = match self.long.binary_search_by(by_start) {
            Ok(place) => place,
            Err(place) => {
                self.long.insert(place, content.clone());
                place
            }
        };
        // Most strings are read again in the order in which they stand.
        self.next_long = place + 1;
    }

    /// Where the first escape of a string stands that canonical text has not.
    #[cfg(feature = "explain")]
    pub(crate) fn first_other_escape(&mut self, content: &Content) -> usize {
        let mut at = content.range.start;
        while let Some(mark) = self.next_mark(at)
            && let Ok((character, length)) = unescape(self.text, mark)
            && escape::is_canonical(character, &self.text[mark..mark + length])
        {
            at = mark + length;
        }
        self.next_mark(at).unwrap_or(at)
    }

    /// Reads a number, which comes next.
    pub(crate) fn number(&mut self) -> Result<(Range<usize>, Notation), Error> {
        let start = self.at;
        match decimal::scan(&self.text[start..]) {
            Ok((length, notation)) => {
                self.at = start + length;
                Ok((start..self.at, notation))
            }
            Err(offset) => Err(invalid(start + offset, "a digit is missing in a number")),
        }
    }

    /// Reads `true`, `false` or `null`, of which the first letter comes next.
    pub(crate) fn literal(&mut self) -> Result<Range<usize>, Error> {
        let rest = &self.text[self.at..];
        for literal in ["true", "false", "null"] {
            if rest.starts_with(literal.as_bytes()) {
                let start = self.at;
                self.at += literal.len();
                return Ok(start..self.at);
            }
        }
        Err(self.unexpected("a value"))
    }

    /// Goes behind the value that comes next, of a text that has been read before.
    pub(crate) fn skip_value(&mut self) -> Result<(), Error> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => _ = self.string()?,
                Some(b'{' | b'[') => {
                    self.at += 1;
                    depth += 1;
                }
                Some(b'}' | b']') => {
                    self.at += 1;
                    depth = depth.saturating_sub(1);
                }
                Some(b'-' | b'0'..=b'9') => _ = self.number()?,
                Some(b',' | b':') => self.at += 1,
                Some(_) => _ = self.literal()?,
                None => return Err(self.unexpected("a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Nothing but white space comes behind the value.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// The first byte from a place on at which the plain text of a string ends.
    #[inline]
    fn next_mark(&mut self, from: usize) -> Option<usize> {
        let mut from = from;
        while from < self.text.len() {
            if !(self.window..self.window + WINDOW).contains(&from) {
                // The last window ends with the text, so that it need not be filled up: a chat of 300 B took
                // 4.8 times the raw hash instead of 5.05 (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- '300 B'`).
                self.window = from.min(self.text.len().saturating_sub(WINDOW));
                self.marks = marks_at(self.text, self.window);
            }
            let marks = self.marks >> (from - self.window);
            if marks != 0 {
                return Some(from + marks.trailing_zeros() as usize);
            }
            from = self.window + WINDOW;
        }
        None
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> Error {
        let found = match self.text.get(self.at) {
            None => "the text ends",
            Some(byte) if byte.is_ascii_graphic() => {
                let reason = alloc::format!("{expected} is expected, not `{}`", char::from(*byte));
                return Error::new(ErrorKind::InvalidJson, reason).at_offset(self.at);
            }
            Some(0xef) if self.text[self.at..].starts_with(b"\xef\xbb\xbf") => {
                "a byte order mark stands"
            }
            Some(_) => "another byte stands",
        };
        let reason = alloc::format!("{found} where {expected} is expected");
        Error::new(ErrorKind::InvalidJson, reason).at_offset(self.at)
    }
}

fn marks_at(text: &[u8], start: usize) -> u64 {
    let rest = &text[start..];
    if let Some(window) = rest.first_chunk() {
        return escape::find(window);
    }
    // Blanks are no marks.
    let mut padded = [b' '; WINDOW];
    padded[..rest.len()].copy_from_slice(rest);
    escape::find(&padded)
}

/// The characters of the content of a string that has been read before: up to its quote, if that is
/// there.
pub(crate) fn characters(content: &[u8]) -> impl Iterator<Item = char> {
    let mut rest = content;
    core::iter::from_fn(move || {
        let (character, length) = match rest.first()? {
            b'"' => return None,
            b'\\' => unescape(rest, 0).ok()?,
            byte if byte.is_ascii() => (char::from(*byte), 1),
            _ => {
                let longest = &rest[..rest.len().min(4)];
                let character = longest.utf8_chunks().next()?.valid().chars().next()?;
                (character, character.len_utf8())
            }
        };
        rest = &rest[length..];
        Some(character)
    })
}

/// Compares two names, given by the offsets of their quotes, by UTF-16 code units (RFC 8785 section
/// 3.2.3).
pub(crate) fn cmp_names_at(text: &[u8], left: usize, right: usize) -> Ordering {
    let left = &text[left + 1..];
    let right = &text[right + 1..];
    let mut pairs = left.iter().zip(right);
    let ends_or_differs = |(a, b): (&u8, &u8)| a != b || matches!(a, b'"' | b'\\');
    let Some(at) = pairs.position(ends_or_differs) else {
        return Ordering::Equal;
    };
    match (left[at], right[at]) {
        (b'\\', _) | (_, b'\\') => cmp_unescaped(&left[at..], &right[at..]),
        (b'"', b'"') => Ordering::Equal,
        (b'"', _) => Ordering::Less,
        (_, b'"') => Ordering::Greater,
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// As [`cmp_names_at`], for what is left of two names that have escapes.
fn cmp_unescaped(left: &[u8], right: &[u8]) -> Ordering {
    unescaped(left).map(rank).cmp(unescaped(right).map(rank))
}

/// The bytes of a name that has been read before, up to its quote. They need not be UTF-8: names are put in
/// order before that is known, and a sort may panic where bytes of any kind have no order.
fn unescaped(content: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = content;
    let pieces = core::iter::from_fn(move || {
        let mut bytes = [0; 4];
        let (count, length) = match rest.first()? {
            b'"' => return None,
            b'\\' => {
                let (character, length) = unescape(rest, 0).ok()?;
                (character.encode_utf8(&mut bytes).len(), length)
            }
            byte => {
                bytes[0] = *byte;
                (1, 1)
            }
        };
        rest = &rest[length..];
        Some(bytes.into_iter().take(count))
    });
    pieces.flatten()
}

/// How long the escape at a place is, and whether canonical text has it.
#[inline]
fn measure_escape(text: &[u8], at: usize) -> Result<(usize, Escapes), Error> {
    // Text is full of these. Where they were decoded to be compared, code of 4 KB took 3.69 times the raw
    // hash instead of 2.28 (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- 'code, 4 KB'`).
    if let Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') = text.get(at + 1) {
        return Ok((2, Escapes::Canonical));
    }
    let (character, length) = unescape(text, at)?;
    let is_canonical = escape::is_canonical(character, &text[at..at + length]);
    let escapes = if is_canonical {
        Escapes::Canonical
    } else {
        Escapes::Other
    };
    Ok((length, escapes))
}

/// The character that the escape at a place stands for (RFC 8259 section 7), and the escape's length.
fn unescape(text: &[u8], at: usize) -> Result<(char, usize), Error> {
    let short = match text.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unit(text, at),
        Some(_) => return Err(invalid(at, "no escape of JSON has this letter")),
        None => return Err(invalid(text.len(), "the text ends within a string")),
    };
    Ok((short, 2))
}

/// An escape of four digits, or a pair of them, which are UTF-16 code units.
fn unescape_unit(text: &[u8], at: usize) -> Result<(char, usize), Error> {
    let first = code_unit(text, at)?;
    let half = || invalid(at, "half a surrogate pair stands for no character");
    match first {
        0xd800..0xdc00 => {
            if !text[at + 6..].starts_with(b"\\u") {
                return Err(half());
            }
            let pair = [first, code_unit(text, at + 6)?];
            match char::decode_utf16(pair).next() {
                Some(Ok(character)) => Ok((character, 12)),
                _ => Err(half()),
            }
        }
        _ => match char::from_u32(first.into()) {
            Some(character) => Ok((character, 6)),
            None => Err(half()),
        },
    }
}

/// The code unit of an escape that starts with `\u`.
fn code_unit(text: &[u8], at: usize) -> Result<u16, Error> {
    let mut unit = 0;
    for place in at + 2..at + 6 {
        let digit = text
            .get(place)
            .and_then(|byte| char::from(*byte).to_digit(16));
        let Some(digit) = digit else {
            let offset = place.min(text.len());
            return Err(invalid(offset, "`\\u` is followed by four hex digits"));
        };
        unit = unit << 4 | digit;
    }
    Ok(u16::try_from(unit).unwrap_or_default())
}

#[cold]
fn invalid(offset: usize, reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidJson, reason).at_offset(offset)
}

/// An object or array that is open.
enum Level {
    /// Where the name of the member begins whose value is being read.
    Object { name: usize },
    /// How many elements come before the one that is being read.
    Array { index: usize },
}

impl Level {
    fn bracket(&self) -> Bracket {
        match self {
            Self::Object { .. } => Bracket::Object,
            Self::Array { .. } => Bracket::Array,
        }
    }

    /// The segment of a JSON Pointer to what is being read.
    fn segment(&self, text: &[u8]) -> String {
        match self {
            Self::Object { name } => name_at(text, *name),
            Self::Array { index } => alloc::format!("{index}"),
        }
    }
}

/// What is open, the innermost last. There are never more, so that they need no allocation: beside the hash, a chat
/// of 300 B takes 13200 instructions, and took 13800 where what is open and each block of distances had one of its
/// own (callgrind of what `cargo bench -p agentidemp-bench --bench key -- '300 B'` measures).
type Levels = ArrayVec<Level, MAX_DEPTH>;

/// The name whose quote stands at a place; as much of it as can be read.
pub(crate) fn name_at(text: &[u8], quote: usize) -> String {
    let content = text.get(quote + 1..).unwrap_or_default();
    characters(content).collect()
}

/// Reads one value and tells a visitor of it; `depth` objects and arrays are open around the text.
///
/// # Errors
///
/// Where the text is no JSON value, or nests too deep; with the offset and the pointer.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    depth: usize,
    visitor: &mut impl Visitor,
) -> Result<(), Failure> {
    let mut levels = ArrayVec::new();
    read_value(reader, depth, visitor, &mut levels).map_err(|mut failure| {
        for level in levels.iter().rev() {
            failure.add_segment(&level.segment(reader.text));
        }
        failure
    })
}

fn read_value(
    reader: &mut Reader<'_>,
    depth: usize,
    visitor: &mut impl Visitor,
    levels: &mut Levels,
) -> Result<(), Failure> {
    loop {
        let opened = match reader.peek() {
            Some(b'{') => Some(Bracket::Object),
            Some(b'[') => Some(Bracket::Array),
            Some(b'"') => {
                visitor.scalar(Scalar::String(reader.string()?));
                None
            }
            Some(b'-' | b'0'..=b'9') => {
                let (number, notation) = reader.number()?;
                visitor.scalar(Scalar::Number(number, notation));
                None
            }
            _ => {
                visitor.scalar(Scalar::Literal(reader.literal()?));
                None
            }
        };
        if let Some(bracket) = opened {
            if depth + levels.len() == MAX_DEPTH {
                return Err(Error::too_deep().at_offset(reader.at).into());
            }
            visitor.begin(bracket, reader.at);
            reader.at += 1;
            if !reader.skip(bracket.closing()) {
                levels.push(match bracket {
                    Bracket::Object => Level::Object {
                        name: read_name(reader, visitor)?,
                    },
                    Bracket::Array => Level::Array { index: 0 },
                });
                continue;
            }
            visitor.end(reader.at - 1)?;
        }
        if !read_to_next_value(reader, visitor, levels)? {
            return Ok(());
        }
    }
}

/// Reads what stands between a value and the next one; false where there is no next one.
fn read_to_next_value(
    reader: &mut Reader<'_>,
    visitor: &mut impl Visitor,
    levels: &mut Levels,
) -> Result<bool, Failure> {
    // What is wrong here lies in the object or array, and in no value of it.
    while let Some(level) = levels.pop() {
        if reader.skip(b',') {
            levels.push(match level {
                Level::Object { .. } => Level::Object {
                    name: read_name(reader, visitor)?,
                },
                Level::Array { index } => Level::Array { index: index + 1 },
            });
            return Ok(true);
        }
        let bracket = level.bracket();
        if !reader.skip(bracket.closing()) {
            return Err(reader.unexpected(bracket.expected()).into());
        }
        visitor.end(reader.at - 1)?;
    }
    Ok(false)
}

/// Reads the name of a member and the `:` behind it. Gives the offset of the name's quote.
fn read_name(reader: &mut Reader<'_>, visitor: &mut impl Visitor) -> Result<usize, Failure> {
    if reader.peek() != Some(b'"') {
        return Err(reader.unexpected("the name of a member").into());
    }
    let quote = reader.at;
    let name = reader.string()?;
    if !reader.skip(b':') {
        return Err(reader.unexpected("`:`").into());
    }
    visitor.name(&name);
    Ok(quote)
}
