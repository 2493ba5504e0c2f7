//! [`IdempotencyKey`]: the trait of requests. The derive implements it together with
//! [`Canonical`].

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::canonical::{Canonical, Encoder};
use crate::scope::Scope;
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
/// With a hand-written [`Canonical`], `impl IdempotencyKey for MyRequest {}` makes a request without
/// a scope. A request with a scope says what it is in [`encode_scope`](Self::encode_scope).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a request: it has no idempotency key",
    label = "needs `#[derive(IdempotencyKey)]`",
    note = "derive it on the request type: `#[derive(agentidemp::IdempotencyKey)]`",
    note = "for a request type of another crate that implements `Serialize`, use `agentidemp::Identity`"
)]
pub trait IdempotencyKey: Canonical {
    /// Writes what the key is valid for: the operation, the user, the session.
    ///
    /// The derive writes the container's `#[idem(scope = "...")]` and the fields marked
    /// `#[idem(scope)]`. By default there is no scope.
    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        let _ = scope;
    }

    /// Writes what is hashed after the scope: the canonical form without the scope fields.
    ///
    /// By default this is the canonical form as a whole.
    fn encode_payload(&self, out: &mut Encoder<'_>) {
        self.encode(out);
    }

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
        self.encode_scope(&mut Scope::new(&mut out));
        self.encode_payload(&mut out);
        out.finish_key()
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
        self.encode_scope(&mut Scope::new(&mut out));
        self.encode_payload(&mut out);
        out.finish_bytes()
    }
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

macro_rules! pointers_to_requests {
    ($(<$parameter:ident $(: $bound:ident)?> $pointer:ty),*) => {$(
        impl<$parameter: IdempotencyKey + ?Sized $(+ $bound)?> IdempotencyKey for $pointer {
            fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
                (**self).encode_scope(scope);
            }

            fn encode_payload(&self, out: &mut Encoder<'_>) {
                (**self).encode_payload(out);
            }
        }
    )*};
}

pointers_to_requests!(<T> &T, <T> &mut T, <T> Box<T>, <T> Rc<T>, <T> Arc<T>, <T: ToOwned> Cow<'_, T>);
