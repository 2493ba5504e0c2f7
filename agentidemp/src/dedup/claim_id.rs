//! [`ClaimId`]: tells one claim from every other.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use uuid::Uuid;

use super::StoreError;

/// Who claims a key: a random number of its own for each claim, so that a store can tell a claim that
/// is sent again (its reply was lost) from the claim of somebody else.
///
/// Its text is the 32 lower-case hex digits of a random UUID.
///
/// ```
/// use agentidemp::dedup::store::ClaimId;
///
/// let id = ClaimId::random();
/// assert_eq!(id.to_string().len(), 32);
/// assert_eq!(id.to_string().parse::<ClaimId>().unwrap(), id);
/// assert_ne!(id, ClaimId::random());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId(Uuid);

impl ClaimId {
    /// A new one.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl fmt::Debug for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimId({self})")
    }
}

impl FromStr for ClaimId {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let digits = text
            .bytes()
            .filter(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 32 || digits.count() != 32 {
            return Err(not_a_claim_id(text));
        }
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| not_a_claim_id(text))
    }
}

fn not_a_claim_id(text: &str) -> StoreError {
    StoreError::corrupt(format!("`{}` is no claim id", excerpt(text)))
}

fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
