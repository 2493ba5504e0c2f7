//! [`Vector`]: a request as it is sent, what identifies it, and its key.

use agentidemp::{Error, IdempotencyKey, Identity, Key, Secret};
use serde::{Deserialize, Serialize};

use super::{Document, hex};

/// A request and its key. The order of the fields is that of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vector {
    pub name: String,
    /// The JSON text that is sent.
    pub body: String,
    pub identity: Document,
    /// The secret of a keyed key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
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

impl Vector {
    /// The vector of a request without a scope of which nothing is left out.
    pub(super) fn new<T>(name: impl Into<String>, request: &T) -> Self
    where
        T: IdempotencyKey + Serialize,
    {
        let body = serde_json::to_string(request).unwrap();
        Self {
            name: name.into(),
            body,
            ..Self::default()
        }
        .with_key(request.canonical_bytes(), request.idempotency_key())
    }

    /// The vector of a body whose type is not known, by the document of its identity.
    pub(super) fn of_body(name: &str, identity: &str, body: &str) -> Self {
        let vector = Self {
            name: name.into(),
            body: body.into(),
            identity: Document::of(identity),
            ..Self::default()
        };
        vector
            .with_key_of_body()
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The vector with the key that its body has.
    pub(super) fn with_key_of_body(self) -> Result<Self, Error> {
        let identity = self.identity();
        let body = self.body.as_bytes();
        let canonical = identity.canonical_bytes_of_json(body)?;
        let key = identity.key_of_json(body)?;
        Ok(self.with_key(canonical, key))
    }

    fn with_key(self, canonical: Vec<u8>, key: Key) -> Self {
        let canonical = String::from_utf8(canonical).unwrap();
        Self {
            canonical_hex: (!canonical.is_ascii()).then(|| hex::encode(canonical.as_bytes())),
            canonical,
            key: key.to_string(),
            short: key.short().to_string(),
            uuid: key.uuid().to_string(),
            ..self
        }
    }

    /// What identifies the body.
    ///
    /// # Panics
    ///
    /// Where its document is of no identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        identity(&self.name, &self.identity, self.secret.as_deref())
    }

    /// The secret of a keyed key.
    #[must_use]
    pub fn secret(&self) -> Option<Secret> {
        self.secret.as_deref().map(secret)
    }

    /// Says what the type skips.
    pub(super) fn exclude(mut self, paths: &[&str]) -> Self {
        let paths = paths.iter().copied().map(String::from);
        self.identity.exclude.extend(paths);
        self
    }

    /// Says which arrays the type knows as sets.
    pub(super) fn unordered(mut self, pointers: &[&str]) -> Self {
        let pointers = pointers.iter().copied().map(String::from);
        self.identity.unordered.extend(pointers);
        self
    }

    /// Says which strings the type knows to hold JSON text.
    pub(super) fn json(mut self, pointers: &[&str]) -> Self {
        let pointers = pointers.iter().copied().map(String::from);
        self.identity.json.extend(pointers);
        self
    }

    /// Names the operation.
    pub(super) fn scope(mut self, operation: &str) -> Self {
        self.identity.scope = Some(operation.into());
        self
    }

    /// Adds a scope field that is a member of the body.
    pub(super) fn scope_member(mut self, label: &str, pointer: &str) -> Self {
        let members = &mut self.identity.scope_member;
        members.insert(label.into(), pointer.into());
        self
    }

    /// Makes the key keyed.
    pub(super) fn keyed(mut self, secret: &[u8]) -> Self {
        self.secret = Some(hex::encode(secret));
        self.with_key_of_body().unwrap()
    }

    /// Spells the body as another writer of JSON does.
    pub(super) fn body(mut self, text: &str) -> Self {
        self.body = text.into();
        self
    }

    /// Spells the body as `stored` does, where that is only another spelling: one version of
    /// serde_json writes `1e21`, another `1e+21`.
    pub(super) fn spell_as(&mut self, stored: &Self) {
        if let (Ok(ours), Ok(theirs)) = (meaning(&self.body), meaning(&stored.body))
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

/// The canonical form of a body as a whole.
fn meaning(body: &str) -> Result<Vec<u8>, Error> {
    Identity::new().canonical_bytes_of_json(body.as_bytes())
}

/// The key of a vector, without its checksum.
pub(super) fn checksum<T: Serialize>(vector: &T) -> String {
    let identity = Identity::new().exclude(["checksum"]);
    identity.key(vector).unwrap().to_string()
}

/// The identity of a document, with a secret in hex.
pub(super) fn identity(name: &str, document: &Document, hex: Option<&str>) -> Identity {
    let identity = document.identity();
    let identity = identity.unwrap_or_else(|error| panic!("{name}: {error}"));
    match hex {
        Some(hex) => identity.secret(secret(hex)),
        None => identity,
    }
}

fn secret(hex: &str) -> Secret {
    Secret::new(hex::decode(hex))
}
