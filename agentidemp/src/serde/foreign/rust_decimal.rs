//! [`Canonical`](crate::Canonical) for `rust_decimal`.

use rust_decimal::Decimal;

crate::canonical_by_serialize!(Decimal);
