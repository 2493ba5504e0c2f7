//! What a store reads back: records as text, and what the operations make of them.

use std::time::Duration;

use agentidemp::dedup::Abandoned;
use agentidemp::dedup::store::{
    Change, Claim, ClaimId, Complete, Get, Holder, Insert, Interrupt, Invalidate, Moment,
    Operation, Record, Release, Renew, Resolve,
};
use fastrand::Rng;

use super::source::Source;

/// All times and numbers of a record are below.
const LIMIT: u64 = 1 << 53;

/// Garbage is refused, and what is read is written back as it was; so is what each operation makes of it.
pub(super) fn record(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (choices, json) = text.split_once('{').unwrap_or_default();
    let Ok(record) = Record::from_json(&format!("{{{json}")) else {
        return;
    };
    assert_read_back(&record);
    let source = &mut Source::new(choices.as_bytes());
    let moment = moment(source, &record);
    for id in [
        record.claim,
        "00112233445566778899aabbccddeeff".parse().expect("an id"),
    ] {
        assert_operations(source, id, &record, &moment);
    }
}

fn assert_read_back(record: &Record) {
    let read = Record::from_json(&record.to_json());
    assert!(read.is_ok(), "{record:?}: {read:?}");
    let fields: Vec<_> = record.fields().collect();
    let field = |name: &str| {
        let mut found = fields.iter().filter(|(field, _)| *field == name);
        found.next().map(|(_, text)| text.as_str())
    };
    assert_eq!(read.as_ref().ok(), Some(record));
    assert_eq!(Record::from_fields(field).ok().as_ref(), Some(record));
}

fn moment(source: &mut Source<'_>, record: &Record) -> Moment {
    let times = [
        record.started,
        record.lease_until,
        record.expires.unwrap_or_default(),
        record.token,
        LIMIT - 1,
    ];
    let now = match source.below(3) {
        0 => source.pick(&times).saturating_sub(1),
        1 => source.pick(&times),
        _ => source.number() % LIMIT,
    };
    let holder = source.pick(&[Holder::ByLease, Holder::Alive, Holder::Dead]);
    let moment = Moment::at(now).with_holder(holder);
    match source.below(3) {
        0 => moment.with_last_token(record.token),
        1 => moment.with_last_token(LIMIT - 1),
        _ => moment,
    }
}

fn assert_operations(source: &mut Source<'_>, id: ClaimId, record: &Record, moment: &Moment) {
    let key = agentidemp::sha256_hex(b"");
    let durations = [Duration::ZERO, Duration::from_secs(30), Duration::MAX];
    let lease = source.pick(&durations);
    let kept = source.pick(&[None, Some(Duration::ZERO), Some(Duration::MAX)]);
    let refusing = Claim::new(key, id, lease, kept).abandoned(Abandoned::Refuse);
    assert_step(&Claim::new(key, id, lease, kept), record, moment);
    assert_step(&refusing, record, moment);
    assert_step(&Renew::new(key, id, lease, kept), record, moment);
    assert_step(&Complete::new(key, id, "null", kept), record, moment);
    assert_step(&Release::new(key, id, kept), record, moment);
    assert_step(&Interrupt::new(key, id, kept), record, moment);
    assert_step(&Get::new(key), record, moment);
    assert_step(&Insert::new(key, id, "{}", kept), record, moment);
    assert_step(&Resolve::done(key, id, "[]", kept), record, moment);
    assert_step(&Resolve::not_done(key, id, kept), record, moment);
    assert_step(&Invalidate::new(key), record, moment);
}

/// What an operation writes can be read, and takes no attempt and no token back.
fn assert_step(operation: &impl Operation, record: &Record, moment: &Moment) {
    for found in [Some(record), None] {
        let Change::Put(new) = operation.apply(found, moment).change else {
            continue;
        };
        assert_read_back(&new);
        let Some(old) = found else {
            continue;
        };
        assert!(new.token >= old.token, "{old:?} -> {new:?}");
        let goes_on = !old.is_over(moment);
        assert!(!goes_on || new.attempt >= old.attempt, "{old:?} -> {new:?}");
        // An answer that was given stays.
        let has_answer = goes_on && old.answer.is_some();
        assert!(
            !has_answer || new.answer == old.answer,
            "{old:?} -> {new:?}"
        );
    }
}

/// A record with fields as they are, at their limits, or damaged.
pub(super) fn input(rng: &mut Rng) -> Vec<u8> {
    let mut members = Vec::new();
    let states = [
        "in_progress",
        "interrupted",
        "released",
        "completed",
        "lost",
    ];
    let state = rng.choice(states).unwrap_or_default();
    members.push(("state", state.to_owned()));
    for name in [
        "attempt",
        "interrupted",
        "token",
        "started",
        "lease_until",
        "expires",
    ] {
        if rng.u8(..12) > 0 {
            members.push((name, number(rng)));
        }
    }
    let claim = rng.choice(["6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e", "6F1C", "0011"]);
    members.push(("claim", claim.unwrap_or_default().to_owned()));
    for name in ["answer", "holder"] {
        if rng.bool() {
            members.push((name, "{\"a\":1}".to_owned()));
        }
    }
    let members = members
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into()));
    let json = serde_json::Value::Object(members.collect()).to_string();
    let choices = String::from_utf8(std::iter::repeat_with(|| rng.u8(..0x7b)).take(64).collect());
    let mut text = (choices.unwrap_or_default() + &json).into_bytes();
    if rng.u8(..4) == 0 {
        let at = rng.usize(..text.len());
        text[at] = rng.u8(..);
    }
    text
}

fn number(rng: &mut Rng) -> String {
    match rng.u8(..10) {
        0 => (LIMIT - 1).to_string(),
        1 => (LIMIT - 2).to_string(),
        2 => LIMIT.to_string(),
        3 => ["", "+1", "-1", "01", "1.0", " 1"][rng.usize(..6)].to_owned(),
        _ => rng.u64(..LIMIT).to_string(),
    }
}
