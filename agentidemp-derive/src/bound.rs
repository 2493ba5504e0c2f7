//! The `where` clauses of the impls: what the type parameters in the fields need, and no more.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Generics, Type, TypePath, WherePredicate, parse_quote};

use crate::ast::{Container, Data, Encoding, Field};
use crate::types::{arguments, is_phantom};

/// The generics of the type, with the bounds that the impls need.
///
/// As in serde_derive, a bound is on a type parameter that a field mentions, or on an associated
/// type of one. Bounds on the types of the fields would go round in circles in a recursive type.
pub(crate) fn with_bounds(container: &Container<'_>, krate: &TokenStream) -> Generics {
    let mut generics = container.input.generics.clone();
    let predicates = match container.attributes.bound.get() {
        Some(predicates) => predicates.clone(),
        None => inferred(container, krate),
    };
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}

fn inferred(container: &Container<'_>, krate: &TokenStream) -> Vec<WherePredicate> {
    let generics = &container.input.generics;
    let parameters = generics.type_params().map(|parameter| &parameter.ident);
    let parameters = parameters.collect();
    let mut predicates = Vec::new();
    let mut seen = HashSet::new();
    for (ty, bounds) in written_types(container, krate) {
        let mentions = mentions(ty, &parameters);
        for bound in bounds {
            for ty in &mentions {
                if seen.insert(quote!(#ty: #bound).to_string()) {
                    predicates.push(parse_quote!(#ty: #bound));
                }
            }
        }
    }
    predicates
}

/// The types that the impls write, with the traits that they need for it.
fn written_types<'c>(
    container: &'c Container<'_>,
    krate: &TokenStream,
) -> Vec<(&'c Type, Vec<TokenStream>)> {
    if let Some(into) = &container.into {
        return vec![(into, vec![quote!(#krate::Canonical)])];
    }
    let fields: Vec<_> = match &container.data {
        Data::Struct(content) => content.fields.iter().collect(),
        Data::Enum(variants) => variants
            .iter()
            .filter(|variant| !variant.skipped && variant.serialize_with.is_none())
            .flat_map(|variant| &variant.content.fields)
            .collect(),
    };
    fields
        .into_iter()
        .filter(|field| !field.skipped)
        .map(|field| (&field.original.ty, bounds(field, krate)))
        .collect()
}

/// The traits that a field needs.
fn bounds(field: &Field<'_>, krate: &TokenStream) -> Vec<TokenStream> {
    let mut bounds = Vec::new();
    match field.encoding {
        Encoding::Canonical => bounds.push(quote!(#krate::Canonical)),
        Encoding::Serialize => bounds.push(quote!(#krate::__private::Serialize)),
        Encoding::With(_) | Encoding::SerializedWith(_) | Encoding::SerializeWith(_) => {}
    }
    if field.scope.is_some() && !field.attributes.with.is_given() {
        bounds.push(quote!(#krate::ScopeValue));
    }
    bounds
}

/// The type parameters that a type mentions, and their associated types.
fn mentions(ty: &Type, parameters: &HashSet<&Ident>) -> Vec<TokenStream> {
    match ty {
        Type::Array(array) => mentions(&array.elem, parameters),
        Type::Group(group) => mentions(&group.elem, parameters),
        Type::Paren(paren) => mentions(&paren.elem, parameters),
        Type::Reference(reference) => mentions(&reference.elem, parameters),
        Type::Slice(slice) => mentions(&slice.elem, parameters),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .flat_map(|element| mentions(element, parameters))
            .collect(),
        Type::Path(path) => mentions_of_path(path, parameters),
        _ => Vec::new(),
    }
}

fn mentions_of_path(ty: &TypePath, parameters: &HashSet<&Ident>) -> Vec<TokenStream> {
    let segments = &ty.path.segments;
    let within: Vec<_> = segments
        .iter()
        .flat_map(|segment| arguments(&segment.arguments))
        .flat_map(|argument| mentions(argument, parameters))
        .collect();
    let is_mention = match &ty.qself {
        // `<T as Trait>::Item`
        Some(qself) => !within.is_empty() || !mentions(&qself.ty, parameters).is_empty(),
        // `T` or `T::Item`
        None => segments
            .first()
            .is_some_and(|first| parameters.contains(&first.ident)),
    };
    // `PhantomData<T>` has a canonical form whether or not `T` has one.
    let is_phantom = segments.last().is_some_and(is_phantom);
    match (is_mention, is_phantom) {
        (true, _) => vec![ty.to_token_stream()],
        (false, true) => Vec::new(),
        (false, false) => within,
    }
}
