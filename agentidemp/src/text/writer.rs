//! [`Writer`]: takes canonical text bit by bit and hands it on in whole blocks. It knows nothing of
//! JSON.

use alloc::vec::Vec;
use core::{fmt, mem};

use sha2::{Digest, Sha256};

use super::short;

/// How much goes to the hash at once: two of its blocks of 64 bytes.
///
/// A processor makes the next text while it hashes the last one, as far as it looks ahead. The more
/// goes to the hash at once, the longer it has nothing to hash; the less, the more the calls cost: with 256 a
/// chat of 300 B took 2.03 times the raw hash instead of 1.85, with 64 one of 100 KB 1.31 instead of 1.26 (AMD EPYC
/// of Zen 3, best of 400, as `cargo bench -p agentidemp-bench --bench key` measures).
const BLOCK: usize = 128;

/// How much more must be there before a block goes to the hash. The processor is slow to read what it
/// has just written in other portions: without it, a chat of 100 KB took 1.29 times the raw hash instead of 1.26 (as
/// above).
const DELAY: usize = 64;

/// How much is kept before the buffer is used from its start again: a whole number of blocks.
const BUFFER: usize = 3 * BLOCK;

/// How much [`Writer::write_with`] can take at once.
pub(crate) const ROOM: usize = 192;

/// Where the text goes in the end.
pub(crate) enum Drain {
    Digest(Sha256),
    Bytes(Vec<u8>),
}

/// Aligned, so that its place in the cache's lines is the same in every process: the stack begins
/// elsewhere in each, and in every other one an array of floats took a tenth longer (Sapphire Rapids,
/// `cargo bench -p agentidemp-bench --bench key -- '1536 f32'` in 24 processes; on Zen 3 it makes no difference).
#[repr(align(64))]
pub(crate) struct Writer {
    /// Blocks, and room behind them for what makes them due.
    buffer: [u8; BUFFER + DELAY + ROOM],
    /// The end of what has been passed on: a whole number of blocks.
    passed: usize,
    /// The end of the text: between two writes, less than `BLOCK + DELAY` more than `passed`.
    filled: usize,
    output: Output,
}

struct Output {
    drain: Drain,
    /// Where the text goes instead of the drain, between `divert` and `restore`.
    diverted: Option<Vec<u8>>,
}

impl Output {
    fn write(&mut self, bytes: &[u8]) {
        match (&mut self.diverted, &mut self.drain) {
            (Some(text), _) | (None, Drain::Bytes(text)) => text.extend_from_slice(bytes),
            (None, Drain::Digest(digest)) => digest.update(bytes),
        }
    }
}

impl Writer {
    pub(crate) fn new(drain: Drain) -> Self {
        Self {
            buffer: [0; BUFFER + DELAY + ROOM],
            passed: 0,
            filled: 0,
            output: Output {
                drain,
                diverted: None,
            },
        }
    }

    /// Writes text of any length.
    #[inline]
    pub(crate) fn write(&mut self, text: &[u8]) {
        match text.len() {
            0..=short::LENGTH => self.write_prefix(&short::load(text).to_le_bytes(), text.len()),
            _ => self.write_long(text),
        }
    }

    /// Writes text whose length is known where the code is compiled.
    #[inline]
    pub(crate) fn write_fixed<const N: usize>(&mut self, text: &[u8; N]) {
        self.write_prefix(text, N);
    }

    /// Writes the first bytes of `text`.
    #[inline]
    pub(crate) fn write_prefix<const N: usize>(&mut self, text: &[u8; N], length: usize) {
        self.write_with(|room| {
            room[..N].copy_from_slice(text);
            length
        });
    }

    /// Writes what `write` puts at the start of the room that it gets, and returns how much that is, as
    /// `write` says.
    #[inline]
    pub(crate) fn write_with(&mut self, write: impl FnOnce(&mut [u8; ROOM]) -> usize) -> usize {
        let start = self.filled;
        let Some(room) = self
            .buffer
            .get_mut(start..start + ROOM)
            .and_then(<[u8]>::first_chunk_mut)
        else {
            unreachable!("behind less than BLOCK + DELAY bytes there is room");
        };
        let written = write(room);
        self.filled = start + written;
        if self.filled - self.passed >= BLOCK + DELAY {
            self.pass_blocks();
        }
        written
    }

