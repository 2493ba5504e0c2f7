//! [`Canonical`] for `indexmap`.

use indexmap::{IndexMap, IndexSet};

use crate::Canonical;
use crate::canonical::Encoder;

impl<K: Canonical, V: Canonical, S> Canonical for IndexMap<K, V, S> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.object().entries(self).finish();
    }
}

/// An array, not a set: its order is on the wire and the same in every process. People take it
/// instead of a `HashSet` to have an order; where that means nothing, `#[idem(unordered)]` says so.
impl<T: Canonical, S> Canonical for IndexSet<T, S> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.array().elements(self).finish();
    }
}
