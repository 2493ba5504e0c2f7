//! [`Flights`]: which keys have callers in this process that wait for one another. What they wait on
//! is the face's affair: tasks await, threads block.
//!
//! An invalidation takes a flight off the board: those who are in it stay, those who come later start
//! another, and what it brings is not remembered.

use alloc::sync::Arc;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Key;

pub(super) struct Flights<G> {
    board: Mutex<HashMap<Key, Arc<G>>>,
}

/// A caller's place in a flight. `G` is the gate at which those who wait queue up.
pub(super) struct Seat<'a, G> {
    flights: &'a Flights<G>,
    key: Key,
    flight: Arc<G>,
}

impl<G: Default> Flights<G> {
    pub(super) fn new() -> Self {
        Self {
            board: Mutex::default(),
        }
    }

    /// A place in the flight of the key, which starts one if there is none.
    pub(super) fn join(&self, key: Key) -> Seat<'_, G> {
        let flight = self.board().entry(key).or_default().clone();
        Seat {
            flights: self,
            key,
            flight,
        }
    }
}

impl<G> Flights<G> {
    /// Takes the flight of a key off the board, and does `then` before anybody can start another.
    pub(super) fn part_with(&self, key: &Key, then: impl FnOnce()) {
        let mut board = self.board();
        board.remove(key);
        then();
    }

    fn board(&self) -> MutexGuard<'_, HashMap<Key, Arc<G>>> {
        // What is done under the lock leaves the board whole.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<G> Seat<'_, G> {
    pub(super) fn gate(&self) -> &G {
        &self.flight
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    /// Ends the flight. If it was not invalidated, `remember` is done before anybody can start
    /// another. Says whether that was so.
    pub(super) fn land(&self, remember: impl FnOnce()) -> bool {
        let mut board = self.flights.board();
        if !self.is_on(&board) {
            return false;
        }
        remember();
        board.remove(&self.key);
        true
    }

    /// Whether the flight was not invalidated.
    pub(super) fn is_current(&self) -> bool {
        self.is_on(&self.flights.board())
    }

    fn is_on(&self, board: &HashMap<Key, Arc<G>>) -> bool {
        let current = board.get(&self.key);
        current.is_some_and(|current| Arc::ptr_eq(current, &self.flight))
    }
}

impl<G> Drop for Seat<'_, G> {
    /// Whoever is the last to leave clears the board.
    fn drop(&mut self) {
        let mut board = self.flights.board();
        if self.is_on(&board) && Arc::strong_count(&self.flight) == 2 {
            board.remove(&self.key);
        }
    }
}
