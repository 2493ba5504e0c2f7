//! Spans for `tracing`, under the feature of that name. They hold the key, never the content.

use super::Attempt;

/// The work, in a span.
#[cfg(feature = "tracing")]
pub(super) fn in_span<W: Future>(
    attempt: &Attempt,
    work: impl FnOnce() -> W,
) -> impl Future<Output = W::Output> {
    use tracing::Instrument as _;

    let span = span(attempt);
    let work = span.in_scope(work);
    work.instrument(span)
}

/// The work, as it is.
#[cfg(not(feature = "tracing"))]
pub(super) fn in_span<W: Future>(_: &Attempt, work: impl FnOnce() -> W) -> W {
    work()
}

/// The work of a thread, in a span.
pub(super) fn within_span<T>(attempt: &Attempt, work: impl FnOnce() -> T) -> T {
    #[cfg(feature = "tracing")]
    let _entered = span(attempt).entered();
    let _ = attempt;
    work()
}

#[cfg(feature = "tracing")]
fn span(attempt: &Attempt) -> tracing::Span {
    tracing::info_span!(
        "idempotent_work",
        key = %attempt.key(),
        attempt = attempt.number(),
        fencing_token = attempt.fencing_token(),
    )
}
