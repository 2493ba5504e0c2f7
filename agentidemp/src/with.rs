//! Maps and sequences of other crates, for `#[idem(with = ...)]`.
//!
//! A container without [`Canonical`] could be written by its `Serialize`, with `#[idem(serde)]`. But
//! serde knows no `#[idem]` attribute, so what the elements skip would count. These functions write
//! the elements by their own [`Canonical`]. They take whatever iterates by reference, as `&map` does:
//!
//! ```
//! use agentidemp::IdempotencyKey;
//! # mod cart {
//! #     /// A map of another crate.
//! #     pub struct LinearMap<K, V>(pub Vec<(K, V)>);
//! #     impl<'a, K, V> IntoIterator for &'a LinearMap<K, V> {
//! #         type Item = (&'a K, &'a V);
//! #         type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&(K, V)) -> (&K, &V)>;
//! #         fn into_iter(self) -> Self::IntoIter {
//! #             self.0.iter().map(|(name, value)| (name, value))
//! #         }
//! #     }
//! # }
//! # use cart::LinearMap;
//!
//! #[derive(IdempotencyKey)]
//! struct Line {
//!     quantity: u32,
//!     #[idem(skip)]
//!     trace_id: String,
//! }
//!
//! #[derive(IdempotencyKey)]
//! struct Order {
//!     #[idem(with = agentidemp::with::map)]
//!     lines: LinearMap<String, Line>,
//! }
//!
//! let line = Line { quantity: 2, trace_id: "t-81c0".into() };
//! let order = Order { lines: LinearMap(vec![("apple".into(), line)]) };
//! assert_eq!(order.canonical_bytes(), br#"{"lines":{"apple":{"quantity":2}}}"#);
//! ```
//!
//! An iterator will do as well, so a function of your own can adapt what it gives. One that is not
//! [`Clone`] is collected into a `Vec` first. Here the map may be absent, and its keys have no
//! [`Canonical`] but a `Display`:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::net::Ipv4Addr;
//!
//! use agentidemp::{Canonical, IdempotencyKey, with};
//!
//! #[derive(IdempotencyKey)]
//! struct Routes {
//!     #[idem(with = by_network)]
//!     hops: Option<BTreeMap<Network, Vec<u32>>>,
//! }
//!
//! # /// A type of another crate.
//! # #[derive(PartialEq, Eq, PartialOrd, Ord)]
//! # struct Network(Ipv4Addr, u8);
//! # impl std::fmt::Display for Network {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//! #         write!(f, "{}/{}", self.0, self.1)
//! #     }
//! # }
//! fn by_network(hops: &Option<BTreeMap<Network, Vec<u32>>>) -> impl Canonical {
//!     hops.as_ref().map(|hops| {
//!         with::map(hops.iter().map(|(network, hops)| (network.to_string(), hops)))
//!     })
//! }
//!
//! let hops = BTreeMap::from([(Network(Ipv4Addr::LOCALHOST, 8), vec![1, 2])]);
//! let routes = Routes { hops: Some(hops) };
//! assert_eq!(routes.canonical_bytes(), br#"{"hops":{"127.0.0.1/8":[1,2]}}"#);
//! ```
//!
//! The containers of [some crates](crate::foreign) need none of this.

use serde_core::Serialize;

use crate::Canonical;
use crate::canonical::Encoder;
use crate::serde::Serialized;

/// An object: a member for each pair of a key and a value.
///
/// The pairs may come in any order. A key is a string, char, bool, integer, unit variant, or a newtype
/// of those. Any other key, and two that are written alike, are errors of the request.
#[must_use]
pub fn map<K, V>(entries: impl IntoIterator<Item = (K, V)> + Clone) -> impl Canonical
where
    K: Canonical,
    V: Canonical,
{
    Map(entries)
}

/// As [`map`], for keys of another crate: they are written by their `Serialize`.
///
/// ```
/// use std::collections::HashMap;
///
/// use agentidemp::IdempotencyKey;
/// # use serde::Serialize;
///
/// # /// A type of another crate.
/// # #[derive(Serialize, PartialEq, Eq, Hash)]
/// # enum Currency { Eur }
/// #[derive(IdempotencyKey)]
/// struct Transfer {
///     #[idem(with = agentidemp::with::map_with_serde_keys)]
///     amounts: HashMap<Currency, Amount>,
/// }
///
/// #[derive(IdempotencyKey)]
/// struct Amount {
///     cents: u64,
///     #[idem(skip)]
///     quoted_at: u64,
/// }
///
/// let amount = Amount { cents: 500, quoted_at: 1_767_225_600 };
/// let transfer = Transfer { amounts: HashMap::from([(Currency::Eur, amount)]) };
/// assert_eq!(transfer.canonical_bytes(), br#"{"amounts":{"Eur":{"cents":500}}}"#);
/// ```
#[must_use]
pub fn map_with_serde_keys<K, V>(
    entries: impl IntoIterator<Item = (K, V)> + Clone,
) -> impl Canonical
where
    K: Serialize,
    V: Canonical,
{
    MapWithSerdeKeys(entries)
}

/// An array: the elements in their order.
///
/// The order has to be the same for all attempts. Where it is random, as that of a hash set is, or
/// means nothing, take [`set`].
///
/// ```
/// use agentidemp::IdempotencyKey;
/// # type Ring<T> = std::collections::VecDeque<T>;
///
/// #[derive(IdempotencyKey)]
/// struct Batch {
///     #[idem(with = agentidemp::with::seq)]
///     sizes: Ring<u32>,
/// }
///
/// assert_eq!(Batch { sizes: Ring::from([2, 1]) }.canonical_bytes(), br#"{"sizes":[2,1]}"#);
/// ```
#[must_use]
pub fn seq<T: Canonical>(elements: impl IntoIterator<Item = T> + Clone) -> impl Canonical {
    Seq(elements)
}

/// An array whose order means nothing: the elements sorted by their canonical bytes, equal ones all
/// kept.
///
/// ```
/// use agentidemp::IdempotencyKey;
///
/// #[derive(IdempotencyKey)]
/// struct Search {
///     #[idem(with = agentidemp::with::set)]
///     tags: Vec<&'static str>,
/// }
///
/// let search = |tags| Search { tags };
/// assert_eq!(
///     search(vec!["b", "a"]).idempotency_key(),
///     search(vec!["a", "b"]).idempotency_key(),
/// );
/// ```
#[must_use]
pub fn set<T: Canonical>(elements: impl IntoIterator<Item = T> + Clone) -> impl Canonical {
    Set(elements)
}

struct Map<I>(I);

impl<I, K, V> Canonical for Map<I>
where
    I: IntoIterator<Item = (K, V)> + Clone,
    K: Canonical,
    V: Canonical,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        out.object().entries(self.0.clone()).finish();
    }
}

struct MapWithSerdeKeys<I>(I);

impl<I, K, V> Canonical for MapWithSerdeKeys<I>
where
    I: IntoIterator<Item = (K, V)> + Clone,
    K: Serialize,
    V: Canonical,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        let mut object = out.object();
        for (key, value) in self.0.clone() {
            object.entry(&Serialized(&key), &value);
        }
        object.finish();
    }
}

struct Seq<I>(I);

impl<I, T> Canonical for Seq<I>
where
    I: IntoIterator<Item = T> + Clone,
    T: Canonical,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        out.array().elements(self.0.clone()).finish();
    }
}

struct Set<I>(I);

impl<I, T> Canonical for Set<I>
where
    I: IntoIterator<Item = T> + Clone,
    T: Canonical,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        out.set().elements(self.0.clone()).finish();
    }
}
