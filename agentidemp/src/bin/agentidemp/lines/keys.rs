//! The keys of a block of lines.

use agentidemp::{Error, Identity, Key};
use memchr::memchr;

use crate::failure::Position;

/// What the lines of a block give, in order.
pub(super) struct Keys {
    pub(super) keys: Vec<Result<Key, BadLine>>,
    /// How long the block is.
    pub(super) bytes: usize,
}

/// A line that has no key.
pub(super) struct BadLine {
    pub(super) error: Error,
    /// Where in the line, from 1, in characters.
    pub(super) column: Option<usize>,
}

impl Keys {
    pub(super) fn of_block(block: &[u8], identity: &Identity) -> Self {
        let keys = lines(block).map(|line| {
            let key = identity.key_of_json(line);
            key.map_err(|error| BadLine::new(line, error))
        });
        Self {
            keys: keys.collect(),
            bytes: block.len(),
        }
    }
}

impl BadLine {
    fn new(line: &[u8], error: Error) -> Self {
        let position = Position::of_error(line, &error);
        Self {
            error,
            column: position.map(|position| position.column),
        }
    }
}

/// The lines, without their ends. Behind the last line end there is no line.
fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let is_over = rest.is_empty();
        rest = after.get(1..).unwrap_or_default();
        (!is_over).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_line_end_ends_a_line_and_starts_none() {
        let cases: [(&str, &[&str]); 5] = [
            ("", &[]),
            ("\n", &[""]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\n\nb", &["a", "", "b"]),
        ];
        for (block, expected) in cases {
            let found: Vec<_> = lines(block.as_bytes()).collect();
            let expected: Vec<_> = expected.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(found, expected);
        }
    }
}
