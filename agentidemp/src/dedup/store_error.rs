//! [`StoreError`]: what a store could not do.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

use crate::printable::Harmless;

/// What a store could not do, and why.
///
/// ```
/// use agentidemp::dedup::store::{StoreError, StoreErrorKind};
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// let error = StoreError::unavailable("the server does not answer").with_source(refused);
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
/// assert_eq!(error.to_string(), "the server does not answer");
/// assert!(std::error::Error::source(&error).is_some());
/// ```
#[derive(Clone)]
pub struct StoreError {
    inner: Arc<Inner>,
}

struct Inner {
    kind: StoreErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of thing went wrong: the part of a [`StoreError`] that a program can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached, or did not answer in time. The operation may or may not have
    /// happened. Sending it again is safe, and may help.
    Unavailable,
    /// A record cannot be read: it was written by something else, or by a version to come. Sending
    /// the operation again does not help.
    Corrupt,
    /// The answer is larger than the store takes.
    TooLarge,
    /// The store is set up in a way that it cannot work with: no table, no permission, a setting.
    Misconfigured,
    /// Anything else.
    Other,
}

impl StoreError {
    /// An error of a kind, with a message that says what happened and what to do.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            inner: Arc::new(Inner {
                kind,
                message,
                source: None,
            }),
        }
    }

    /// [`StoreErrorKind::Unavailable`].
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Unavailable, message)
    }

    /// [`StoreErrorKind::Corrupt`].
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Corrupt, message)
    }

    /// The same error, with what caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind: self.inner.kind,
                message: self.inner.message.clone(),
                source: Some(Arc::from(source.into())),
            }),
        }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.inner.kind
    }
}

/// The message, with what cannot be seen escaped: a part of it can be a server's text, or a record's.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Harmless(&self.inner.message).fmt(f)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.inner.source.as_deref()?;
        Some(source)
    }
}
