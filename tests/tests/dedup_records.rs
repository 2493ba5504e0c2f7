//! A record as text: what is read of it, and that what an operation makes of it can be read again.

use std::time::Duration;

use agentidemp::dedup::store::{
    Change, Claim, ClaimId, Claimed, Get, Moment, Operation, Record, State, Status, StoreErrorKind,
};

const LAST: u64 = (1 << 53) - 1;

fn record(state: &str, attempt: u64, rest: &str) -> Record {
    let json = format!(
        r#"{{"state":"{state}","attempt":"{attempt}","interrupted":"{attempt}","token":"{LAST}",
            "claim":"6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e","started":"1"{rest}}}"#
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
