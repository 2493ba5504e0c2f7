//! [`Canonical`](crate::Canonical) for `time`'s civil dates and times. `OffsetDateTime`,
//! `UtcDateTime` and `Timestamp` are instants.

use time::{Date, Month, PlainDateTime, SignedDuration, Time, UtcOffset, Weekday};

crate::canonical_by_serialize!(
    Date,
    Time,
    PlainDateTime,
    SignedDuration,
    UtcOffset,
    Month,
    Weekday
);
