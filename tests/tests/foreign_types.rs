//! Types of other crates, which have their canonical form by a feature: it is that of what their
//! `Serialize` writes, and their containers keep what the elements skip.
//!
//! `foreign-features/` runs these tests under each set of the features that change what is written.

// Nobody reads the fields that are skipped.
#![allow(dead_code)]

use std::fmt::Debug;

use agentidemp::{Canonical, IdempotencyKey, Identity};
use serde::Serialize;

/// A request with a value of another crate in it.
#[derive(IdempotencyKey, Serialize)]
struct Request<T> {
    value: T,
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The canonical form of what serde_json writes, as the receiver of its text sees it.
fn of_wire(value: &impl Serialize) -> String {
    let wire = serde_json::to_vec(value).unwrap();
    text(Identity::new().canonical_bytes_of_json(&wire).unwrap())
}

/// Says that a value is written alike by its `Canonical`, by its `Serialize`, and on the wire.
#[track_caller]
fn assert_wire(value: impl Canonical + Serialize + Debug) {
    let request = Request { value };
    let derived = text(request.canonical_bytes());
    let serialized = text(Identity::new().canonical_bytes(&request).unwrap());
    assert_eq!(derived, serialized, "{:?}", request.value);
    assert_eq!(derived, of_wire(&request), "{:?}", request.value);
}

#[track_caller]
fn assert_written(value: impl Canonical + Serialize + Debug, written: &str) {
    assert_wire(&value);
    let request = Request { value };
    let expected = format!(r#"{{"value":{written}}}"#);
    assert_eq!(text(request.canonical_bytes()), expected);
}

mod decimals {
    use std::str::FromStr;

    use bigdecimal::BigDecimal;
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn rust_decimal_is_as_on_the_wire() {
        for digits in ["0", "-0", "1.5", "1.50", "-0.001", "100", "0.1", "1e-28"] {
            assert_wire(
                Decimal::from_str(digits)
                    .or(Decimal::from_scientific(digits))
                    .unwrap(),
            );
        }
    }

    #[test]
    fn bigdecimal_is_as_on_the_wire() {
        assert_written(BigDecimal::from(100), r#""100""#);
        assert_written(BigDecimal::from_str("1.50").unwrap(), r#""1.50""#);
        assert_written(BigDecimal::from_str("-0.0").unwrap(), r#""0""#);
        let long = "123456789012345678901234567890.123456789012345678901234567890";
        assert_written(BigDecimal::from_str(long).unwrap(), &format!(r#""{long}""#));
        for digits in ["0", "1e1000000000", "1E-400", "-1.0e20", "12e3"] {
            assert_wire(BigDecimal::from_str(digits).unwrap());
        }
    }

    #[test]
    fn normalized_decimals_are_one() {
        #[derive(IdempotencyKey)]
        struct Amounts {
            #[idem(with = Decimal::normalize)]
            decimal: Decimal,
            #[idem(with = BigDecimal::normalized)]
            big: BigDecimal,
        }

        let key = |digits: &str| {
            let (decimal, big) = (digits.parse().unwrap(), digits.parse().unwrap());
            Amounts { decimal, big }.idempotency_key()
        };
        assert_eq!(key("1.5"), key("1.50"));
        assert_eq!(key("100"), key("100.00"));
        assert_ne!(key("1.5"), key("1.51"));
    }

    #[test]
    fn a_negative_zero_is_as_on_the_wire_and_normalizes_to_zero() {
        let mut zero = Decimal::ZERO;
        zero.set_sign_negative(true);
        assert_wire(zero);
        assert_eq!(
            Request {
                value: zero.normalize()
            }
            .idempotency_key(),
            Request {
                value: Decimal::ZERO
            }
            .idempotency_key()
        );
    }
}

mod floats {
    use ordered_float::{NotNan, OrderedFloat};

    use super::*;

    #[test]
    fn they_are_the_floats_within() {
        assert_written(OrderedFloat(1.5_f64), "1.5");
        assert_written(OrderedFloat(0.1_f32), "0.1");
        assert_written(OrderedFloat(-0.0_f64), "0");
        assert_written(OrderedFloat(1e300), "1e+300");
        assert_written(NotNan::new(1.0_f64).unwrap(), "1");
        assert_written(NotNan::new(-0.0_f32).unwrap(), "0");
    }

    #[test]
    fn nan_and_infinity_are_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let request = Request {
                value: OrderedFloat(value),
            };
            let error = request.try_idempotency_key().unwrap_err();
            assert_eq!(error.kind(), agentidemp::ErrorKind::NotFinite);
            assert_eq!(error.pointer(), "/value");
        }
        let request = Request {
            value: NotNan::new(f64::INFINITY).unwrap(),
        };
        assert!(request.try_idempotency_key().is_err());
    }
}

mod strings {
    use compact_str::CompactString;
    use semver::{Comparator, Version, VersionReq};
    use smol_str::SmolStr;
    use url::Url;

    use super::*;

    #[test]
    fn strings_are_strings() {
        for string in [
            "",
            "é\u{1}\"\\",
            "a string that is too long to be stored in place",
        ] {
            assert_wire(CompactString::from(string));
            assert_wire(SmolStr::from(string));
            let key = Request { value: string }.idempotency_key();
            assert_eq!(
                Request {
                    value: CompactString::from(string)
                }
                .idempotency_key(),
                key
            );
            assert_eq!(
                Request {
                    value: SmolStr::from(string)
                }
                .idempotency_key(),
                key
            );
        }
    }

    #[test]
    fn a_url_is_its_normalized_text() {
        let url = Url::parse("HTTPS://Example.org:443/a b?q=ü#f").unwrap();
        assert_written(url, r#""https://example.org/a%20b?q=%C3%BC#f""#);
        assert_wire(Url::parse("data:text/plain,hello").unwrap());
        assert_wire(Url::parse("http://[::1]:8080/").unwrap());
    }

    #[test]
    fn versions_are_their_text() {
        let version = Version::parse("1.2.3-rc.1+build.5").unwrap();
        assert_written(version, r#""1.2.3-rc.1+build.5""#);
        assert_written(VersionReq::parse(">=1.2, <2").unwrap(), r#"">=1.2, <2""#);
        assert_written(VersionReq::parse("1.2").unwrap(), r#""^1.2""#);
        assert_written(VersionReq::STAR, r#""*""#);
        assert_written(Comparator::parse("~1").unwrap(), r#""~1""#);
    }
}

mod containers {
    use bytes::{Bytes, BytesMut};
    use indexmap::{IndexMap, IndexSet};
    use smallvec::{SmallVec, smallvec};

    use super::*;

    #[test]
    fn bytes_are_an_array_of_numbers() {
        assert_written(Bytes::from_static(&[0, 127, 255]), "[0,127,255]");
        assert_written(Bytes::new(), "[]");
        assert_written(BytesMut::from(&[1_u8, 2][..]), "[1,2]");
    }

    #[test]
    fn an_index_map_is_an_object() {
        assert_written(IndexMap::from([("b", 1), ("a", 2)]), r#"{"a":2,"b":1}"#);
        assert_written(
            IndexMap::from([(10_u8, "x"), (9, "y")]),
            r#"{"10":"x","9":"y"}"#,
        );
        assert_written(IndexMap::<String, u8>::new(), "{}");
    }

    #[test]
    fn an_index_set_is_an_array_in_its_order() {
        assert_written(IndexSet::from(["b", "a"]), r#"["b","a"]"#);
        assert_written(IndexSet::<u8>::new(), "[]");
    }

    #[test]
    fn a_small_vec_is_an_array() {
        let in_place: SmallVec<[u8; 4]> = smallvec![1, 2];
        assert_written(in_place, "[1,2]");
        let spilled: SmallVec<[&str; 1]> = smallvec!["b", "a"];
        assert_written(spilled, r#"["b","a"]"#);
        let floats: SmallVec<[f64; 1]> = smallvec![-0.0, 1.5];
        assert_written(floats, "[0,1.5]");
    }

    #[test]
    fn elements_keep_what_they_skip() {
        #[derive(IdempotencyKey)]
        struct Line {
            quantity: u32,
            #[idem(skip)]
            trace_id: &'static str,
        }

        #[derive(IdempotencyKey)]
        struct Order {
            by_name: IndexMap<&'static str, Line>,
            spilled: SmallVec<[Line; 1]>,
        }

        let order = |trace_id| {
            let line = || Line {
                quantity: 2,
                trace_id,
            };
            Order {
                by_name: IndexMap::from([("apple", line())]),
                spilled: smallvec![line(), line()],
            }
        };
        assert_eq!(
            text(order("t-1").canonical_bytes()),
            r#"{"by_name":{"apple":{"quantity":2}},"spilled":[{"quantity":2},{"quantity":2}]}"#,
        );
        assert_eq!(
            order("t-1").idempotency_key(),
            order("t-2").idempotency_key()
        );
    }

    #[test]
    fn errors_say_where_in_the_container() {
        let map = IndexMap::from([("a", smallvec![0.0, f64::NAN] as SmallVec<[f64; 1]>)]);
        let error = Request { value: map }.try_idempotency_key().unwrap_err();
        assert_eq!(error.pointer(), "/value/a/1");
    }
}

mod of_chrono {
    use chrono::{Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

    use super::*;

    #[test]
    fn dates() {
        assert_written(
            NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
            r#""2024-02-29""#,
        );
        assert_written(
            NaiveDate::from_ymd_opt(12024, 1, 1).unwrap(),
            r#""+12024-01-01""#,
        );
        assert_written(
            NaiveDate::from_ymd_opt(-1, 1, 1).unwrap(),
            r#""-0001-01-01""#,
        );
        assert_wire(NaiveDate::MAX);
        assert_wire(NaiveDate::MIN);
    }

    #[test]
    fn times() {
        let at = |nanos| NaiveTime::from_hms_nano_opt(23, 59, 59, nanos).unwrap();
        assert_written(at(0), r#""23:59:59""#);
        assert_written(at(500_000_000), r#""23:59:59.500""#);
        assert_written(at(500_000), r#""23:59:59.000500""#);
        assert_written(at(1), r#""23:59:59.000000001""#);
        // A leap second.
        assert_written(at(1_000_000_000), r#""23:59:60""#);
        assert_written(at(1_500_000_000), r#""23:59:60.500""#);
    }

    #[test]
    fn dates_with_times() {
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_written(
            date.and_hms_opt(1, 2, 3).unwrap(),
            r#""2024-02-29T01:02:03""#,
        );
        let leap = date.and_hms_milli_opt(23, 59, 59, 1_250).unwrap();
        assert_written(leap, r#""2024-02-29T23:59:60.250""#);
        assert_wire(NaiveDateTime::MAX);
        assert_wire(NaiveDateTime::MIN);
    }

    #[test]
    fn the_rest() {
        assert_written(TimeDelta::milliseconds(1_500), "[1,500000000]");
        assert_written(TimeDelta::milliseconds(-1_500), "[-2,500000000]");
        assert_written(Weekday::Mon, r#""Mon""#);
        assert_written(Month::May, r#""May""#);
    }
}

/// What `time` writes depends on its feature `serde-human-readable`.
mod of_time {
    use time::{Date, Month, PlainDateTime, SignedDuration, Time, UtcOffset, Weekday};

    use super::*;

    #[test]
    fn dates() {
        for year in [-9999, -1, 0, 2024, 9999] {
            assert_wire(Date::from_calendar_date(year, Month::February, 28).unwrap());
        }
        assert_wire(Date::MIN);
        assert_wire(Date::MAX);
    }

    #[test]
    fn times() {
        for nanos in [0, 1, 500_000_000, 999_999_999] {
            let time = Time::from_hms_nano(23, 59, 59, nanos).unwrap();
            assert_wire(time);
            assert_wire(PlainDateTime::new(Date::MAX, time));
        }
        assert_wire(Time::MIDNIGHT);
    }

    #[test]
    fn the_rest() {
        assert_wire(SignedDuration::milliseconds(1_500));
        assert_wire(SignedDuration::milliseconds(-1_500));
        assert_wire(UtcOffset::from_hms(-1, -30, -15).unwrap());
        assert_wire(UtcOffset::UTC);
        assert_wire(Weekday::Monday);
        assert_wire(Month::May);
    }
}

mod of_jiff {
    use jiff::civil::{Date, DateTime, ISOWeekDate, Time, date, time};
    use jiff::{SignedDuration, Span};

    use super::*;

    #[test]
    fn dates() {
        assert_written(date(2024, 2, 29), r#""2024-02-29""#);
        assert_written(date(-9999, 1, 1), r#""-009999-01-01""#);
        assert_written(Date::MAX, r#""9999-12-31""#);
        assert_written(date(2024, 12, 30).iso_week_date(), r#""2025-W01-1""#);
        assert_wire(ISOWeekDate::MIN);
    }

    #[test]
    fn times() {
        assert_written(time(23, 59, 59, 0), r#""23:59:59""#);
        assert_written(time(23, 59, 59, 500_000_000), r#""23:59:59.5""#);
        assert_written(time(0, 0, 0, 1), r#""00:00:00.000000001""#);
        assert_wire(Time::MAX);
    }

    #[test]
    fn dates_with_times() {
        let civil = date(2024, 2, 29).at(1, 2, 3, 250_000_000);
        assert_written(civil, r#""2024-02-29T01:02:03.25""#);
        assert_wire(DateTime::MIN);
        assert_wire(DateTime::MAX);
    }

    #[test]
    fn durations() {
        assert_written(SignedDuration::from_millis(-1_500), r#""-PT1.5S""#);
        assert_written(SignedDuration::ZERO, r#""PT0S""#);
        assert_wire(SignedDuration::MIN);
    }

    /// Which have no equality of their own: what is on the wire counts.
    #[test]
    fn spans_of_one_length_in_other_units_differ() {
        assert_written(Span::new().hours(1).minutes(30), r#""PT1H30M""#);
        assert_written(Span::new().minutes(90), r#""PT90M""#);
        assert_written(Span::new().years(-1).days(2), r#""-P1Y2D""#);
    }
}

/// They have no canonical form of their own: a field says how it is written.
mod instants {
    use chrono::{DateTime, FixedOffset, Utc};
    use jiff::{Timestamp, ZonedDateTime, tz};
    use time::{OffsetDateTime, UtcOffset};

    use super::*;

    fn chrono_at(text: &str) -> DateTime<FixedOffset> {
        text.parse().unwrap()
    }

    fn time_at(hour: i8) -> OffsetDateTime {
        let noon = OffsetDateTime::from_unix_timestamp(1_709_208_000).unwrap();
        noon.to_offset(UtcOffset::from_hms(hour, 0, 0).unwrap())
    }

    fn jiff_at(hour: i8) -> ZonedDateTime {
        let noon = Timestamp::from_second(1_709_208_000).unwrap();
        noon.to_zoned_datetime(tz::TimeZone::fixed(tz::offset(hour)))
    }

    #[test]
    fn by_serde_they_are_as_on_the_wire() {
        #[derive(IdempotencyKey, Serialize)]
        struct Due<T: Serialize> {
            #[idem(serde)]
            at: T,
        }

        #[track_caller]
        fn assert_written(at: impl Serialize, written: Option<&str>) {
            let due = Due { at };
            let derived = text(due.canonical_bytes());
            assert_eq!(derived, of_wire(&due));
            if let Some(written) = written {
                assert_eq!(derived, format!(r#"{{"at":{written}}}"#));
            }
        }

        let at = chrono_at("2024-02-29T13:00:00+01:00");
        assert_written(at, Some(r#""2024-02-29T13:00:00+01:00""#));
        assert_written(at.to_utc(), Some(r#""2024-02-29T12:00:00Z""#));
        assert_written(DateTime::<Utc>::MAX_UTC, None);
        // As its features have it.
        assert_written(time_at(1), None);
        let zoned = r#""2024-02-29T13:00:00+01:00[+01:00]""#;
        assert_written(jiff_at(1), Some(zoned));
        let timestamp = r#""2024-02-29T12:00:00Z""#;
        assert_written(jiff_at(1).timestamp(), Some(timestamp));
    }

    #[test]
    fn one_instant_in_two_offsets_is_made_one() {
        fn time_nanos(at: &OffsetDateTime) -> i128 {
            at.unix_timestamp_nanos()
        }

        fn jiff_nanos(at: &ZonedDateTime) -> i128 {
            at.timestamp().as_nanosecond()
        }

        #[derive(IdempotencyKey)]
        struct Due {
            #[idem(with = DateTime::timestamp_micros)]
            chrono: DateTime<FixedOffset>,
            #[idem(with = time_nanos)]
            time: OffsetDateTime,
            #[idem(with = jiff_nanos)]
            jiff: ZonedDateTime,
        }

        let utc = Due {
            chrono: chrono_at("2024-02-29T12:00:00Z"),
            time: time_at(0),
            jiff: jiff_at(0),
        };
        let paris = Due {
            chrono: chrono_at("2024-02-29T13:00:00+01:00"),
            time: time_at(1),
            jiff: jiff_at(1),
        };
        assert_eq!(
            text(utc.canonical_bytes()),
            concat!(
                r#"{"chrono":1709208000000000,"jiff":1709208000000000000,"#,
                r#""time":1709208000000000000}"#
            )
        );
        assert_eq!(utc.idempotency_key(), paris.idempotency_key());
    }
}
