//! [`Record`]: what a store remembers of a key, and its text form. How it changes is in
//! `transition.rs`.

use alloc::format;
use alloc::string::{String, ToString};
use core::str::FromStr;

use serde_json::{Map, Value};

use super::{ClaimId, StoreError};

/// 2^53: all times and numbers in a record stay below, so that every JSON reader reads them exactly.
pub(super) const LIMIT: u64 = 1 << 53;

/// The names of the fields.
const FIELDS: [&str; 10] = [
    "state",
    "attempt",
    "interrupted",
    "token",
    "claim",
    "started",
    "lease_until",
    "expires",
    "answer",
    "holder",
];

/// What a store remembers of a key. Its fields and their text form are in [`super::store::format`].
///
/// ```
/// use agentidemp::dedup::store::{Record, State};
///
/// let json = r#"{
///     "state": "completed", "attempt": "1", "interrupted": "0", "token": "1767225600000000",
///     "claim": "6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e", "started": "1767225600000000",
///     "answer": "{\"total\":500}", "expires": "1767312000000000"
/// }"#;
/// let record = Record::from_json(json)?;
/// assert_eq!(record.state, State::Completed);
/// assert_eq!(record.answer.as_deref(), Some(r#"{"total":500}"#));
/// assert_eq!(Record::from_json(&record.to_json())?, record);
/// # Ok::<(), agentidemp::dedup::store::StoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What came of the last attempt.
    pub state: State,
    /// How many attempts there were.
    pub attempt: u64,
    /// How many attempts before the last were interrupted.
    pub interrupted: u64,
    /// The fencing token of the last claim.
    pub token: u64,
    /// Who made the last claim, or inserted or resolved.
    pub claim: ClaimId,
    /// When the last attempt began, in microseconds since 1970.
    pub started: u64,
    /// When the lease ends, in microseconds since 1970; 0 unless in progress.
    pub lease_until: u64,
    /// From when the record counts as absent, in microseconds since 1970; `None` for never.
    pub expires: Option<u64>,
    /// The answer as JSON text, where there is one.
    pub answer: Option<String>,
    /// Which process holds the claim, where a store tells its life by that.
    pub holder: Option<String>,
}

/// What came of the last attempt of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It is claimed. When the lease is over it counts as interrupted.
    InProgress,
    /// Its holder gave up, and nobody knows whether the work was done.
    Interrupted,
    /// It is known not to have done the work.
    Released,
    /// The work is done.
    Completed,
}

impl State {
    /// The name in a record: `in_progress`, `interrupted`, `released` or `completed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Interrupted => "interrupted",
            Self::Released => "released",
            Self::Completed => "completed",
        }
    }
}

impl FromStr for State {
    type Err = StoreError;

    fn from_str(name: &str) -> Result<Self, StoreError> {
        [
            Self::InProgress,
            Self::Interrupted,
            Self::Released,
            Self::Completed,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
        .ok_or_else(|| StoreError::corrupt("a record's `state` is none that is known here"))
    }
}

impl Record {
    /// The record whose fields have the texts that `field` gives.
    ///
    /// # Errors
    ///
    /// A field is absent or malformed: [`StoreErrorKind::Corrupt`](super::store::StoreErrorKind).
    pub fn from_fields<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<Self, StoreError> {
        let fields = Fields(field);
        let state = fields.required("state")?.parse()?;
        // A field that the state does not have, as one that an earlier attempt left, says nothing.
        let lease_until = match state {
            State::InProgress => fields.number("lease_until")?,
            _ => 0,
        };
        let answer = match state {
            State::Completed => Some(fields.required("answer")?.into()),
            _ => None,
        };
        Ok(Self {
            state,
            attempt: fields.number("attempt")?,
            interrupted: fields.number("interrupted")?,
            token: fields.number("token")?,
            claim: fields.required("claim")?.parse()?,
            started: fields.number("started")?,
            lease_until,
            expires: fields.optional_number("expires")?,
            answer,
            holder: (fields.0)("holder").map(String::from),
        })
    }

    /// The fields that are present, with their texts.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let leased = self.state == State::InProgress;
        [
            ("state", Some(self.state.as_str().to_string())),
            ("attempt", Some(self.attempt.to_string())),
            ("interrupted", Some(self.interrupted.to_string())),
            ("token", Some(self.token.to_string())),
            ("claim", Some(self.claim.to_string())),
            ("started", Some(self.started.to_string())),
            ("lease_until", leased.then(|| self.lease_until.to_string())),
            ("expires", self.expires.map(|time| time.to_string())),
            ("answer", self.answer.clone()),
            ("holder", self.holder.clone()),
        ]
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| (name, text)))
    }

    /// The record as a JSON object of strings.
    #[must_use]
    pub fn to_json(&self) -> String {
        let object: Map<String, Value> = self
            .fields()
            .map(|(name, text)| (name.to_string(), Value::String(text)))
            .collect();
        Value::Object(object).to_string()
    }

    /// The record that [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// It is no such object: [`StoreErrorKind::Corrupt`](super::store::StoreErrorKind).
    pub fn from_json(json: &str) -> Result<Self, StoreError> {
        let object: Map<String, Value> = serde_json::from_str(json).map_err(|error| {
            StoreError::corrupt("a record is no JSON object").with_source(error)
        })?;
        let is_no_text = |name: &&&str| object.get(**name).is_some_and(|value| !value.is_string());
        if let Some(name) = FIELDS.iter().find(is_no_text) {
            let message = format!("a record's `{name}` is no string");
            return Err(StoreError::corrupt(message));
        }
        Self::from_fields(|name| object.get(name)?.as_str())
    }
}

/// The fields of a record on their way in.
struct Fields<F>(F);

impl<'a, F: Fn(&str) -> Option<&'a str>> Fields<F> {
    fn required(&self, name: &str) -> Result<&'a str, StoreError> {
        (self.0)(name).ok_or_else(|| missing(name))
    }

    fn number(&self, name: &str) -> Result<u64, StoreError> {
        self.optional_number(name)?.ok_or_else(|| missing(name))
    }

    fn optional_number(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let Some(text) = (self.0)(name) else {
            return Ok(None);
        };
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_plain && number < LIMIT => Ok(Some(number)),
            _ => Err(StoreError::corrupt(format!(
                "a record's `{name}` is no number below 2^53"
            ))),
        }
    }
}

fn missing(name: &str) -> StoreError {
    StoreError::corrupt(format!("a record has no `{name}`"))
}
