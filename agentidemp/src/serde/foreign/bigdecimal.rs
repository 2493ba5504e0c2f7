//! [`Canonical`](crate::Canonical) for `bigdecimal`.

use bigdecimal::BigDecimal;

crate::canonical_by_serialize!(BigDecimal);
