//! [`NotCanonicalError`]: why bytes are not those of a request.

use alloc::borrow::Cow;
use alloc::string::ToString;
use core::fmt;

use crate::Error;

/// Why bytes are not the [canonical bytes](crate::IdempotencyKey::canonical_bytes) of a request,
/// and where.
///
/// ```
/// let error = agentidemp::explain::describe_bytes(br#"{"b":1,"a":2}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "byte 7 of the text: the names of the members do not ascend; \
///      the text is JSON: `explain_json` takes bodies as they were sent"
/// );
/// assert_eq!(error.position(), 7);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCanonicalError {
    text: &'static str,
    position: usize,
    reason: Cow<'static, str>,
    /// Whether the text is one JSON value as it stands.
    is_json: bool,
}

impl NotCanonicalError {
    pub(super) fn new(position: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: "the text",
            position,
            reason: reason.into(),
            is_json: false,
        }
    }

    /// Says whether the text is one JSON value.
    pub(super) fn of_value(mut self, is_json: bool) -> Self {
        self.is_json = is_json;
        self
    }

    /// The text is no JSON.
    pub(super) fn of_json(error: &Error) -> Self {
        Self::new(
            error.offset().unwrap_or_default(),
            error.reason().to_string(),
        )
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

    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for NotCanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "byte {} of {}: {}",
            self.position, self.text, self.reason
        )?;
        if self.is_json {
            f.write_str("; the text is JSON: `explain_json` takes bodies as they were sent")?;
        }
        Ok(())
    }
}

impl core::error::Error for NotCanonicalError {}
