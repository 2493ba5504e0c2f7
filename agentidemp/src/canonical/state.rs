//! [`Progress`]: what the encoder is ready for, how deep it is in the value, and whether it has failed.
//!
//! | state | what happens | next |
//! |---|---|---|
//! | `Value`, `Unordered`, `JsonText`, `Name`, `Flattened`, `Tagged` | the value is written | `Filled` |
//! | `ScopeMember` | the value is kept for the scope | `Kept` |
//! | `Value`, `Unordered`, `Flattened`, `Tagged` | a builder is opened | `Open`, one level deeper |
//! | `Open` | a member or an element begins | what its rules say: `Value`, `Unordered`, `JsonText`, `ScopeMember` |
//! | `Open` | a name that is a value begins | `Name` |
//! | `Open` | a value begins whose members go up in this object | `Flattened`, `Tagged` |
//! | `Filled`, `Kept` | the member or element ends, at the level of its builder | `Open` |
//! | `Open` | the builder is finished | `Filled`, one level up |
//! | any | code of somebody else begins a text | `Poisoned`, until the text is whole |
//! | any | anything else | `Failed`, for good |
//!
//! Somebody may catch a panic in the middle of a value. Then the state is `Poisoned`, or the level is that of a
//! builder within, and nothing else can stand in for the rest.

use alloc::boxed::Box;

use crate::error::Failure;
use crate::text::reader::MAX_DEPTH;
use crate::{Error, ErrorKind};

/// How many pointers nest within each other. With the brackets between them, their calls fit on a stack
/// of 512 KiB, in debug builds too.
pub(crate) const MAX_POINTERS: usize = 512;

/// Why a caught panic is an error.
const HALF_WRITTEN: &str = "the text of a `Display` was not written to its end";

/// What the encoder is ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A value.
    Value,
    /// An array whose elements have no order, or `null`.
    Unordered,
    /// A string that holds JSON text, or `null`.
    JsonText,
    /// The value of a scope field, which is not in the payload.
    ScopeMember,
    /// The name of a member, which is given as a value.
    Name,
    /// The members of an object that goes up in the one around it: a flattened field.
    Flattened,
    /// As `Flattened`, for a variant of an internally tagged enum: serde takes no `Option` here.
    Tagged,
    /// A member, an element, or the end of the builder that is open.
    Open,
    /// The end of the member or element, whose value is written.
    Filled,
    /// As `Filled`, for a value that is the scope's.
    Kept,
    /// Nothing but the rest of a text.
    Poisoned,
    /// Nothing more.
    Failed,
}

/// How a member or element has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    InPayload,
    InScope,
    Failed,
}

