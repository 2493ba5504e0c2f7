//! Which field is the request, so that its scope is that of the type around it.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::{Generics, Type};

use crate::ast::{Content, Data, Encoding, Field, Style, Tagging};
use crate::types::pointee;

pub(crate) fn mark(data: &mut Data<'_>, generics: &Generics) {
    let parameters = generics.type_params().map(|parameter| &parameter.ident);
    let parameters = parameters.collect();
    match data {
        Data::Struct(content) => mark_in(content, true, &parameters),
        Data::Enum(variants) => {
            for variant in variants {
                let is_top_level = matches!(
                    variant.tagging,
                    Tagging::Internal { .. } | Tagging::Untagged
                );
                mark_in(&mut variant.content, is_top_level, &parameters);
            }
        }
    }
}

/// Marks the fields that are requests; `is_top_level` says whether what is flattened, and the one
/// field of a newtype, stand at the top level of the payload.
fn mark_in(content: &mut Content<'_>, is_top_level: bool, parameters: &HashSet<&Ident>) {
    let style = content.style;
    let is_delegated = |field: &Field<'_>| field.attributes.delegate.is_given();
    let is_parameter = |field: &Field<'_>| {
        matches!(field.encoding, Encoding::Canonical)
            && may_be_request(field)
            && is_parameter(&field.original.ty, parameters)
    };
    let has_one_parameter = !content.fields.iter().any(is_delegated)
        && content
            .fields
            .iter()
            .filter(|field| is_parameter(field))
            .count()
            == 1;
    for field in &mut content.fields {
        let is_at_top =
            is_top_level && (field.flatten || matches!(style, Style::Newtype | Style::Transparent));
        field.is_request = may_be_request(field)
            && (is_at_top || is_delegated(field) || has_one_parameter && is_parameter(field));
    }
}

/// Whether the field is a part of the payload that can have a scope.
fn may_be_request(field: &Field<'_>) -> bool {
    let attributes = &field.attributes;
    !field.skipped
        && field.scope.is_none()
        && matches!(field.encoding, Encoding::Canonical | Encoding::With(_))
        && !attributes.unordered.is_given()
        && !attributes.json.is_given()
}

/// Whether a type is a type parameter, or a pointer to one.
fn is_parameter(ty: &Type, parameters: &HashSet<&Ident>) -> bool {
    if let Some(pointee) = pointee(ty) {
        return is_parameter(pointee, parameters);
    }
    match ty {
        // `<T as Trait>::Item` is no single identifier.
        Type::Path(path) => {
            let ident = path.path.get_ident();
            ident.is_some_and(|ident| parameters.contains(ident))
        }
        _ => false,
    }
}