    /// Writes the first bytes of `text`, after a `,` if it is not the first element of an array.
    #[inline]
    pub(crate) fn write_element(&mut self, index: usize, text: &[u8], length: usize) {
        let comma = usize::from(index > 0);
        self.write_with(|room| {
            room[0] = b',';
            room[comma..][..text.len()].copy_from_slice(text);
            comma + length
        });
    }

    /// Passes on the full blocks, and goes back to the start of the buffer behind the last.
    #[inline(never)]
    fn pass_blocks(&mut self) {
        while self.filled - self.passed >= BLOCK + DELAY {
            self.output.write(&self.buffer[self.passed..][..BLOCK]);
            self.passed += BLOCK;
        }
        if self.passed >= BUFFER {
            self.buffer.copy_within(self.passed..self.filled, 0);
            self.filled -= self.passed;
            self.passed = 0;
        }
    }

    #[inline(never)]
    fn write_long(&mut self, text: &[u8]) {
        if text.len() <= ROOM {
            self.write_copy(text);
        } else {
            self.write_through(text);
        }
    }

    /// Writes text of at most [`ROOM`] bytes.
    #[inline]
    pub(crate) fn write_copy(&mut self, text: &[u8]) {
        self.write_with(|room| {
            room[..text.len()].copy_from_slice(text);
            text.len()
        });
    }

    /// Passes on what makes whole blocks without a copy, and keeps the rest.
    fn write_through(&mut self, text: &[u8]) {
        let kept = self.filled - self.passed;
        let (start, rest) = text.split_at(kept.next_multiple_of(BLOCK) - kept);
        self.buffer[self.filled..][..start.len()].copy_from_slice(start);
        self.filled += start.len();
        self.flush();
        let (whole, tail) = rest.split_at(rest.len() - rest.len() % BLOCK);
        self.output.write(whole);
        self.write_copy(tail);
    }

    /// Keeps the text from now on at the end of `text`, which is empty.
    ///
    /// What still stands in the buffer becomes the start of `text`, so that the drain goes on getting
    /// whole blocks.
    pub(crate) fn divert(&mut self, text: Vec<u8>) {
        self.output.diverted = Some(text);
    }

    /// Ends what [`divert`](Self::divert) began, and gives back the text since.
    pub(crate) fn restore(&mut self) -> Vec<u8> {
        self.flush();
        self.output.diverted.take().unwrap_or_default()
    }

    /// The text since [`divert`](Self::divert).
    pub(crate) fn diverted(&mut self) -> &mut Vec<u8> {
        self.flush();
        self.output.diverted.get_or_insert_default()
    }

    /// How long the text since [`divert`](Self::divert) is.
    pub(crate) fn position(&self) -> usize {
        self.output.diverted.as_ref().map_or(0, Vec::len) + self.filled - self.passed
    }

    /// Ends the text: takes it out, or its digest.
    pub(crate) fn finish(&mut self) -> Drain {
        self.flush();
        mem::replace(&mut self.output.drain, Drain::Bytes(Vec::new()))
    }

    fn flush(&mut self) {
        self.output.write(&self.buffer[self.passed..self.filled]);
        self.passed = 0;
        self.filled = 0;
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use sha2::{Digest, Sha256};

    use super::{BLOCK, BUFFER, DELAY, Drain, ROOM, Writer};

    /// What comes out is what went in: so much text, and then so much more at once.
    fn assert_whole(text: &[u8], before: usize) {
        for drain in [Drain::Bytes(Vec::new()), Drain::Digest(Sha256::new())] {
            let mut writer = Writer::new(drain);
            for byte in &text[..before] {
                writer.write(&[*byte]);
            }
            writer.write(&text[before..]);
            match writer.finish() {
                Drain::Bytes(bytes) => assert_eq!(bytes, text),
                Drain::Digest(digest) => assert_eq!(digest.finalize(), Sha256::digest(text)),
            }
        }
    }

    #[test]
    fn text_of_any_length_comes_out_whole_whatever_stands_before_it() {
        let text: Vec<_> = (0..=u8::MAX).cycle().take(100_000).collect();
        for before in 0..=BUFFER + DELAY {
            for length in [
                0,
                1,
                15,
                16,
                17,
                BLOCK - 1,
                BLOCK,
                ROOM,
                ROOM + 1,
                500,
                1000,
            ] {
                assert_whole(&text[..before + length], before);
            }
        }
        for before in [0, 1, BLOCK, BLOCK + DELAY - 1, BUFFER] {
            assert_whole(&text, before);
        }
    }
}