/// How far the encoder is.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) state: State,
    /// How many builders are open.
    level: usize,
    /// How many brackets are open.
    depth: usize,
    /// How many pointers, and newtypes and options of serde, the value that comes next is within.
    pointers: usize,
    /// The first failure. It sticks.
    failure: Option<Box<Failure>>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            state: State::Value,
            level: 0,
            depth: 0,
            pointers: 0,
            failure: None,
        }
    }

    /// Goes to a state, unless there is a failure.
    #[inline]
    pub(super) fn go(&mut self, state: State) {
        if self.state != State::Failed {
            self.state = state;
        }
    }

    /// Opens a builder, and gives the level of what stands in it.
    #[inline]
    pub(super) fn open(&mut self) -> usize {
        self.go(State::Open);
        self.level += 1;
        self.level
    }

    /// Whether a builder may go on: nothing has failed, and the builder is not finished.
    #[inline]
    pub(super) fn is_open(&mut self) -> bool {
        let is_open = self.state == State::Open;
        if !is_open {
            self.refuse_step();
        }
        is_open
    }

    /// Ends a builder: the value is written.
    #[inline]
    pub(super) fn finish(&mut self) {
        self.go(State::Filled);
        self.level = self.level.saturating_sub(1);
    }

    /// Ends a member or element of the builder at a level.
    #[inline]
    pub(super) fn end(&mut self, level: usize) -> Ended {
        if self.state == State::Filled && self.level == level {
            self.state = State::Open;
            return Ended::InPayload;
        }
        self.end_other(level)
    }

    #[cold]
    fn end_other(&mut self, level: usize) -> Ended {
        if self.state == State::Kept && self.level == level {
            self.state = State::Open;
            return Ended::InScope;
        }
        self.check_filled(level);
        Ended::Failed
    }

    /// Fails unless exactly one value was written at a level: not where a builder in it was left open, by
    /// a panic that somebody caught.
    pub(super) fn check_filled(&mut self, level: usize) {
        if self.state == State::Filled && self.level == level {
            return;
        }
        self.misuse(match self.state {
            State::Poisoned => HALF_WRITTEN,
            State::Open | State::Filled | State::Kept => "a builder was not finished",
            _ => "no value was written",
        });
    }

    #[cold]
    fn refuse_step(&mut self) {
        self.misuse(match self.state {
            State::Poisoned => HALF_WRITTEN,
            _ => "a builder was used after `finish`",
        });
    }

    /// Refuses a value that does not fit where it stands.
    #[cold]
    pub(super) fn refuse_value(&mut self, what: &str) {
        let (kind, reason) = match self.state {
            State::Name => (
                ErrorKind::InvalidMemberName,
                "cannot be the name of a member",
            ),
            State::Flattened | State::Tagged => (
                ErrorKind::NotMergeable,
                "has no members that could be merged into the object around it",
            ),
            State::Unordered => (
                ErrorKind::NotAnArray,
                "is no array, whose elements could have no order",
            ),
            State::JsonText => (ErrorKind::InvalidJson, "is no string that holds JSON text"),
            State::ScopeMember => (
                ErrorKind::InvalidScope,
                "is no string, integer or boolean, as a scope member is",
            ),
            State::Value
            | State::Open
            | State::Filled
            | State::Kept
            | State::Poisoned
            | State::Failed => (
                ErrorKind::Misuse,
                "stands where a value was already written or a builder is still open",
            ),
        };
        self.fail(Error::new(kind, alloc::format!("{what} {reason}")));
    }

    fn misuse(&mut self, reason: &'static str) {
        self.fail(Error::new(ErrorKind::Misuse, reason));
    }

    /// Writes a value in a state and at a level of its own, and goes back to the state before.
    ///
    /// If a panic in it is caught, no other value can stand in for it.
    pub(super) fn begin_apart(&mut self, state: State) -> (State, usize) {
        let before = self.state;
        self.go(state);
        self.level += 1;
        (before, self.level)
    }

    /// Ends what [`begin_apart`](Self::begin_apart) began.
    pub(super) fn end_apart(&mut self, (before, level): (State, usize)) {
        self.check_filled(level);
        self.level -= 1;
        self.go(before);
    }

    /// Opens an object or array, which is not merged into another.
    #[inline]
    pub(super) fn open_bracket(&mut self) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.fail(Error::too_deep());
        }
    }

    #[inline]
    pub(super) fn close_bracket(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// How many objects and arrays are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether one more pointer can nest; if not, that is the failure.
    #[inline]
    pub(super) fn enter_pointer(&mut self) -> bool {
        if self.pointers == MAX_POINTERS {
            self.fail(Error::too_many_pointers());
            return false;
        }
        self.pointers += 1;
        true
    }

    #[inline]
    pub(super) fn leave_pointer(&mut self) {
        self.pointers -= 1;
    }

    #[inline]
    pub(super) fn has_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Keeps the first failure.
    #[cold]
    pub(super) fn fail(&mut self, failure: impl Into<Failure>) {
        if self.failure.is_none() {
            self.failure = Some(Box::new(failure.into()));
        }
        self.state = State::Failed;
    }

    /// Says that the failure lies within the member or element `name`.
    #[cold]
    pub(super) fn add_segment(&mut self, name: &str) {
        if let Some(failure) = &mut self.failure {
            failure.add_segment(name);
        }
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        Some(self.failure.take()?.into_error())
    }
}
