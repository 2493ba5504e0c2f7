//! [`canonical_by_serialize`](crate::canonical_by_serialize).

/// Gives types their [`Canonical`](crate::Canonical) by their `Serialize` implementation.
///
/// It is for types of your own whose `Serialize` is written by hand, or by another derive than serde's,
/// as `Serialize_repr` is. Deriving [`IdempotencyKey`](crate::IdempotencyKey) would write their fields,
/// which is not what goes on the wire, and `#[idem(serde)]` would have to stand on each field that
/// holds one:
///
/// ```
/// use agentidemp::IdempotencyKey;
/// use serde::{Serialize, Serializer};
///
/// /// On the wire: `"5.00 EUR"`.
/// struct Money {
///     cents: u64,
///     currency: &'static str,
/// }
///
/// impl Serialize for Money {
///     fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
///         let Self { cents, currency } = self;
///         serializer.collect_str(&format_args!("{}.{:02} {currency}", cents / 100, cents % 100))
///     }
/// }
///
/// agentidemp::canonical_by_serialize!(Money);
///
/// #[derive(IdempotencyKey)]
/// struct Charge {
///     amount: Money,
/// }
///
/// let charge = Charge { amount: Money { cents: 500, currency: "EUR" } };
/// assert_eq!(charge.canonical_bytes(), br#"{"amount":"5.00 EUR"}"#);
/// ```
///
/// It takes any number of types, with `impl<..>` before one that has type parameters or named
/// lifetimes. It needs no bounds: such a type has its `Canonical` where it has its `Serialize`.
///
/// ```
/// # use serde::Serialize;
/// # #[derive(Serialize)]
/// # struct Money;
/// # #[derive(Serialize)]
/// # struct Name<'a>(&'a str);
/// # #[derive(Serialize)]
/// # struct Page<T, C>(Vec<T>, C);
/// agentidemp::canonical_by_serialize!(Money, Name<'_>, impl<T, C> Page<T, C>);
/// # fn main() {}
/// ```
///
/// The type is no request yet. To make it one, add `impl IdempotencyKey for Money {}`.
///
/// What is by `Serialize` knows no `#[idem]` attribute: see [`by_serialize`](crate::by_serialize). For a const
/// parameter, or a parameter that the type itself bounds, write the impl by hand with
/// [`by_serialize::encode`](crate::by_serialize::encode).
#[macro_export]
macro_rules! canonical_by_serialize {
    (impl<$($parameter:tt),+> $type:ty $(, $($rest:tt)*)?) => {
        impl<$($parameter),+> $crate::Canonical for $type
        where
            $type: $crate::__private::Serialize,
        {
            fn encode(&self, out: &mut $crate::canonical::Encoder<'_>) {
                $crate::by_serialize::encode(self, out);
            }
        }

        $($crate::canonical_by_serialize!($($rest)*);)?
    };
    ($type:ty $(, $($rest:tt)*)?) => {
        impl $crate::Canonical for $type {
            fn encode(&self, out: &mut $crate::canonical::Encoder<'_>) {
                $crate::by_serialize::encode(self, out);
            }
        }

        $($crate::canonical_by_serialize!($($rest)*);)?
    };
    () => {};
}
