//! [`Blocks`]: a text in blocks of whole lines.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use memchr::memrchr;

/// So much is read at once. A pipe gives what is there: nobody waits for a block to fill.
const BLOCK: usize = 128 * 1024;

/// Blocks of whole lines, which a longer line makes larger. The last line needs no line end.
pub(super) struct Blocks<R> {
    input: BufReader<R>,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R) -> Self {
        let input = BufReader::with_capacity(BLOCK, input);
        Self { input }
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut block = Vec::new();
        loop {
            let piece = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                piece => piece?,
            };
            let line_end = memrchr(b'\n', piece);
            let taken = line_end.map_or(piece.len(), |at| at + 1);
            block.extend_from_slice(&piece[..taken]);
            self.input.consume(taken);
            if line_end.is_some() || taken == 0 {
                return Ok(block);
            }
        }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(block) if block.is_empty() => None,
            block => Some(block),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Blocks};

    fn blocks(text: &str) -> Vec<Vec<u8>> {
        Blocks::new(text.as_bytes()).flatten().collect()
    }

    #[test]
    fn a_block_ends_with_a_line() {
        let long = "x".repeat(3 * BLOCK) + "\n";
        let short = "y\n".repeat(BLOCK);
        let text = format!("a\nb\n{long}{short}last");
        let blocks = blocks(&text);
        assert_eq!(blocks.concat(), text.as_bytes());
        let whole = blocks.iter().filter(|block| block.ends_with(b"\n"));
        assert_eq!(whole.count(), blocks.len() - 1);
        let large = blocks.iter().filter(|block| block.len() > 2 * BLOCK);
        assert_eq!(large.count(), 1);
    }

    #[test]
    fn nothing_is_no_block() {
        assert!(blocks("").is_empty());
        assert_eq!(blocks("\n"), [b"\n"]);
    }
}
