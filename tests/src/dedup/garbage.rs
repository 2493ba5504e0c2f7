//! Records that no store wrote, in the place where a store has its own: what it makes of them is what the
//! rules in Rust make of the same fields. Who damaged a record is told so, and nobody takes it over.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use agentidemp::dedup::Abandoned;
use agentidemp::dedup::store::{
    Change, Claim, ClaimId, Claimed, Complete, Get, Insert, Inserted, Interrupt, Moment, Operation,
    Record, Release, Renew, Resolve, Resolved, Status, Store, StoreError, StoreErrorKind,
    StoredAnswer, Written,
};

use crate::keys::key;

/// The fields of a record that are there, and their texts.
pub type Fields = BTreeMap<&'static str, String>;

const STATES: [&str; 4] = ["in_progress", "interrupted", "released", "completed"];
const NAMES: [&str; 9] = [
    "state",
    "attempt",
    "interrupted",
    "token",
    "claim",
    "started",
    "lease_until",
    "expires",
    "answer",
];
const MINE: &str = "00112233445566778899aabbccddeeff";
const ANOTHERS: &str = "6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e";
/// Times that are before and after every clock, and the last number of a record.
const PAST: &str = "1";
const FUTURE: &str = "9007199254740000";
const LAST: u64 = (1 << 53) - 1;
/// What may stand where something else is expected.
const DAMAGES: [&str; 18] = [
    "",
    " ",
    "-1",
    "+1",
    "01",
    "1.5",
    "1e3",
    "0x10",
    "NaN",
    "inf",
    "null",
    "{}",
    "\u{1}",
    "é",
    "9007199254740991",
    "9007199254740992",
    "9223372036854775807",
    "99999999999999999999999999999999999999999999999999",
];

/// Checks what a store makes of all of them. `put` puts fields in the place of the record of `key(1)`, and
/// says whether the engine can hold them.
pub async fn check(store: &dyn Store, put: impl AsyncFn(&Fields) -> bool) {
    for fields in whole().into_iter().chain(damaged()) {
        if put(&fields).await {
            check_record(store, &fields, &put).await;
        }
    }
}

/// Records of each state and time. Each has a lease and an answer, though most states have none.
fn whole() -> Vec<Fields> {
    let mut all = Vec::new();
    for state in STATES {
        for claim in [MINE, ANOTHERS] {
            for lease_until in [PAST, FUTURE] {
                for expires in [None, Some(PAST), Some(FUTURE)] {
                    let mut fields = record(state, claim);
                    fields.insert("lease_until", lease_until.into());
                    if let Some(expires) = expires {
                        fields.insert("expires", expires.into());
                    }
                    all.push(fields);
                }
            }
        }
    }
    all
}

fn record(state: &str, claim: &str) -> Fields {
    let fields = [
        ("state", state),
        ("attempt", "3"),
        ("interrupted", "1"),
        ("token", "5"),
        ("claim", claim),
        ("started", "7"),
        ("lease_until", PAST),
        ("answer", "{\"a\":1}"),
    ];
    fields.map(|(name, text)| (name, text.to_string())).into()
}

/// Records that lack a field, or have something else in its place.
fn damaged() -> impl Iterator<Item = Fields> {
    STATES.into_iter().flat_map(|state| {
        NAMES.into_iter().flat_map(move |name| {
            let texts = DAMAGES.map(Some).into_iter().chain([None]);
            texts.map(move |text| {
                let mut fields = record(state, MINE);
                match text {
                    Some(text) => fields.insert(name, text.into()),
                    None => fields.remove(name),
                };
                fields
            })
        })
    })
}

async fn check_record(store: &dyn Store, fields: &Fields, put: &impl AsyncFn(&Fields) -> bool) {
    let (key, id) = (key(1), MINE.parse::<ClaimId>().unwrap());
    let (lease, kept) = (Duration::from_secs(3600), Some(Duration::from_secs(7200)));
    let case = Case { store, fields };
    macro_rules! check {
        ($operation:ident: $value:expr) => {
            let operation = $value;
            put(fields).await;
            let said = store.$operation(operation.clone()).await;
            case.check(&operation, said).await;
        };
    }
    check!(claim: Claim::new(key, id, lease, kept));
    check!(claim: Claim::new(key, ClaimId::random(), lease, kept));
    check!(claim: Claim::new(key, id, lease, kept).abandoned(Abandoned::Refuse));
    check!(renew: Renew::new(key, id, lease, kept));
    check!(complete: Complete::new(key, id, "[7]", kept));
    check!(release: Release::new(key, id, kept));
    check!(interrupt: Interrupt::new(key, id, kept));
    check!(get: Get::new(key));
    check!(insert: Insert::new(key, id, "[7]", kept));
    check!(resolve: Resolve::done(key, id, "[7]", kept));
    check!(resolve: Resolve::not_done(key, id, kept));
}

