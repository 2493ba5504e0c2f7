//! The vectors, on whatever machine this runs: every body has its key, and what is refused is refused.

use agentidemp::{Identity, Secret, sha256_hex};
use serde::Deserialize;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../agentidemp/vectors/v1.json");

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
    refused: Vec<Vector>,
    refused_identities: Vec<RefusedIdentity>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    body: String,
    identity: Identity,
    secret: Option<String>,
    #[serde(default)]
    canonical: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    short: String,
    #[serde(default)]
    uuid: String,
}

#[derive(Deserialize)]
struct RefusedIdentity {
    name: String,
    identity: String,
}

impl Vector {
    fn identity(&self) -> Identity {
        match self.secret() {
            Some(secret) => self.identity.clone().secret(secret),
            None => self.identity.clone(),
        }
    }

    fn secret(&self) -> Option<Secret> {
        let digits = self.secret.as_ref()?;
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        Some(Secret::new(bytes))
    }
}

fn file() -> File {
    serde_json::from_str(VECTORS).unwrap()
}

#[test]
fn every_body_has_its_key() {
    let vectors = file().vectors;
    assert!(vectors.len() > 400);
    for vector in vectors {
        let (identity, name) = (vector.identity(), &vector.name);
        let canonical = identity.canonical_bytes_of_json(vector.body.as_bytes());
        assert_eq!(canonical.unwrap(), vector.canonical.as_bytes(), "{name}");
        let key = identity.key_of_json(vector.body.as_bytes()).unwrap();
        assert_eq!(key, *vector.key, "{name}");
        assert_eq!(key.short(), *vector.short, "{name}");
        assert_eq!(key.uuid().to_string(), vector.uuid, "{name}");
    }
}

/// By serde, too, which knows less of a number than the text says.
#[test]
fn a_value_that_is_read_has_the_key_of_its_text() {
    let mut equal = 0;
    for vector in file().vectors {
        let Ok(value) = serde_json::from_str::<Value>(&vector.body) else {
            continue;
        };
        if serde_json::to_string(&value).ok().as_deref() == Some(&vector.body) {
            let key = vector.identity().key(&value).unwrap();
            assert_eq!(key, *vector.key, "{}", vector.name);
            equal += 1;
        }
    }
    assert!(equal > 100, "{equal}");
}

#[test]
fn the_canonical_text_gives_the_key() {
    for vector in file().vectors {
        let canonical = vector.canonical.as_bytes();
        let key = match vector.secret() {
            Some(secret) => secret.key_of(canonical).unwrap(),
            None => sha256_hex(canonical),
        };
        assert_eq!(key, *vector.key, "{}", vector.name);
    }
}

#[test]
fn a_body_without_a_key_is_refused() {
    for refused in file().refused {
        let key = refused.identity().key_of_json(refused.body.as_bytes());
        assert!(key.is_err(), "{}", refused.name);
    }
}

#[test]
fn a_document_of_no_identity_is_refused() {
    for refused in file().refused_identities {
        let identity = serde_json::from_str::<Identity>(&refused.identity);
        assert!(identity.is_err(), "{}", refused.name);
    }
}
