//! Finds a `HashSet` in a type by its name. Its order, which `Serialize` keeps, is another one in each
//! process.

use syn::Type;

use crate::types::{arguments, last_segment, optional, pointee};

pub(crate) enum Place {
    /// The type is the set, or a pointer to it, or an option of it: `unordered` reaches it.
    Itself,
    /// The set is a part of the type.
    Within,
}

pub(crate) fn find(ty: &Type) -> Option<Place> {
    if let Some(ty) = pointee(ty).or_else(|| optional(ty)) {
        return find(ty);
    }
    let within = types_within(ty);
    if within.into_iter().any(|ty| find(ty).is_some()) {
        return Some(Place::Within);
    }
    is_hash_set(ty).then_some(Place::Itself)
}

/// `HashSet`, and those that are named after it: `FxHashSet`.
fn is_hash_set(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| last.ident.to_string().ends_with("HashSet"))
}

fn types_within(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Array(array) => vec![&array.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Path(path) => path
            .path
            .segments
            .iter()
            .flat_map(|segment| arguments(&segment.arguments))
            .collect(),
        _ => Vec::new(),
    }
}
