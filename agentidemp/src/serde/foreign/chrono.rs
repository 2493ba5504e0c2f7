//! [`Canonical`](crate::Canonical) for `chrono`'s civil dates and times. `DateTime` is an instant.

use chrono::{Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

crate::canonical_by_serialize!(
    NaiveDate,
    NaiveTime,
    NaiveDateTime,
    TimeDelta,
    Month,
    Weekday
);
