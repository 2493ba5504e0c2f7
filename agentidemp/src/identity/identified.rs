//! [`Identified`]: a payload with its identity, which is a request.

use alloc::vec::Vec;

use super::Identity;
use crate::canonical::Scope;
use crate::canonical::{Canonical, Encoder, json_text};
use crate::{Error, IdempotencyKey, Key};

/// A payload, by how it is written, with the identity that says what of it counts.
pub(super) struct Identified<'a, F> {
    pub(super) identity: &'a Identity,
    pub(super) encode: F,
}

impl<F: Fn(&mut Encoder<'_>)> Canonical for Identified<'_, F> {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self.identity.payload_by(&self.encode) {
            Ok((payload, _)) => json_text::encode(&payload, out),
            Err(error) => out.fail(error),
        }
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        match self.identity.payload_by(&self.encode) {
            Ok((_, members)) => self.identity.write_scope(&members, scope),
            Err(error) => scope.fail(error),
        }
    }
}

impl<F: Fn(&mut Encoder<'_>)> IdempotencyKey for Identified<'_, F> {
    fn try_idempotency_key(&self) -> Result<Key, Error> {
        self.identity.key_by(&self.encode)
    }

    fn try_canonical_bytes(&self) -> Result<Vec<u8>, Error> {
        self.identity.bytes_by(&self.encode)
    }
}
