//! [`Step`]: a call of the script that keeps the rules, and [`Reply`], what it answers.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use redis::{Cmd, Value};
use std::sync::LazyLock;

use crate::Key;
use crate::dedup::store::{
    Abandoned, Claim, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt, Release, Renew,
    Resolve, Resolved, Status, StoreErrorKind, StoredAnswer, Unknown, Written,
};
use crate::dedup::{ClaimId, StoreError};

const CODE: &str = include_str!("record.lua");

/// The server's name of the script, once it has it.
static HASH: LazyLock<String> = LazyLock::new(|| redis::Script::new(CODE).get_hash().into());

type Result<T> = core::result::Result<T, StoreError>;

/// An operation on one record, as the script takes it.
pub(super) struct Step<'a> {
    key: Key,
    arguments: Vec<Cow<'a, str>>,
}

impl<'a> Step<'a> {
    fn new(operation: &'static str, key: Key, id: Option<ClaimId>) -> Self {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        Self {
            key,
            arguments: [operation.into(), id.into()].into(),
        }
    }

    fn kept_for(self, retention: Option<Duration>) -> Self {
        let retention = retention.map(micros).unwrap_or_default();
        self.with(retention)
    }

    fn with(mut self, argument: impl Into<Cow<'a, str>>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The command for a server that has the script.
    pub(super) fn by_hash(&self, prefix: &str) -> Cmd {
        self.command("EVALSHA", &HASH, prefix)
    }

    /// The command for a server that does not have it, and will from then on.
    pub(super) fn by_code(&self, prefix: &str) -> Cmd {
        self.command("EVAL", CODE, prefix)
    }

    fn command(&self, name: &str, script: &str, prefix: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(1).arg(name_of(prefix, &self.key));
        for argument in &self.arguments {
            command.arg(&**argument);
        }
        command
    }
}

/// The hash of a key.
pub(super) fn name_of(prefix: &str, key: &Key) -> String {
    [prefix, key.as_str()].concat()
}

fn micros(duration: Duration) -> String {
    duration.as_micros().to_string()
}

impl From<Claim> for Step<'_> {
    fn from(claim: Claim) -> Self {
        let abandoned = match claim.abandoned {
            Abandoned::RunAgain => "run_again",
            Abandoned::Refuse => "refuse",
        };
        Step::new("claim", claim.key, Some(claim.id))
            .kept_for(claim.retention)
            .with(micros(claim.lease))
            .with(abandoned)
    }
}

impl From<Renew> for Step<'_> {
    fn from(renew: Renew) -> Self {
        Step::new("renew", renew.key, Some(renew.id))
            .kept_for(renew.retention)
            .with(micros(renew.lease))
    }
}

impl<'a> From<Complete<'a>> for Step<'a> {
    fn from(complete: Complete<'a>) -> Self {
        Step::new("complete", complete.key, Some(complete.id))
            .kept_for(complete.retention)
            .with(complete.answer)
    }
}

impl From<Release> for Step<'_> {
    fn from(release: Release) -> Self {
        Step::new("release", release.key, Some(release.id)).kept_for(release.retention)
    }
}

impl From<Interrupt> for Step<'_> {
    fn from(interrupt: Interrupt) -> Self {
        Step::new("interrupt", interrupt.key, Some(interrupt.id)).kept_for(interrupt.retention)
    }
}

impl From<Get> for Step<'_> {
    fn from(get: Get) -> Self {
        Step::new("get", get.key, None).kept_for(None)
    }
}

impl<'a> From<Insert<'a>> for Step<'a> {
    fn from(insert: Insert<'a>) -> Self {
        Step::new("insert", insert.key, Some(insert.id))
            .kept_for(insert.retention)
            .with(insert.answer)
    }
}

impl<'a> From<Resolve<'a>> for Step<'a> {
    fn from(resolve: Resolve<'a>) -> Self {
        let step = Step::new("resolve", resolve.key, Some(resolve.id)).kept_for(resolve.retention);
        match resolve.answer {
            Some(answer) => step.with(answer),
            None => step,
        }
    }
}

