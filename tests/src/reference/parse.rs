//! JSON text (RFC 8259) to a tree, by recursive descent: a function for each rule of the grammar.

use std::str;

use super::{Fault, Kind, Member, Node, Text, Value};

/// How many objects and arrays may be open at one place.
pub(super) const DEPTH: usize = 128;

pub(super) fn parse(body: &[u8]) -> Result<Node, Fault> {
    let text = match str::from_utf8(body) {
        Ok(text) => return parse_text(text),
        Err(error) => &body[..error.valid_up_to()],
    };
    // What comes before the bad byte may be wrong already; else the bad byte is.
    let before = str::from_utf8(text).expect("it is UTF-8 up to there");
    Err(parse_text(before).err().unwrap_or(Fault {
        offset: before.len(),
        kind: Kind::InvalidJson,
    }))
}

fn parse_text(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { text, at: 0 };
    parser.white_space();
    let node = parser.value(0)?;
    parser.white_space();
    if parser.at == text.len() {
        Ok(node)
    } else {
        parser.fail()
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    /// The text is not JSON, whatever follows this place.
    fn fail<T>(&self) -> Result<T, Fault> {
        Err(self.fault(Kind::InvalidJson))
    }

    fn fault(&self, kind: Kind) -> Fault {
        Fault {
            offset: self.at,
            kind,
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over the character if it is the next one.
    fn take(&mut self, character: char) -> bool {
        let taken = self.peek() == Some(character);
        if taken {
            self.at += character.len_utf8();
        }
        taken
    }

    fn expect(&mut self, character: char) -> Result<(), Fault> {
        if self.take(character) {
            Ok(())
        } else {
            self.fail()
        }
    }

    fn white_space(&mut self) {
        while [' ', '\t', '\n', '\r']
            .into_iter()
            .any(|space| self.take(space))
        {}
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        let offset = self.at;
        let value = match self.peek() {
            Some('n') => self.word("null", Value::Null),
            Some('t') => self.word("true", Value::Bool(true)),
            Some('f') => self.word("false", Value::Bool(false)),
            Some('"') => self.string().map(Value::String),
            Some('-' | '0'..='9') => self.number().map(Value::Number),
            Some('[' | '{') if depth == DEPTH => Err(self.fault(Kind::TooDeep)),
            Some('[') => self.array(depth + 1).map(Value::Array),
            Some('{') => self.object(depth + 1).map(Value::Object),
            _ => self.fail(),
        }?;
        Ok(Node { offset, value })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Fault> {
        if !self.rest().starts_with(word) {
            return self.fail();
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let mut elements = Vec::new();
        self.expect('[')?;
        self.white_space();
        if self.take(']') {
            return Ok(elements);
        }
        loop {
            self.white_space();
            elements.push(self.value(depth)?);
            self.white_space();
            if self.take(']') {
                return Ok(elements);
            }
            self.expect(',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, Fault> {
        let mut members = Vec::new();
        self.expect('{')?;
        self.white_space();
        if self.take('}') {
            return Ok(members);
        }
        loop {
            self.white_space();
            members.push(self.member(depth)?);
            self.white_space();
            if self.take('}') {
                return Ok(members);
            }
            self.expect(',')?;
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member, Fault> {
        let offset = self.at;
        let name = self.string()?;
        self.white_space();
        self.expect(':')?;
        self.white_space();
        let value = self.value(depth)?;
        Ok(Member {
            offset,
            name,
            value,
        })
    }

    /// The text of a number.
    fn number(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        Ok(self.text[start..self.at].to_owned())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return self.fail();
        }
        self.at += digits;
        Ok(())
    }

    fn string(&mut self) -> Result<Text, Fault> {
        self.expect('"')?;
        let mut units = Vec::new();
        // Where each unit is, to say which one is half a pair.
        let mut offsets = Vec::new();
        loop {
            let offset = self.at;
            match self.peek() {
                Some('"') => break,
                Some('\\') => units.push(self.escape()?),
                Some('\u{20}'..) => units.extend_from_slice(self.raw().encode_utf16(&mut [0; 2])),
                _ => return self.fail(),
            }
            offsets.resize(units.len(), offset);
        }
        self.expect('"')?;
        let half = half_a_pair(&units).map(|index| offsets[index]);
        Ok(Text { units, half })
    }

    /// Passes over a character that stands for itself.
    fn raw(&mut self) -> char {
        let character = self.peek().expect("there is one");
        self.at += character.len_utf8();
        character
    }

    fn escape(&mut self) -> Result<u16, Fault> {
        const SHORT: [(char, u16); 8] = [
            ('"', 0x22),
            ('\\', 0x5c),
            ('/', 0x2f),
            ('b', 0x08),
            ('f', 0x0c),
            ('n', 0x0a),
            ('r', 0x0d),
            ('t', 0x09),
        ];
        let start = self.at;
        self.expect('\\')?;
        for (letter, unit) in SHORT {
            if self.take(letter) {
                return Ok(unit);
            }
        }
        match self.peek() {
            Some('u') => self.at += 1,
            Some(_) => {
                self.at = start;
                return self.fail();
            }
            None => return self.fail(),
        }
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|character| character.to_digit(16)) else {
                return self.fail();
            };
            self.at += 1;
            unit = unit * 16 + u16::try_from(digit).expect("a digit is below 16");
        }
        Ok(unit)
    }
}

/// The index of the first surrogate without its other half.
fn half_a_pair(units: &[u16]) -> Option<usize> {
    let mut index = 0;
    for character in char::decode_utf16(units.iter().copied()) {
        index += match character {
            Ok(character) => character.len_utf16(),
            Err(_) => return Some(index),
        };
    }
    None
}
