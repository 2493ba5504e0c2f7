//! [`Canonical`](crate::Canonical) for `jiff`'s civil dates and times. `Timestamp` and
//! `ZonedDateTime` are instants.

use jiff::civil::{Date, DateTime, ISOWeekDate, Time};
use jiff::{SignedDuration, Span};

crate::canonical_by_serialize!(Date, Time, DateTime, ISOWeekDate, SignedDuration, Span);
