//! What is written under each feature. It is what `foreign.md` says, and it shows that the features
//! are what run.sh says they are, or the other tests would test nothing.

use agentidemp::{Canonical, IdempotencyKey};
use rust_decimal::Decimal;
use time::{Date, Month, PlainDateTime, SignedDuration, Time, UtcOffset, Weekday};

#[derive(IdempotencyKey)]
struct Payload<T>(T);

#[track_caller]
fn assert_written(value: impl Canonical, written: &str) {
    let bytes = Payload(value).canonical_bytes();
    assert_eq!(String::from_utf8(bytes).unwrap(), written);
}

#[test]
fn decimals() {
    let written = if cfg!(feature = "decimal_float") {
        ["1.5", "0", "100"]
    } else {
        [r#""1.50""#, r#""0.0""#, r#""100""#]
    };
    for (digits, written) in ["1.50", "0.0", "100"].into_iter().zip(written) {
        assert_written(digits.parse::<Decimal>().unwrap(), written);
    }
}

/// Two decimals that are one double: as a double on the wire they are one request, and as digits they
/// are none, since a receiver would read them as one.
#[test]
fn decimals_of_more_digits_than_a_double_has() {
    let key = |digits: &str| Payload(digits.parse::<Decimal>().unwrap()).try_idempotency_key();
    let (one, two) = (key("0.12345678901234567891"), key("0.12345678901234567892"));
    if cfg!(feature = "decimal_digits") {
        assert!(one.is_err() && two.is_err());
    } else {
        assert_eq!(one.unwrap() == two.unwrap(), cfg!(feature = "decimal_float"));
    }
}

#[test]
fn dates_and_times() {
    let date = Date::from_calendar_date(2024, Month::February, 29).unwrap();
    let time = Time::from_hms_milli(23, 59, 59, 500).unwrap();
    let date_time = PlainDateTime::new(date, time);
    let duration = SignedDuration::milliseconds(1_500);
    let offset = UtcOffset::from_hms(1, 30, 0).unwrap();
    if cfg!(feature = "time_readable") {
        assert_written(date, r#""2024-02-29""#);
        assert_written(time, r#""23:59:59.5""#);
        assert_written(date_time, r#""2024-02-29 23:59:59.5""#);
        assert_written(duration, r#""1.500000000""#);
        assert_written(offset, r#""+01:30:00""#);
        assert_written(Month::February, r#""February""#);
        assert_written(Weekday::Monday, r#""Monday""#);
    } else {
        assert_written(date, "[2024,60]");
        assert_written(time, "[23,59,59,500000000]");
        assert_written(date_time, "[2024,60,23,59,59,500000000]");
        assert_written(duration, "[1,500000000]");
        assert_written(offset, "[1,30,0]");
        assert_written(Month::February, "2");
        assert_written(Weekday::Monday, "1");
    }
}
