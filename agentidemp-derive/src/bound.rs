//! The `where` clauses of the impls: what the type parameters in the fields need, and no more.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, Generics, PathArguments, ReturnType, Type, TypeParamBound, TypePath,
    WherePredicate, parse_quote,
};

use crate::ast::{Container, Data, Encoding, Field};

/// The generics of the type, with the bounds that the impls need.
///
/// As in serde_derive, a bound is on a type parameter that a field mentions, or on an associated
/// type of one. Bounds on the types of the fields would go round in circles in a recursive type.
pub(crate) fn with_bounds(container: &Container<'_>, crate_path: &TokenStream) -> Generics {
    let mut generics = container.input.generics.clone();
    let predicates = match container.attributes.bound.get() {
        Some(predicates) => predicates.clone(),
        None => inferred(container, crate_path),
    };
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}

fn inferred(container: &Container<'_>, crate_path: &TokenStream) -> Vec<WherePredicate> {
    let generics = &container.input.generics;
    let parameters: HashSet<&Ident> = generics
        .type_params()
        .map(|parameter| &parameter.ident)
        .collect();
    let mut predicates = Vec::new();
    let mut seen = HashSet::new();
    for field in written_fields(container) {
        let mut mentions = Mentions {
            parameters: &parameters,
            types: Vec::new(),
        };
        mentions.visit(&field.original.ty);
        for bound in bounds(field, crate_path) {
            for ty in &mentions.types {
                if seen.insert(quote!(#ty: #bound).to_string()) {
                    predicates.push(parse_quote!(#ty: #bound));
                }
            }
        }
    }
    predicates
}

/// The fields that the impls read.
fn written_fields<'c, 'a>(container: &'c Container<'a>) -> Vec<&'c Field<'a>> {
    let fields = match &container.data {
        Data::Struct(content) => content.fields.iter().collect::<Vec<_>>(),
        Data::Enum(variants) => variants
            .iter()
            .filter(|variant| !variant.skipped && variant.serialize_with.is_none())
            .flat_map(|variant| &variant.content.fields)
            .collect(),
    };
    fields.into_iter().filter(|field| !field.skipped).collect()
}

/// The traits that a field needs.
fn bounds(field: &Field<'_>, crate_path: &TokenStream) -> Vec<TokenStream> {
    let mut bounds = Vec::new();
    match field.encoding {
        Encoding::Canonical => bounds.push(quote!(#crate_path::Canonical)),
        Encoding::Serialize => bounds.push(quote!(#crate_path::__private::Serialize)),
        Encoding::With(_) | Encoding::SerializeWith(_) => {}
    }
    if field.scope.is_some() {
        bounds.push(quote!(#crate_path::__private::Display));
    }
    bounds
}

/// The type parameters that a type mentions, and their associated types.
struct Mentions<'a> {
    parameters: &'a HashSet<&'a Ident>,
    types: Vec<TokenStream>,
}

impl Mentions<'_> {
    fn visit(&mut self, ty: &Type) {
        match ty {
            Type::Array(array) => self.visit(&array.elem),
            Type::Group(group) => self.visit(&group.elem),
            Type::Paren(paren) => self.visit(&paren.elem),
            Type::Ptr(pointer) => self.visit(&pointer.elem),
            Type::Reference(reference) => self.visit(&reference.elem),
            Type::Slice(slice) => self.visit(&slice.elem),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.visit(element)),
            Type::Path(path) => self.visit_path(path),
            Type::TraitObject(object) => {
                for bound in &object.bounds {
                    if let TypeParamBound::Trait(bound) = bound {
                        bound
                            .path
                            .segments
                            .iter()
                            .for_each(|segment| self.visit_arguments(&segment.arguments));
                    }
                }
            }
            _ => {}
        }
    }

    fn visit_path(&mut self, ty: &TypePath) {
        let segments = &ty.path.segments;
        if let Some(qself) = &ty.qself {
            // `<T as Trait>::Item`
            let mut inner = Mentions {
                parameters: self.parameters,
                types: Vec::new(),
            };
            inner.visit(&qself.ty);
            if !inner.types.is_empty() {
                self.types.push(ty.to_token_stream());
            }
            return;
        }
        let is_parameter = segments
            .first()
            .is_some_and(|first| self.parameters.contains(&first.ident));
        if is_parameter {
            // `T` or `T::Item`
            self.types.push(ty.to_token_stream());
            return;
        }
        // `PhantomData<T>` has a canonical form whether or not `T` has one.
        if segments
            .last()
            .is_some_and(|last| last.ident == "PhantomData")
        {
            return;
        }
        for segment in segments {
            self.visit_arguments(&segment.arguments);
        }
    }

    fn visit_arguments(&mut self, arguments: &PathArguments) {
        match arguments {
            PathArguments::None => {}
            PathArguments::AngleBracketed(arguments) => {
                for argument in &arguments.args {
                    match argument {
                        GenericArgument::Type(ty) => self.visit(ty),
                        GenericArgument::AssocType(binding) => self.visit(&binding.ty),
                        _ => {}
                    }
                }
            }
            PathArguments::Parenthesized(arguments) => {
                arguments
                    .inputs
                    .iter()
                    .for_each(|input| self.visit(&input.ty));
                if let ReturnType::Type(_, output) = &arguments.output {
                    self.visit(output);
                }
            }
        }
    }
}
