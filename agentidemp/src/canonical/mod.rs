//! The canonical form, for those who write it by hand: the trait [`Canonical`], and the [`Encoder`] with its
//! builders.
//!
//! The rules are in [`format`](mod@crate::format). For a `Serialize` that is there, see
//! [`by_serialize`](crate::by_serialize).

mod array;
mod collection;
mod encoder;
mod impls;
pub(crate) mod json_text;
mod number;
pub(crate) mod object;
pub(crate) mod rules;
pub(crate) mod scope;
mod state;

pub(crate) use self::array::OpenArray;
pub use self::array::{Array, Set};
pub use self::encoder::Encoder;
pub use self::object::Object;
pub(crate) use self::object::OpenObject;
pub(crate) use self::scope::Scope;

/// A value that has a canonical form: RFC 8785 JSON, minus what is skipped.
///
/// `#[derive(IdempotencyKey)]` implements it, together with
/// [`IdempotencyKey`](crate::IdempotencyKey). It is implemented for the standard types that have
/// one form on the wire: numbers, strings, collections, pointers, and the like, and by features for
/// [types of other crates](crate::foreign). Types that change between two attempts have no
/// implementation on purpose: `SystemTime` and all other instants, cells, locks, raw pointers.
///
/// To implement it by hand, see [`Encoder`], and [`Scope`] for a request that has one; by a
/// `Serialize` that is there, [`canonical_by_serialize!`](crate::canonical_by_serialize).
///
/// # The scope of what is within
///
/// What stands at the top level of the payload is the request, and its scope is the request's. So
/// whatever passes a value on as its own form passes the scope on too: pointers, `Option`, `Wrapping`
/// and `Reverse` do, and so do derived newtypes. Anywhere else a value is an ordinary part of the
/// payload: [`encode`](Self::encode) writes all of it, its scope fields among its members, and its
/// operation has no effect.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no canonical form",
    label = "cannot be a part of an idempotency key",
    note = "if it changes between attempts, as a timestamp or a trace id does, mark the field `#[idem(skip)]`",
    note = "instants (`SystemTime`, `DateTime`, `OffsetDateTime`, `Timestamp`, `ZonedDateTime`) have none on purpose: one that is a part of what is asked for, as a due date is, takes `#[idem(serde)]`",
    note = "if it is a type of your own, derive it: `#[derive(agentidemp::IdempotencyKey)]`, or, if its `Serialize` is written by hand, `agentidemp::canonical_by_serialize!(..)`",
    note = "if it is a type of another crate, a feature of agentidemp may know it, such as `url`, `chrono` or `rust_decimal`; if not, mark the field `#[idem(serde)]`, or a container of your own types `#[idem(with = agentidemp::with::map)]`"
)]
pub trait Canonical {
    /// Writes the value: exactly one value, by one builder of `out` or by encoding another value.
    fn encode(&self, out: &mut Encoder<'_>);

    /// Writes what the key is valid for, where this value is the request: the operation, the user, the
    /// session.
    ///
    /// The derive writes the container's `#[idem(scope = "...")]`, the scope of what stands at the top
    /// level of the payload, and the fields marked `#[idem(scope)]`. By default there is no scope.
    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        let _ = scope;
    }

    /// Writes what is hashed after the scope, where this value is the request: the canonical form
    /// without what [`encode_scope`](Self::encode_scope) writes. By default this is the canonical form
    /// as a whole.
    fn encode_payload(&self, out: &mut Encoder<'_>) {
        self.encode(out);
    }

    /// Writes an array of these values. Numbers have a shorter way than one by one.
    #[doc(hidden)]
    fn encode_slice(values: &[Self], out: &mut Encoder<'_>)
    where
        Self: Sized,
    {
        out.array().elements(values).finish();
    }
}
