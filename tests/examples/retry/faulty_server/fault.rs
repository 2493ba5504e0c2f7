//! What can go wrong between a request and its answer.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fault {
    TooManyRequests,
    ErrorBeforeAction,
    ErrorAfterAction,
    CutBeforeAction,
    CutAfterAction,
    /// The request comes to the shop after the client gave up: often after its retry.
    SlowBeforeAction,
    /// The answer comes after the client gave up.
    SlowAfterAction,
    /// A request that came later is answered first.
    OutOfOrder,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::TooManyRequests,
        Self::ErrorBeforeAction,
        Self::ErrorAfterAction,
        Self::CutBeforeAction,
        Self::CutAfterAction,
        Self::SlowBeforeAction,
        Self::SlowAfterAction,
        Self::OutOfOrder,
    ];

    /// Whether no answer comes before the client gives up.
    pub fn is_slow(self) -> bool {
        matches!(self, Self::SlowBeforeAction | Self::SlowAfterAction)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TooManyRequests => "429 with Retry-After",
            Self::ErrorBeforeAction => "500 before the action",
            Self::ErrorAfterAction => "500 after the action",
            Self::CutBeforeAction => "cut before the action",
            Self::CutAfterAction => "cut after the action",
            Self::SlowBeforeAction => "too slow before the action",
            Self::SlowAfterAction => "too slow after the action",
            Self::OutOfOrder => "answers out of order",
        })
    }
}
