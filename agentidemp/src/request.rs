//! [`IdempotencyKey`]: the trait of requests. The derive implements it together with
//! [`Canonical`].

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::canonical::Scope;
use crate::canonical::{Canonical, Encoder};
use crate::secret::Secret;
use crate::{Error, Key};

/// A request, from whose content the idempotency key is derived.
///
/// Derive it on the request type and on the types within:
///
/// ```
/// use agentidemp::IdempotencyKey;
///
/// #[derive(IdempotencyKey)]
/// struct CreateCharge {
///     amount: u64,
///     currency: String,
///     #[idem(scope)]
///     user: u64,
///     #[idem(skip)]
///     attempt: u32,
/// }
///
/// let charge = CreateCharge { amount: 500, currency: "eur".into(), user: 42, attempt: 1 };
/// let retry = CreateCharge { amount: 500, currency: "eur".into(), user: 42, attempt: 2 };
///
/// assert_eq!(charge.canonical_bytes(), br#"user:42:{"amount":500,"currency":"eur"}"#);
/// assert_eq!(charge.idempotency_key(), retry.idempotency_key());
/// ```
///
/// Standard types do not implement the trait: a bare `u32` is no request. References and smart
/// pointers to requests do.
///
/// # By hand
///
/// With a hand-written [`Canonical`], `impl IdempotencyKey for MyRequest {}` makes a request. Its scope
/// is what [`Canonical::encode_scope`] says: see [`Scope`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a request: it has no idempotency key",
    label = "needs `#[derive(IdempotencyKey)]`",
    note = "derive it on the request type: `#[derive(agentidemp::IdempotencyKey)]`",
    note = "for a request type of another crate that implements `Serialize`, use `agentidemp::Identity`"
)]
pub trait IdempotencyKey: Canonical {
    /// The idempotency key: `ik_` and SHA-256 of the [canonical bytes](Self::canonical_bytes),
    /// 67 characters.
    ///
    /// # Panics
    ///
    /// Where the value has no canonical form, for example because it holds a NaN.
    /// [`try_idempotency_key`](Self::try_idempotency_key) gives an error instead.
    #[track_caller]
    fn idempotency_key(&self) -> Key {
        expect_canonical_form(self.try_idempotency_key(), "try_idempotency_key")
    }

    /// The idempotency key, or why there is none.
    ///
    /// # Errors
    ///
    /// Where the value has no canonical form: a float that is not finite, two members of one name,
    /// a map key that cannot name a member, a path that is not UTF-8. [`Error::pointer`] says where.
    ///
    /// Also where objects and arrays nest deeper than 128 levels, or more than 512 pointers nest within
    /// each other: no value overflows the stack, unless a hand-written [`Canonical`], or a `Serialize`
    /// of an untagged enum, recurses without writing anything.
    fn try_idempotency_key(&self) -> Result<Key, Error> {
        let mut out = Encoder::for_key(None);
        encode(self, &mut out);
        out.finish_key()
    }

    /// The keyed idempotency key: `ik_` and HMAC-SHA-256 (RFC 2104) of the [canonical
    /// bytes](Self::canonical_bytes) under a secret, 67 characters.
    ///
    /// For content that can be guessed, where keys are seen by people who must not learn the content: see
    /// [`Secret`].
    ///
    /// # Panics
    ///
    /// Where the value has no canonical form, or the secret is empty.
    /// [`try_keyed_idempotency_key`](Self::try_keyed_idempotency_key) gives an error instead.
    #[track_caller]
    fn keyed_idempotency_key(&self, secret: &Secret) -> Key {
        expect_canonical_form(
            self.try_keyed_idempotency_key(secret),
            "try_keyed_idempotency_key",
        )
    }

    /// The keyed idempotency key, or why there is none.
    ///
    /// # Errors
    ///
    /// As [`try_idempotency_key`](Self::try_idempotency_key), and where the secret is empty.
    fn try_keyed_idempotency_key(&self, secret: &Secret) -> Result<Key, Error> {
        secret.key_of(&self.try_canonical_bytes()?)
    }

    /// The bytes that are hashed: the scope and `:`, if there is a scope, then the canonical form.
    ///
    /// `sha256_hex(&request.canonical_bytes()) == request.idempotency_key()`. For a version 5 UUID,
    /// pass them to [`uuidv5`](crate::uuidv5).
    ///
    /// # Panics
    ///
    /// Where the value has no canonical form.
    /// [`try_canonical_bytes`](Self::try_canonical_bytes) gives an error instead.
    #[track_caller]
    fn canonical_bytes(&self) -> Vec<u8> {
        expect_canonical_form(self.try_canonical_bytes(), "try_canonical_bytes")
    }

    /// The bytes that are hashed, or why there are none.
    ///
    /// # Errors
    ///
    /// As [`try_idempotency_key`](Self::try_idempotency_key).
    fn try_canonical_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut out = Encoder::for_bytes(None);
        encode(self, &mut out);
        out.finish_bytes()
    }
}

fn encode<T: Canonical + ?Sized>(request: &T, out: &mut Encoder<'_>) {
    Scope::write(out, |scope| request.encode_scope(scope));
    request.encode_payload(out);
}

#[track_caller]
pub(crate) fn expect_canonical_form<T>(result: Result<T, Error>, fallible: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => no_canonical_form(&error, fallible),
    }
}

#[cold]
#[track_caller]
fn no_canonical_form(error: &Error, fallible: &str) -> ! {
    panic!(
        "{error}: {help}, or call `{fallible}` to handle the error",
        help = error.help()
    )
}

impl<T: IdempotencyKey + ?Sized> IdempotencyKey for &T {}
impl<T: IdempotencyKey + ?Sized> IdempotencyKey for &mut T {}
impl<T: IdempotencyKey + ?Sized> IdempotencyKey for Box<T> {}
impl<T: IdempotencyKey + ?Sized> IdempotencyKey for Rc<T> {}
impl<T: IdempotencyKey + ?Sized> IdempotencyKey for Arc<T> {}
impl<T: IdempotencyKey + ToOwned + ?Sized> IdempotencyKey for Cow<'_, T> {}
