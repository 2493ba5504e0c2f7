//! The `where` clauses of the impls: what the type parameters in the fields need, and no more.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, Generics, Path, PathArguments, Type, TypePath, WherePredicate, parse_quote,
};

use crate::ast::{Container, Data, Encoding, Field};

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
        let mentions = Mentions::of(ty, &parameters);
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
        Encoding::With(_) | Encoding::SerializeWith(_) => {}
    }
    if field.scope.is_some() {
        bounds.push(quote!(#krate::__private::Display));
    }
    bounds
}

/// The type parameters that a type mentions, and their associated types.
struct Mentions<'a> {
    parameters: &'a HashSet<&'a Ident>,
    types: Vec<TokenStream>,
}

impl<'a> Mentions<'a> {
    fn of(ty: &Type, parameters: &'a HashSet<&'a Ident>) -> Vec<TokenStream> {
        let mut mentions = Self {
            parameters,
            types: Vec::new(),
        };
        mentions.visit(ty);
        mentions.types
    }

    fn visit(&mut self, ty: &Type) {
        match ty {
            Type::Array(array) => self.visit(&array.elem),
            Type::Group(group) => self.visit(&group.elem),
            Type::Paren(paren) => self.visit(&paren.elem),
            Type::Reference(reference) => self.visit(&reference.elem),
            Type::Slice(slice) => self.visit(&slice.elem),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.visit(element)),
            Type::Path(path) => self.visit_path(path),
            _ => {}
        }
    }

    fn visit_path(&mut self, ty: &TypePath) {
        let segments = &ty.path.segments;
        let first = segments.first().map(|segment| &segment.ident);
        if let Some(qself) = &ty.qself {
            // `<T as Trait>::Item`
            let mut inner = Self::of(&qself.ty, self.parameters);
            inner.extend(self.mentioned_in_arguments(&ty.path));
            if !inner.is_empty() {
                self.types.push(ty.to_token_stream());
            }
        } else if first.is_some_and(|first| self.parameters.contains(first)) {
            // `T` or `T::Item`
            self.types.push(ty.to_token_stream());
        } else if segments
            .last()
            .is_some_and(|last| last.ident != "PhantomData")
        {
            // `PhantomData<T>` has a canonical form whether or not `T` has one.
            let types = self.mentioned_in_arguments(&ty.path);
            self.types.extend(types);
        }
    }

    fn mentioned_in_arguments(&self, path: &Path) -> Vec<TokenStream> {
        let mut mentions = Vec::new();
        for segment in &path.segments {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                continue;
            };
            for argument in &arguments.args {
                if let GenericArgument::Type(ty) = argument {
                    mentions.extend(Self::of(ty, self.parameters));
                }
            }
        }
        mentions
    }
}
