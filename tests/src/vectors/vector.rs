//! [`Vector`]: a request as it is sent, what identifies it, and its key.

use std::fmt::Write;

use agentidemp::{IdempotencyKey, Identity, Key};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A request and its key. The order of the fields is that of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vector {
    pub name: String,
    /// The JSON text that is sent.
    pub body: String,
    /// JSON Pointers to what is not in the payload. The segment `*` is any member or element.
    pub exclude: Vec<String>,
    /// JSON Pointers to the arrays that are sets.
    pub sets: Vec<String>,
    pub scope: Scope,
    /// The text that is hashed.
    pub canonical: String,
    /// The bytes of that text in hex, where it is not plain ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_hex: Option<String>,
    pub key: String,
    pub short: String,
    pub uuid: String,
    /// The key of this vector as a request, without this member: no byte of it can change unnoticed.
    pub checksum: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub operation: Option<String>,
    pub fields: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub label: String,
    pub value: String,
}

impl Vector {
    /// The vector of a request without a scope of which nothing is left out.
    pub(super) fn new<T>(name: impl Into<String>, request: &T) -> Self
    where
        T: IdempotencyKey + Serialize,
    {
        Self::of_body(name, request).with_key(request.canonical_bytes(), request.idempotency_key())
    }

    /// A body without its key.
    pub(super) fn of_body<T: Serialize>(name: impl Into<String>, payload: &T) -> Self {
        Self {
            name: name.into(),
            body: serde_json::to_string(payload).unwrap(),
            ..Self::default()
        }
    }

    pub(super) fn with_key(self, canonical: Vec<u8>, key: Key) -> Self {
        let canonical = String::from_utf8(canonical).unwrap();
        Self {
            canonical_hex: (!canonical.is_ascii()).then(|| hex(canonical.as_bytes())),
            canonical,
            key: key.to_string(),
            short: key.short().to_string(),
            uuid: key.uuid().to_string(),
            ..self
        }
    }

    /// What identifies the body.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let mut identity = Identity::new().exclude(&self.exclude);
        if let Some(operations) = &self.scope.operation {
            identity = operations.split('>').fold(identity, Identity::scope);
        }
        for field in &self.scope.fields {
            identity = identity.scope_field(&field.label, &field.value);
        }
        identity
    }

    /// Says what the type skips.
    pub(super) fn exclude(mut self, pointers: &[&str]) -> Self {
        self.exclude
            .extend(pointers.iter().copied().map(String::from));
        self
    }

    /// Says which arrays the type knows as sets.
    pub(super) fn sets(mut self, pointers: &[&str]) -> Self {
        self.sets.extend(pointers.iter().copied().map(String::from));
        self
    }

    /// Names the operation.
    pub(super) fn operation(mut self, operation: &str) -> Self {
        self.scope.operation = Some(operation.into());
        self
    }

    /// Adds a scope field, which is the member `label` of the body.
    pub(super) fn scope(self, label: &str, value: &str) -> Self {
        let pointer = format!("/{}", label.replace('~', "~0").replace('/', "~1"));
        self.exclude(&[&pointer]).scope_outside_body(label, value)
    }

    /// Adds a scope field, whose pointer is excluded otherwise.
    pub(super) fn scope_outside_body(mut self, label: &str, value: &str) -> Self {
        self.scope.fields.push(Label {
            label: label.into(),
            value: value.into(),
        });
        self
    }

    /// Spells the body as another writer of JSON does.
    pub(super) fn body(mut self, text: &str) -> Self {
        self.body = text.into();
        self
    }

    /// Spells the body as `stored` does, where that is only another spelling: one version of
    /// serde_json writes `1e21`, another `1e+21`.
    pub(super) fn spell_as(&mut self, stored: &Self) {
        if let (Some(ours), Some(theirs)) = (meaning(&self.body), meaning(&stored.body))
            && ours == theirs
        {
            self.body.clone_from(&stored.body);
            self.checksum = checksum(self);
        }
    }

    /// Ends the vector.
    pub(super) fn with_checksum(mut self) -> Self {
        self.checksum = checksum(&self);
        self
    }
}

/// A body that has no key, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub name: String,
    pub body: String,
    /// As that of a vector.
    pub checksum: String,
}

impl Refused {
    pub(super) fn new(name: &str, body: &str) -> Self {
        let mut refused = Self {
            name: format!("refused/{name}"),
            body: body.into(),
            checksum: String::new(),
        };
        refused.checksum = checksum(&refused);
        refused
    }
}

/// The key of a vector, without its checksum.
fn checksum<T: Serialize>(vector: &T) -> String {
    let identity = Identity::new().exclude(["checksum"]);
    identity.key(vector).unwrap().to_string()
}

/// The canonical form of a body as a whole.
fn meaning(body: &str) -> Option<Vec<u8>> {
    let body: &RawValue = serde_json::from_str(body).ok()?;
    Identity::new().canonical_bytes(body).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}
