//! [`Writer`]: takes canonical text piece by piece and hands it on in whole blocks. It knows nothing of
//! JSON.

use alloc::vec::Vec;
use core::{fmt, mem};

use sha2::{Digest, Sha256};

use super::short;

/// A whole number of SHA-256 blocks of 64 bytes, so that the hash never has to keep a part of one.
const BLOCK: usize = 256;

/// How much [`Writer::write_with`] can take at once.
pub(super) const ROOM: usize = 128;

/// Where the text goes in the end.
pub(crate) enum Drain {
    Digest(Sha256),
    Bytes(Vec<u8>),
}

pub(crate) struct Writer {
    /// A block, and room behind it for what fills it.
    block: [u8; BLOCK + ROOM],
    /// Less than `BLOCK` between two writes.
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
            block: [0; BLOCK + ROOM],
            filled: 0,
            output: Output {
                drain,
                diverted: None,
            },
        }
    }

    #[inline]
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        match bytes.len() {
            0..=short::LENGTH => self.write_with(|room| {
                if let Some(place) = room.first_chunk_mut() {
                    *place = short::load(bytes).to_le_bytes();
                }
                bytes.len()
            }),
            _ => self.write_through(bytes),
        }
    }

    /// Writes what `write` puts to the head of the room that it gets; it returns how much that is.
    #[inline]
    pub(super) fn write_with(&mut self, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
        if let Some(room) = self.block[self.filled..].first_chunk_mut() {
            self.filled += write(room);
        }
        if self.filled >= BLOCK {
            self.pass_block();
        }
    }

    /// Passes on a full block, and begins the next with what stands behind it.
    #[inline(never)]
    fn pass_block(&mut self) {
        self.output.write(&self.block[..BLOCK]);
        self.block.copy_within(BLOCK..self.filled, 0);
        self.filled -= BLOCK;
    }

    /// Passes on what makes whole blocks without a copy, and keeps the rest.
    #[inline(never)]
    fn write_through(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        if end < BLOCK {
            self.block[self.filled..end].copy_from_slice(bytes);
            self.filled = end;
            return;
        }
        let (head, rest) = bytes.split_at(BLOCK - self.filled);
        self.block[self.filled..BLOCK].copy_from_slice(head);
        self.output.write(&self.block[..BLOCK]);
        let (whole, tail) = rest.split_at(rest.len() - rest.len() % BLOCK);
        self.output.write(whole);
        self.block[..tail.len()].copy_from_slice(tail);
        self.filled = tail.len();
    }

    /// Keeps the text from now on at the end of `text`, which is empty.
    ///
    /// What still stands in the block becomes the head of `text`, so that the drain goes on getting
    /// whole blocks.
    pub(super) fn divert(&mut self, text: Vec<u8>) {
        self.output.diverted = Some(text);
    }

    /// Ends what [`divert`](Self::divert) began, and gives back the text since.
    pub(super) fn restore(&mut self) -> Vec<u8> {
        self.flush();
        self.output.diverted.take().unwrap_or_default()
    }

    /// The text since [`divert`](Self::divert).
    pub(super) fn diverted(&mut self) -> &mut Vec<u8> {
        self.flush();
        self.output.diverted.get_or_insert_default()
    }

    /// How long the text since [`divert`](Self::divert) is.
    pub(super) fn position(&self) -> usize {
        self.output.diverted.as_ref().map_or(0, Vec::len) + self.filled
    }

    /// Ends the text: takes it out, or its digest.
    pub(super) fn finish(&mut self) -> Drain {
        self.flush();
        mem::replace(&mut self.output.drain, Drain::Bytes(Vec::new()))
    }

    fn flush(&mut self) {
        self.output.write(&self.block[..self.filled]);
        self.filled = 0;
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
