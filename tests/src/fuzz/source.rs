//! [`Source`]: choices and values out of the bytes of an input.

use arbitrary::Unstructured;
use serde_json::{Map, Value};

/// Names that meet often: of members, and as segments of a pointer.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "0",
    "1",
    "10",
    "",
    "a/b",
    "~",
    "*",
    "é",
    "\u{fb33}",
    "\u{1f600}",
    "\n",
    "\"",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "x:y",
    "50%",
    "\u{0}\u{1f}\u{7f}",
    "\"\\/",
    "e\u{301}",
    "\u{10000}\u{ffff}",
    "null",
    "1",
];

/// Where the bytes are at their end, every choice is the first one.
pub(super) struct Source<'a>(Unstructured<'a>);

impl<'a> Source<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.int_in_range(0..=limit - 1).unwrap_or_default()
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub(super) fn many<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        (0..count).map(|_| make(self)).collect()
    }

    pub(super) fn name(&mut self) -> String {
        self.pick(NAMES).to_owned()
    }

    pub(super) fn text(&mut self) -> String {
        match self.below(8) {
            // Around the encoder's block of 512 bytes.
            7 => "x".repeat(500 + self.below(30)) + self.pick(TEXTS),
            6 => self.0.arbitrary().unwrap_or_default(),
            _ => self.pick(TEXTS).to_owned(),
        }
    }

    /// An integer that a double holds, so that every library of RFC 8785 agrees on its text.
    pub(super) fn integer(&mut self) -> i64 {
        const MAX: i64 = (1 << 53) - 1;
        match self.below(8) {
            7 => MAX - i64::from(self.number() as u8),
            6 => -MAX,
            5 => self.below(1 << 16) as i64,
            _ => self.below(16) as i64 - 3,
        }
    }

    pub(super) fn float(&mut self) -> f64 {
        let float = match self.below(4) {
            3 => f64::from_bits(self.number()),
            _ => self.integer() as f64 / 8.0,
        };
        if float.is_finite() { float } else { 0.5 }
    }

    /// Any JSON value, with so many levels at most.
    pub(super) fn value(&mut self, levels: usize) -> Value {
        match self.below(if levels == 0 { 8 } else { 16 }) {
            0 => Value::Null,
            1 => self.once_in(2).into(),
            2 | 3 => self.integer().into(),
            4 => self.float().into(),
            5..8 => self.text().into(),
            8..12 => self.many(4, |source| source.value(levels - 1)).into(),
            _ => Value::Object(self.members(levels - 1)),
        }
    }

    pub(super) fn members(&mut self, levels: usize) -> Map<String, Value> {
        let members = self.many(5, |source| (source.name(), source.value(levels)));
        members.into_iter().collect()
    }
}
