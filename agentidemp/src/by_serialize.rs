//! Any [`Serialize`] in canonical form: what goes on the wire, all of it.
//!
//! For a field of a foreign type, mark it `#[idem(serde)]`. For a type of your own whose `Serialize`
//! is written by hand, there is [`canonical_by_serialize!`](crate::canonical_by_serialize). For a
//! payload whose type is not yours, use [`Identity`](crate::Identity). What is here is for
//! hand-written [`Canonical`] implementations:
//!
//! ```
//! use agentidemp::canonical::Encoder;
//! use agentidemp::{Canonical, IdempotencyKey};
//!
//! struct Search(Vec<std::num::NonZeroU8>);
//!
//! impl Canonical for Search {
//!     fn encode(&self, out: &mut Encoder<'_>) {
//!         agentidemp::by_serialize::encode(&self.0, out);
//!     }
//! }
//!
//! impl IdempotencyKey for Search {}
//!
//! assert_eq!(Search(Vec::new()).canonical_bytes(), b"[]");
//! ```
//!
//! # What serde does not see
//!
//! `#[idem(..)]` attributes. Within a value that is seen through [`Serialize`], nothing is skipped,
//! renamed or sorted by them, not even in types that derive
//! [`IdempotencyKey`](crate::IdempotencyKey). A foreign container of such types, marked
//! `#[idem(serde)]`, gets a new key with each new trace id within, though its elements skip it:
//!
//! ```
//! use agentidemp::IdempotencyKey;
//! # #[derive(serde::Serialize)]
//! # struct Ring<T>(Vec<T>);
//! # impl<'a, T> IntoIterator for &'a Ring<T> {
//! #     type Item = &'a T;
//! #     type IntoIter = std::slice::Iter<'a, T>;
//! #     fn into_iter(self) -> Self::IntoIter { self.0.iter() }
//! # }
//!
//! #[derive(IdempotencyKey, serde::Serialize)]
//! struct Line {
//!     quantity: u32,
//!     #[idem(skip)]
//!     trace_id: u64,
//! }
//!
//! #[derive(IdempotencyKey)]
//! struct BySerde {
//!     #[idem(serde)]
//!     lines: Ring<Line>,
//! }
//!
//! #[derive(IdempotencyKey)]
//! struct ByElement {
//!     #[idem(with = agentidemp::with::seq)]
//!     lines: Ring<Line>,
//! }
//!
//! let lines = |trace_id| Ring(vec![Line { quantity: 2, trace_id }]);
//! assert_ne!(
//!     BySerde { lines: lines(1) }.idempotency_key(),
//!     BySerde { lines: lines(2) }.idempotency_key(),
//! );
//! assert_eq!(
//!     ByElement { lines: lines(1) }.idempotency_key(),
//!     ByElement { lines: lines(2) }.idempotency_key(),
//! );
//! ```
//!
//! So keep `#[idem(serde)]` for types that hold none of yours. The containers of
//! [some crates](crate::foreign) have a [`Canonical`] by a feature, and the functions in
//! [`with`](crate::with) are for all others.
//!
//! # Sets
//!
//! A `HashSet` that is seen through [`Serialize`] gives another key in each process: it is a
//! sequence in the order of its iteration, which is random, and serde does not say that it is a set.
//! The crate's own [`Canonical`] for sets sorts the elements, and so does
//! [`with::set`](crate::with::set); where you can do neither, send a `BTreeSet` or a sorted `Vec`.
//! Maps are no hazard: their members are always sorted.
//!
//! # Features of serde_json
//!
//! Any crate of a build can turn them on, for all of it. A `Value` that is built, but for one of an `f32`, has
//! the same key under each of them. One that serde_json has *read* holds what its features say:
//!
//! | in the text | without features | with |
//! |---|---|---|
//! | an integer beyond 64 bits | the double next to it, so that two requests may be one | `arbitrary_precision`: all its digits |
//! | some decimals of 16 digits and more, as `333333333.33333329` | a double beside the nearest, as `333333333.33333325` | `float_roundtrip`: the nearest double; `arbitrary_precision`: all its digits, which have a key if they say no more than that double |
//! | what is too small for a double, as `1e-400` | 0 | `arbitrary_precision`: itself, which has no key |
//! | an object of one member `$serde_json::private::RawValue` or `..Number` | itself | `raw_value`, `arbitrary_precision`: the JSON in that member's text |
//!
//! In the same way `json!(0.1_f32)` is `0.10000000149011612`, and with `arbitrary_precision` it is `0.1`. What such
//! a `Value` holds goes on the wire, too, so that its key is right. `preserve_order` and `unbounded_depth` change
//! no key.
//!
//! Where the text itself is what counts, as it is for a body that somebody else wrote, let nothing read it before:
//! [`Identity::key_of_json`](crate::Identity::key_of_json) and `RawValue` have the same key under every feature.
//!
//! # Where serde_json writes text, and there is no key
//!
//! NaN and infinities, which serde_json writes as `null`; a number in JSON text that is beyond the
//! range of a double, as `1e999` is, or says more than its double, as `12345678901234567.89` does;
//! floats and `Some` as the key of a map; two members of one name; JSON text that nests deeper than 128
//! levels.
//!
//! [`Canonical`]: crate::Canonical
//! [`Serialize`]: serde_core::Serialize

pub use crate::serde::encode;
