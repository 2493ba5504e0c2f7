//! [`RunError`]: why a call has no answer.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::convert::Infallible;
use core::error::Error;
use core::fmt::{self, Debug, Display};
use core::time::Duration;
use std::time::SystemTime;

use super::StoreError;

/// Why a call has no answer.
///
/// It is an error for every `E` that can be shown, so `?` turns it into a `Box<dyn Error>` or an
/// `anyhow::Error`, whatever the work fails with. `V` is the type of the answers.
///
/// ```
/// use agentidemp::dedup::{RunError, blocking::Dedup};
///
/// let dedup: Dedup<u32> = Dedup::builder().build();
/// let key = agentidemp::sha256_hex(b"question");
/// match dedup.run(&key, |_| Err("try again later")) {
///     Err(RunError::Work(error)) => assert_eq!(error, "try again later"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum RunError<E, V> {
    /// The caller's own work ran and failed with this. It is not remembered.
    Work(E),
    /// The work of another caller, for which this one waited, failed. This one's work did not run;
    /// to run it, call again.
    Shared(SharedError),
    /// Somebody else has been doing the work for as long as this caller was ready to wait.
    #[non_exhaustive]
    InProgress {
        /// How long the other claim lasts unless it is renewed.
        retry_after: Duration,
    },
    /// An attempt was interrupted, and nobody knows whether it did the work. It stays so until
    /// somebody resolves it.
    #[non_exhaustive]
    OutcomeUnknown {
        /// The number of the attempt.
        attempt: u64,
        /// When it began, by the store's clock.
        since: SystemTime,
    },
    /// The store could not be asked. The work did not run.
    Store(StoreError),
    /// The work ran, and this is its answer; but nobody else will be given it.
    #[non_exhaustive]
    NotStored {
        /// The answer.
        answer: V,
        /// Why it was not stored.
        cause: NotStoredCause,
    },
    /// The stored answer cannot be read as a `V`. The work did not run.
    Decode(StoreError),
}

/// Why an answer was not stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum NotStoredCause {
    /// The store failed.
    Store(StoreError),
    /// The claim was lost: it was taken over, or its record was removed.
    Lost,
    /// The answer cannot be written as JSON.
    Encode(StoreError),
    /// The answer is larger than the layer allows.
    #[non_exhaustive]
    TooLarge {
        /// The size of the answer as JSON, in bytes.
        size: usize,
    },
}

/// The error of another caller's work, as text: the error itself is that caller's.
#[derive(Clone)]
pub struct SharedError {
    texts: Arc<Texts>,
}

struct Texts {
    display: String,
    debug: String,
}

impl SharedError {
    pub(super) fn of<E: Debug + Display>(error: &E) -> Self {
        Self {
            texts: Arc::new(Texts {
                display: error.to_string(),
                debug: alloc::format!("{error:?}"),
            }),
        }
    }
}

impl Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts.display)
    }
}

impl Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts.debug)
    }
}

impl Error for SharedError {}

impl<E, V> RunError<E, V> {
    /// The error of the caller's own work, if that is what it is.
    pub fn into_work(self) -> Option<E> {
        match self {
            Self::Work(error) => Some(error),
            _ => None,
        }
    }

    /// What those who waited for the same work are told.
    pub(super) fn share(&self) -> RunError<SharedError, V>
    where
        E: Debug + Display,
        V: Clone,
    {
        self.clone_with(|error| RunError::Shared(SharedError::of(error)))
    }

    fn clone_with<F>(&self, work: impl FnOnce(&E) -> RunError<F, V>) -> RunError<F, V>
    where
        V: Clone,
    {
        match self {
            Self::Work(error) => work(error),
            Self::Shared(error) => RunError::Shared(error.clone()),
            Self::InProgress { retry_after } => RunError::InProgress {
                retry_after: *retry_after,
            },
            Self::OutcomeUnknown { attempt, since } => RunError::OutcomeUnknown {
                attempt: *attempt,
                since: *since,
            },
            Self::Store(error) => RunError::Store(error.clone()),
            Self::NotStored { answer, cause } => RunError::NotStored {
                answer: answer.clone(),
                cause: cause.clone(),
            },
            Self::Decode(error) => RunError::Decode(error.clone()),
        }
    }
}

impl<V: Clone> RunError<Infallible, V> {
    /// The same for a caller whose work did not run, and so did not fail.
    pub(super) fn widen<E>(&self) -> RunError<E, V> {
        self.clone_with(|never| match *never {})
    }
}

impl<V: Clone> RunError<SharedError, V> {
    /// The same for a caller whose work fails with another type: a shared one is never of its own.
    pub(super) fn for_waiter<E>(&self) -> RunError<E, V> {
        self.clone_with(|error| RunError::Shared(error.clone()))
    }
}

impl<E: Display, V> Display for RunError<E, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(error) => Display::fmt(error, f),
            Self::Shared(error) => write!(f, "another caller's work failed: {error}"),
            Self::InProgress { retry_after } => write!(
                f,
                "the work is in progress elsewhere; ask again in {} ms",
                retry_after.as_millis()
            ),
            Self::OutcomeUnknown { attempt, .. } => write!(
                f,
                "attempt {attempt} was interrupted and its outcome is unknown; find out whether it \
                 happened, then call `resolve`"
            ),
            Self::Store(_) => f.write_str("the store could not be asked, and nothing ran"),
            Self::NotStored { cause, .. } => {
                write!(f, "the work ran, but its answer was not stored: {cause}")
            }
            Self::Decode(_) => f.write_str("the stored answer is of another type"),
        }
    }
}

impl<E: Debug, V> Debug for RunError<E, V> {
    /// All but the answer, which does not belong into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(error) => f.debug_tuple("Work").field(error).finish(),
            Self::Shared(error) => f.debug_tuple("Shared").field(error).finish(),
            Self::InProgress { retry_after } => f
                .debug_struct("InProgress")
                .field("retry_after", retry_after)
                .finish(),
            Self::OutcomeUnknown { attempt, since } => f
                .debug_struct("OutcomeUnknown")
                .field("attempt", attempt)
                .field("since", since)
                .finish(),
            Self::Store(error) => f.debug_tuple("Store").field(error).finish(),
            Self::NotStored { cause, .. } => f
                .debug_struct("NotStored")
                .field("cause", cause)
                .finish_non_exhaustive(),
            Self::Decode(error) => f.debug_tuple("Decode").field(error).finish(),
        }
    }
}

impl<E: Debug + Display, V> Error for RunError<E, V> {
    /// The error of the store, where that is why. The work's own error may not be an [`Error`], so
    /// it is shown in its place instead.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) | Self::Decode(error) => Some(error),
            Self::NotStored { cause, .. } => cause.source(),
            _ => None,
        }
    }
}

impl Display for NotStoredCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(_) => f.write_str("the store failed"),
            Self::Lost => f.write_str("the claim was lost"),
            Self::Encode(_) => f.write_str("it cannot be written as JSON"),
            Self::TooLarge { size } => write!(f, "it has {size} bytes, which is too many"),
        }
    }
}

impl Error for NotStoredCause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) | Self::Encode(error) => Some(error),
            _ => None,
        }
    }
}