struct Case<'a> {
    store: &'a dyn Store,
    fields: &'a Fields,
}

impl Case<'_> {
    /// The outcome is that of the rules, and what was written reads as they would have written it.
    async fn check<O: Operation<Outcome: Outline>>(
        &self,
        operation: &O,
        said: Result<O::Outcome, StoreError>,
    ) {
        let field = |name: &str| self.fields.get(name).map(String::as_str);
        let Ok(record) = Record::from_fields(field) else {
            self.check_refusal(said);
            return self.check_refusal(self.store.get(Get::new(operation.key())).await);
        };
        let moment = now();
        let step = operation.apply(Some(&record), &moment);
        let said = said.unwrap_or_else(|error| panic!("{:?}: {error}", self.fields));
        assert_eq!(said.outline(), step.outcome.outline(), "{:?}", self.fields);

        let new = match step.change {
            Change::Keep => record,
            Change::Put(new) => new,
            Change::Remove => panic!("no operation here removes"),
        };
        let get = Get::new(operation.key());
        let reads = self.store.get(get.clone()).await;
        let reads = reads.unwrap_or_else(|error| panic!("{:?}: {error}", self.fields));
        let expected = get.apply(Some(&new), &moment).outcome;
        assert_eq!(reads.outline(), expected.outline(), "{:?}", self.fields);
    }

    fn check_refusal<T: Outline>(&self, said: Result<T, StoreError>) {
        match said {
            Ok(outcome) => panic!("{:?}: {}", self.fields, outcome.outline()),
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    StoreErrorKind::Corrupt,
                    "{:?}: {error}",
                    self.fields
                );
            }
        }
    }
}

fn now() -> Moment {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Moment::at(now.as_micros().try_into().unwrap())
}

/// An outcome without what depends on when it was asked for.
trait Outline {
    fn outline(&self) -> String;
}

/// A number as it is, unless it is a time of now.
fn number(number: u64) -> String {
    let is_now = (1_000_000_000_000_000..9_007_199_254_700_000).contains(&number);
    if is_now {
        "now".into()
    } else {
        number.to_string()
    }
}

fn answer(answer: &StoredAnswer) -> String {
    let ends = answer.remaining.is_some();
    format!(
        "{} of attempt {}, ends: {ends}",
        answer.json, answer.attempt
    )
}

impl Outline for Claimed {
    fn outline(&self) -> String {
        match self {
            Self::Granted(grant) => {
                let token = number(grant.token);
                assert!(grant.attempt <= LAST && grant.interrupted <= LAST);
                format!("granted {} {} {token}", grant.attempt, grant.interrupted)
            }
            Self::Busy { .. } => "busy".into(),
            Self::OutcomeUnknown(unknown) => {
                format!("unknown {} {}", unknown.attempt, number(unknown.since))
            }
            Self::Completed(stored) => answer(stored),
            other => format!("{other:?}"),
        }
    }
}

impl Outline for Written {
    fn outline(&self) -> String {
        match self {
            Self::Superseded(stored) => answer(stored),
            other => format!("{other:?}"),
        }
    }
}

impl Outline for Status {
    fn outline(&self) -> String {
        match self {
            Self::Completed(stored) => answer(stored),
            Self::InProgress { attempt, .. } => format!("in progress {attempt}"),
            Self::Interrupted(unknown) => {
                format!("unknown {} {}", unknown.attempt, number(unknown.since))
            }
            other => format!("{other:?}"),
        }
    }
}

impl Outline for Inserted {
    fn outline(&self) -> String {
        match self {
            Self::Superseded(stored) => answer(stored),
            other => format!("{other:?}"),
        }
    }
}

impl Outline for Resolved {
    fn outline(&self) -> String {
        match self {
            Self::Superseded(stored) => answer(stored),
            Self::Busy { .. } => "busy".into(),
            other => format!("{other:?}"),
        }
    }
}
