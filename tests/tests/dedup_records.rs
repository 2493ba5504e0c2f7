//! A record as text: what is read of it, and that what an operation makes of it can be read again.

use std::time::Duration;

use agentidemp::dedup::store::{
    Change, Claim, ClaimId, Claimed, Complete, Get, Interrupt, Moment, Operation, Record, Release,
    Renew, Resolve, State, Status, StoreErrorKind,
};

const LAST: u64 = (1 << 53) - 1;

const HOLDER: &str = "6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e";

fn record(state: &str, attempt: u64, rest: &str) -> Record {
    let json = format!(
        r#"{{"state":"{state}","attempt":"{attempt}","interrupted":"{attempt}","token":"{LAST}",
            "claim":"{HOLDER}","started":"1"{rest}}}"#
    );
    Record::from_json(&json).unwrap()
}

fn claim() -> Claim {
    let key = agentidemp::sha256_hex(b"question");
    Claim::new(key, ClaimId::random(), Duration::from_secs(30), None)
}

#[test]
fn the_last_numbers_are_not_exceeded() {
    let found = record("interrupted", LAST, "");
    let moment = Moment::at(LAST).with_last_token(u64::MAX);
    let Change::Put(record) = claim().apply(Some(&found), &moment).change else {
        panic!("an interrupted attempt is taken over");
    };
    assert_eq!(
        [record.attempt, record.interrupted, record.token],
        [LAST; 3]
    );
    assert_eq!(Record::from_json(&record.to_json()).unwrap(), record);
}

#[test]
fn a_token_can_be_read_whatever_the_clock_says() {
    let Change::Put(record) = claim().apply(None, &Moment::at(LAST + 7)).change else {
        panic!("nobody holds it");
    };
    assert_eq!(record.token, LAST);
}

/// Else whoever reads the record would take it for one that somebody is at.
#[test]
fn a_claim_that_ends_leaves_no_lease_and_no_holder() {
    fn assert_ended(operation: &impl Operation) {
        let found = record("in_progress", 1, r#","lease_until":"7","holder":"a""#);
        for moment in [Moment::at(2), Moment::at(8)] {
            if let Change::Put(record) = operation.apply(Some(&found), &moment).change {
                assert_ne!(record.state, State::InProgress);
                assert_eq!((record.lease_until, record.holder), (0, None));
            } else {
                assert!(found.is_live(&moment), "it can be ended");
            }
        }
    }

    let (key, id) = (agentidemp::sha256_hex(b"question"), HOLDER.parse().unwrap());
    assert_ended(&Complete::new(key, id, "500", None));
    assert_ended(&Release::new(key, id, None));
    assert_ended(&Interrupt::new(key, id, None));
    assert_ended(&Resolve::done(key, ClaimId::random(), "500", None));
    assert_ended(&Resolve::not_done(key, ClaimId::random(), None));
}

/// Else somebody else would be at it beside its holder.
#[test]
fn an_interrupted_attempt_that_its_holder_renews_is_live_again() {
    let found = record("interrupted", 1, "");
    let (key, id) = (agentidemp::sha256_hex(b"question"), HOLDER.parse().unwrap());
    let renew = Renew::new(key, id, Duration::from_secs(30), None);
    let Change::Put(renewed) = renew.apply(Some(&found), &Moment::at(2)).change else {
        panic!("nobody has taken over");
    };
    assert!(renewed.is_live(&Moment::at(3)));
    let outcome = claim().apply(Some(&renewed), &Moment::at(3)).outcome;
    assert!(matches!(outcome, Claimed::Busy { .. }), "{outcome:?}");
}

/// What an earlier attempt left in the same place is no answer of this one.
#[test]
fn an_answer_counts_only_where_the_work_is_done() {
    for state in ["in_progress", "interrupted", "released"] {
        let found = record(state, 1, r#","lease_until":"7","answer":"500""#);
        assert_eq!(found.answer, None);
        let key = agentidemp::sha256_hex(b"question");
        let status = Get::new(key).apply(Some(&found), &Moment::at(2)).outcome;
        assert!(!matches!(status, Status::Completed(_)), "{state}");
        let outcome = claim().apply(Some(&found), &Moment::at(2)).outcome;
        assert!(!matches!(outcome, Claimed::Completed(_)), "{state}");
    }
}

#[test]
fn a_lease_counts_only_in_progress() {
    let lease = r#","lease_until":"7","answer":"500""#;
    assert_eq!(record("in_progress", 1, lease).lease_until, 7);
    for state in ["interrupted", "released", "completed"] {
        assert_eq!(record(state, 1, lease).lease_until, 0);
    }
}

#[test]
fn a_record_that_is_done_has_an_answer() {
    let whole = record("completed", 1, r#","answer":"500""#);
    assert_eq!(whole.state, State::Completed);
    let without = whole.to_json().replace("answer", "other");
    let error = Record::from_json(&without).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

/// A claim that may be live is not taken for one whose lease is over.
#[test]
fn a_record_in_progress_has_a_lease() {
    let whole = record("in_progress", 1, r#","lease_until":"7""#).to_json();
    for damage in [
        whole.replace("lease_until", "other"),
        whole.replace("\"7\"", "7"),
        whole.replace("\"7\"", "\"+7\""),
    ] {
        let error = Record::from_json(&damage).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
    }
}

#[test]
fn a_time_that_not_every_reader_of_json_reads_exactly_is_no_time() {
    let last = record("released", 1, &format!(r#","expires":"{LAST}""#));
    assert_eq!(last.expires, Some(LAST));
    let beyond = last.to_json().replace(
        &format!(r#""expires":"{LAST}""#),
        r#""expires":"9007199254740992""#,
    );
    let error = Record::from_json(&beyond).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

#[test]
fn a_claim_id_has_one_spelling() {
    let id: ClaimId = HOLDER.parse().unwrap();
    assert_eq!(id.to_string(), HOLDER);
    for other in [
        "6f1c1cf2-b1a0-4e7c-9d1d-5a2f5b0d9d7e",
        "6F1C1CF2B1A04E7C9D1D5A2F5B0D9D7E",
        "6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7",
        "",
    ] {
        let error = other.parse::<ClaimId>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{other}` is no claim id"));
    }
    let long = "x".repeat(41).parse::<ClaimId>().unwrap_err();
    assert_eq!(
        long.to_string(),
        format!("`{}` is no claim id", "x".repeat(40))
    );
}
