//! [`Document`]: what identifies the body of a vector, as a document of an identity.

use std::collections::BTreeMap;

use agentidemp::Identity;
use serde::{Deserialize, Serialize};

/// The document of an identity, with its members in the order of the file. It is no `Identity`, so that
/// the file says what is read, and not what was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_everywhere: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub json: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scope_field: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scope_member: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unordered: Vec<String>,
}

impl Document {
    /// Reads a document that is written in a test.
    pub(super) fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The identity that the document is of.
    ///
    /// # Errors
    ///
    /// Where it is of none.
    pub fn identity(&self) -> Result<Identity, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(self)?)
    }
}
