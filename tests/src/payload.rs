//! Requests around a single value, and what to say of their canonical form.

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, Error, IdempotencyKey, sha256_hex};

/// A request that is the value and nothing else.
#[derive(Debug, IdempotencyKey)]
pub struct Payload<T>(pub T);

/// A request whose canonical form a closure writes.
pub struct ByHand<F>(pub F);

impl<F: Fn(&mut Encoder<'_>)> Canonical for ByHand<F> {
    fn encode(&self, out: &mut Encoder<'_>) {
        (self.0)(out);
    }
}

impl<F: Fn(&mut Encoder<'_>)> IdempotencyKey for ByHand<F> {}

/// A request that a closure writes. The compiler does not see by itself, where a closure stands in
/// `ByHand`, that it takes an encoder of any lifetime.
pub fn by_hand<F: Fn(&mut Encoder<'_>)>(encode: F) -> ByHand<F> {
    ByHand(encode)
}

/// The canonical form of a request as text. Its key is checked on the way: the key is the hash of
/// these bytes, though it is computed without them.
#[track_caller]
pub fn text_of(request: &(impl IdempotencyKey + ?Sized)) -> String {
    let bytes = request.canonical_bytes();
    assert_eq!(request.idempotency_key(), sha256_hex(&bytes));
    String::from_utf8(bytes).expect("canonical bytes are UTF-8")
}

/// The canonical form of a value as text.
#[track_caller]
pub fn canonical(value: impl Canonical) -> String {
    text_of(&Payload(value))
}

#[track_caller]
pub fn assert_canonical(value: impl Canonical, text: &str) {
    assert_eq!(canonical(value), text);
}

/// Why a request has no key: the same error for its key and for its canonical bytes.
#[track_caller]
pub fn error_of(request: &(impl IdempotencyKey + ?Sized)) -> Error {
    let error = request
        .try_idempotency_key()
        .expect_err("there is no key without a canonical form");
    assert_eq!(request.try_canonical_bytes(), Err(error.clone()));
    error
}

/// Says that a request has no key, and what its error reads: the place as a JSON Pointer, if it is
/// not the top, and the reason.
#[track_caller]
pub fn assert_refused(request: &(impl IdempotencyKey + ?Sized), message: &str) {
    assert_eq!(error_of(request).to_string(), message);
}
