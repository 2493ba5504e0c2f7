//! [`NotCanonicalError`]: why bytes are not those of a request.

use core::fmt;

/// Why bytes are not the [canonical bytes](crate::IdempotencyKey::canonical_bytes) of a request,
/// and where.
///
/// ```
/// let error = agentidemp::explain::describe_bytes(br#"{"b":1,"a":2}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "byte 7 of the text: the names of the members do not ascend"
/// );
/// assert_eq!(error.position(), 7);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCanonicalError {
    text: &'static str,
    position: usize,
    reason: &'static str,
}

impl NotCanonicalError {
    pub(super) fn new(position: usize, reason: &'static str) -> Self {
        Self {
            text: "the text",
            position,
            reason,
        }
    }

    /// Says which of several texts it is.
    pub(super) fn of(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    /// The byte from which on the text is not canonical, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    pub(super) fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for NotCanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "byte {} of {}: {}",
            self.position, self.text, self.reason
        )
    }
}

impl core::error::Error for NotCanonicalError {}