/// What the script answers: the name of an outcome, and what belongs to it.
pub(super) struct Reply(Vec<Value>);

impl Reply {
    pub(super) fn new(value: Value) -> Result<Self> {
        match value {
            Value::Array(values) => Ok(Self(values)),
            _ => Err(malformed()),
        }
    }

    fn outcome(&self) -> &[u8] {
        match self.0.first() {
            Some(Value::BulkString(name)) => name,
            _ => &[],
        }
    }

    fn number(&self, at: usize) -> Result<u64> {
        match self.0.get(at) {
            Some(Value::Int(number)) => u64::try_from(*number).map_err(|_| malformed()),
            _ => Err(malformed()),
        }
    }

    fn duration(&self, at: usize) -> Result<Duration> {
        self.number(at).map(Duration::from_micros)
    }

    fn unknown(&self) -> Result<Unknown> {
        Ok(Unknown::new(self.number(1)?, self.number(2)?))
    }

    fn answer(mut self) -> Result<StoredAnswer> {
        let attempt = self.number(2)?;
        let remaining = match self.0.len() {
            3 => None,
            _ => Some(self.duration(3)?),
        };
        let Value::BulkString(json) = self.0.swap_remove(1) else {
            return Err(malformed());
        };
        let json = String::from_utf8(json)
            .map_err(|_| StoreError::corrupt("a record's `answer` is no UTF-8"))?;
        Ok(StoredAnswer::new(json, attempt, remaining))
    }
}

fn malformed() -> StoreError {
    StoreError::new(StoreErrorKind::Other, "the server's reply is malformed")
}

impl TryFrom<Reply> for Claimed {
    type Error = StoreError;

    fn try_from(reply: Reply) -> Result<Self> {
        Ok(match reply.outcome() {
            b"granted" => Self::Granted(Grant::new(
                reply.number(1)?,
                reply.number(2)?,
                reply.number(3)?,
            )),
            b"completed" => Self::Completed(reply.answer()?),
            b"busy" => Self::Busy {
                retry_after: reply.duration(1)?,
            },
            b"unknown" => Self::OutcomeUnknown(reply.unknown()?),
            b"over" => Self::Over,
            _ => return Err(malformed()),
        })
    }
}

impl TryFrom<Reply> for Written {
    type Error = StoreError;

    fn try_from(reply: Reply) -> Result<Self> {
        Ok(match reply.outcome() {
            b"done" => Self::Done,
            b"lost" => Self::Lost,
            b"completed" => Self::Superseded(reply.answer()?),
            _ => return Err(malformed()),
        })
    }
}

impl TryFrom<Reply> for Status {
    type Error = StoreError;

    fn try_from(reply: Reply) -> Result<Self> {
        Ok(match reply.outcome() {
            b"absent" => Self::Absent,
            b"completed" => Self::Completed(reply.answer()?),
            b"in_progress" => Self::InProgress {
                attempt: reply.number(1)?,
                retry_after: reply.duration(2)?,
            },
            b"unknown" => Self::Interrupted(reply.unknown()?),
            b"released" => Self::Released {
                attempt: reply.number(1)?,
            },
            _ => return Err(malformed()),
        })
    }
}

impl TryFrom<Reply> for Inserted {
    type Error = StoreError;

    fn try_from(reply: Reply) -> Result<Self> {
        Ok(match reply.outcome() {
            b"done" => Self::Done,
            b"completed" => Self::Superseded(reply.answer()?),
            _ => return Err(malformed()),
        })
    }
}

impl TryFrom<Reply> for Resolved {
    type Error = StoreError;

    fn try_from(reply: Reply) -> Result<Self> {
        Ok(match reply.outcome() {
            b"done" => Self::Done,
            b"completed" => Self::Superseded(reply.answer()?),
            b"busy" => Self::Busy {
                retry_after: reply.duration(1)?,
            },
            b"nothing_unknown" => Self::NothingUnknown,
            _ => return Err(malformed()),
        })
    }
}
