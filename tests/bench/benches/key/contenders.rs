//! The ways to a key that are compared, and whether those that write the same form do agree.

use std::hint::black_box;

use agentidemp::{Identity, sha256_hex};
use agentidemp_bench::{Request, VOLATILE};
use llm_message_hash::hash_canonical_hex;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) const RAW: &str = "raw SHA-256";
pub(crate) const DERIVE: &str = "derive";
pub(crate) const ANY: &str = "any Serialize";
pub(crate) const EXCLUSIONS: &str = "3 exclusions";
pub(crate) const JSON_TEXT: &str = "JSON text";
pub(crate) const PRETTY_TEXT: &str = "JSON text, pretty";
pub(crate) const SERDE_JSON: &str = "serde_json";

/// One way to the key of one request.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn() + 'a>,
}

fn contender<'a, K>(name: &'static str, key: impl Fn() -> K + 'a) -> Contender<'a> {
    Contender {
        name,
        run: Box::new(move || {
            black_box(key());
        }),
    }
}

/// A request in the forms that the contenders start from.
pub(crate) struct Subject<'a, R: Request> {
    request: &'a R,
    sent: R::Sent<'a>,
    canonical: Vec<u8>,
    /// The request as JSON text, as serde_json writes it, and indented.
    body: Vec<u8>,
    pretty_body: Vec<u8>,
    identity: Identity,
    identity_of_sent: Identity,
}

impl<'a, R: Request> Subject<'a, R> {
    pub(crate) fn new(request: &'a R) -> Self {
        Self {
            request,
            sent: R::Sent::from(request),
            canonical: request.canonical_bytes(),
            body: serde_json::to_vec(request).unwrap(),
            pretty_body: serde_json::to_vec_pretty(request).unwrap(),
            identity: Identity::new(),
            identity_of_sent: Identity::new().exclude(VOLATILE),
        }
    }

    /// The length of the canonical form.
    pub(crate) fn size(&self) -> usize {
        self.canonical.len()
    }

    /// SHA-256 over the canonical bytes, which nothing that hashes them can beat.
    pub(crate) fn raw(&self) -> Contender<'_> {
        contender(RAW, || Sha256::digest(black_box(&self.canonical)))
    }

    pub(crate) fn derive(&self) -> Contender<'_> {
        contender(DERIVE, || black_box(self.request).idempotency_key())
    }

    pub(crate) fn contenders(&self) -> Vec<Contender<'_>> {
        let request = self.request;
        vec![
            self.derive(),
            contender(ANY, move || self.identity.key(black_box(request)).unwrap()),
            contender(EXCLUSIONS, || {
                self.identity_of_sent.key(black_box(&self.sent)).unwrap()
            }),
            contender(JSON_TEXT, || {
                self.identity.key_of_json(black_box(&self.body)).unwrap()
            }),
            contender(PRETTY_TEXT, || {
                let body = black_box(&self.pretty_body);
                self.identity.key_of_json(body).unwrap()
            }),
            contender("text to Value, Identity", || {
                let value: Value = serde_json::from_slice(black_box(&self.body)).unwrap();
                self.identity.key(&value).unwrap()
            }),
            contender("text to Value, JCS", || {
                let value: Value = serde_json::from_slice(black_box(&self.body)).unwrap();
                Sha256::digest(serde_json_canonicalizer::to_vec(&value).unwrap())
            }),
            contender(SERDE_JSON, move || {
                Sha256::digest(serde_json::to_vec(black_box(request)).unwrap())
            }),
            contender("serde_json_canonicalizer", move || {
                Sha256::digest(serde_json_canonicalizer::to_vec(black_box(request)).unwrap())
            }),
            contender("serde_jcs", move || {
                Sha256::digest(serde_jcs::to_vec(black_box(request)).unwrap())
            }),
            // It takes a `Value`: that is a part of the way from a typed request.
            contender("llm-message-hash", move || {
                hash_canonical_hex(&serde_json::to_value(black_box(request)).unwrap())
            }),
            contender("borsh", move || {
                Sha256::digest(borsh::to_vec(black_box(request)).unwrap())
            }),
        ]
    }

    /// Asserts that this crate's ways give one key: that of the bytes which raw SHA-256 gets.
    pub(crate) fn assert_one_key(&self) {
        let key = self.request.idempotency_key();
        assert_eq!(key, sha256_hex(&self.canonical), "canonical bytes");
        assert_eq!(key, self.identity.key(self.request).unwrap(), "{ANY}");
        for body in [&self.body, &self.pretty_body] {
            assert_eq!(key, self.identity.key_of_json(body).unwrap(), "{JSON_TEXT}");
        }
        assert_eq!(
            key,
            self.identity_of_sent.key(&self.sent).unwrap(),
            "{EXCLUSIONS}"
        );
    }

    /// Asserts that the peers which sort an object's members write the same bytes, or hash them.
    ///
    /// Not for `f32`: they take the digits of the double next to it.
    pub(crate) fn assert_peers_agree(&self) {
        let request = self.request;
        let peers = [
            serde_json_canonicalizer::to_vec(request).unwrap(),
            serde_jcs::to_vec(request).unwrap(),
        ];
        for bytes in peers {
            assert!(bytes == self.canonical, "a JCS peer writes another form");
        }
        let hash = hash_canonical_hex(&serde_json::to_value(request).unwrap());
        assert_eq!(hash, request.idempotency_key()["ik_".len()..]);
    }

    /// Asserts that serde_json writes the same bytes: where the fields are declared in order.
    pub(crate) fn assert_serde_json_agrees(&self) {
        let bytes = serde_json::to_vec(self.request).unwrap();
        assert!(bytes == self.canonical, "serde_json writes another form");
    }
}
