//! Rejects what cannot be meant, or would give two requests one key: each with an error on the
//! token at fault that says what to do.

use std::collections::HashSet;

use serde_derive_internals::Ctxt;
use syn::Ident;

use crate::ast::{Container, Content, Data, Encoding, Field, Style, Tagging, Variant};
use crate::hash_set::{self, Place};
use crate::types::{is_phantom, last_segment};

pub(crate) fn check(errors: &Ctxt, container: &Container<'_>) {
    check_container(errors, container);
    if let Data::Enum(variants) = &container.data {
        check_variants(errors, variants);
    }
    for content in container.contents() {
        for field in &content.fields {
            check_field(errors, content, field);
        }
        check_delegates(errors, content);
        check_names(errors, content);
        check_labels(errors, content);
    }
    check_anything_left(errors, container);
}

fn check_container(errors: &Ctxt, container: &Container<'_>) {
    let scope = container.attributes.scope.get();
    if let Some(scope) = scope.filter(|scope| scope.value().is_empty()) {
        errors.error_spanned_by(
            scope,
            "the scope is empty: name the operation, as in `#[idem(scope = \"charges.create\")]`",
        );
    }
    if let Some(scope) = scope.filter(|scope| scope.value().contains([':', '%', '>'])) {
        errors.error_spanned_by(
            scope,
            "an operation holds no `:`, `%` or `>`, by which the parts of a scope are told apart: write `charges.create`, and what comes from the request in a field marked `#[idem(scope)]`",
        );
    }
    if let Some(remote) = &container.remote {
        errors.error_spanned_by(
            remote,
            "`#[serde(remote = \"...\")]` describes another type: mark the fields that use it `#[serde(with = \"...\")]`, and derive `IdempotencyKey` on the type that holds them",
        );
    }
    if container.into.is_some() {
        check_beside_into(errors, container);
    }
}

fn check_beside_into(errors: &Ctxt, container: &Container<'_>) {
    let mut given: Vec<_> = container
        .fields()
        .flat_map(|field| field.attributes.given())
        .collect();
    if let Data::Enum(variants) = &container.data {
        let renames = variants.iter().map(|variant| &variant.attributes.rename);
        given.extend(renames.filter_map(|rename| Some((rename.name, rename.tokens()?))));
    }
    for (name, tokens) in given {
        errors.error_spanned_by(
            tokens,
            format!("`{name}` has no effect beside `#[serde(into = \"...\")]`, which puts another type on the wire: mark that type"),
        );
    }
}

fn check_variants(errors: &Ctxt, variants: &[Variant<'_>]) {
    for variant in variants {
        if let (Tagging::Untagged, Some(tokens)) =
            (&variant.tagging, variant.attributes.rename.tokens())
        {
            errors.error_spanned_by(
                tokens,
                "`rename` has no effect on an untagged variant, whose name is not on the wire: remove it",
            );
        }
        if variant.serialize_with.is_some() {
            let fields = &variant.content.fields;
            for (name, tokens) in fields.iter().flat_map(|field| field.attributes.given()) {
                errors.error_spanned_by(
                    tokens,
                    format!("`{name}` has no effect beside the variant's `#[serde(with = \"...\")]`, which writes all fields: remove one of the two"),
                );
            }
        }
    }
}

fn check_field(errors: &Ctxt, content: &Content<'_>, field: &Field<'_>) {
    let attributes = &field.attributes;
    if let Some(getter) = &field.getter {
        errors.error_spanned_by(
            getter,
            "`#[serde(getter = \"...\")]` belongs to a remote type, which has no key: see `#[serde(remote = \"...\")]`",
        );
    }
    if attributes.skip.is_given() {
        for (name, tokens) in attributes.given().filter(|(name, _)| *name != "skip") {
            errors.error_spanned_by(
                tokens,
                format!("`skip` takes the field out of the key, so that `{name}` contradicts it: remove one of the two"),
            );
        }
        return;
    }
    if field.skipped {
        for (name, tokens) in attributes.given() {
            errors.error_spanned_by(
                tokens,
                format!("`{name}` has no effect, as serde skips the field: remove one of the two"),
            );
        }
        return;
    }
    check_member_attributes(errors, content, field);
    check_scope_field(errors, content, field);
    check_form(errors, field);
    check_hash_set(errors, field);
}

/// `rename` and `skip_if`, which need a member with a name.
fn check_member_attributes(errors: &Ctxt, content: &Content<'_>, field: &Field<'_>) {
    let attributes = &field.attributes;
    if let (Some(tokens), Some(reason)) =
        (attributes.rename.tokens(), why_no_rename(content, field))
    {
        let message = format!("`rename` has no effect, as {reason}: remove it");
        errors.error_spanned_by(tokens, message);
    }
    if let Some(tokens) = attributes.skip_if.tokens() {
        let message = match content.style {
            Style::Named => return,
            Style::Tuple => {
                "`skip_if` would shift the elements after this one, so that two different values share a key: give the field a name"
            }
            _ => {
                "`skip_if` leaves out a member of an object, and here the one field is the whole value: give the field a name"
            }
        };
        errors.error_spanned_by(tokens, message);
    }
}

fn why_no_rename(content: &Content<'_>, field: &Field<'_>) -> Option<&'static str> {
    if content.style == Style::Transparent {
        Some("the field of a transparent struct has no name on the wire")
    } else if !field.is_named() {
        Some("a field of a tuple has no name on the wire (`scope = \"...\"` labels a scope)")
    } else if field.flatten {
        Some("a flattened field has no name on the wire")
    } else if field.attributes.scope.get().is_some_and(Option::is_some) {
        Some("`scope = \"...\"` names the field already")
    } else {
        None
    }
}

fn check_scope_field(errors: &Ctxt, content: &Content<'_>, field: &Field<'_>) {
    let attributes = &field.attributes;
    let (Some(tokens), Some(label)) = (attributes.scope.tokens(), &field.scope) else {
        return;
    };
    if content.style == Style::Transparent {
        errors.error_spanned_by(
            tokens,
            "a transparent struct is its one field, beside which there is no place for a scope: remove `#[serde(transparent)]` or `scope`",
        );
    } else if field.flatten {
        errors.error_spanned_by(
            tokens,
            "a flattened field is no scope, as it has no name: remove `#[serde(flatten)]` or `scope`",
        );
    } else if let Some(skip_if) = attributes.skip_if.tokens() {
        errors.error_spanned_by(
            skip_if,
            "`skip_if` contradicts `scope`, which is a part of every key: remove one of the two",
        );
    } else if !field.is_named() && attributes.scope.get().is_some_and(Option::is_none) {
        errors.error_spanned_by(
            tokens,
            "a scope needs a label, and the field of a tuple has no name: write `#[idem(scope = \"user\")]`",
        );
    } else if label.is_empty() || label.contains([':', '%']) {
        let message = "the label of a scope is not empty, and holds neither `:` nor `%`: rename it with `#[idem(scope = \"...\")]`";
        match attributes.scope.get().and_then(Option::as_ref) {
            Some(label) => errors.error_spanned_by(label, message),
            None => errors.error_spanned_by(tokens, message),
        }
    }
}

/// `unordered` and `json`, which say what a field holds.
fn check_form(errors: &Ctxt, field: &Field<'_>) {
    let attributes = &field.attributes;
    let forms = [&attributes.unordered, &attributes.json];
    for (name, tokens) in forms
        .into_iter()
        .filter_map(|form| Some((form.name, form.tokens()?)))
    {
        let contradiction = if field.flatten {
            "`#[serde(flatten)]`, which takes an object"
        } else if field.scope.is_some() {
            "`scope`, for which the text of the field counts"
        } else if attributes.delegate.is_given() {
            "`delegate`, as a request is an object"
        } else {
            continue;
        };
        let message = format!("`{name}` contradicts {contradiction}: remove one of the two");
        errors.error_spanned_by(tokens, message);
    }
    if let (true, Some(tokens)) = (attributes.json.is_given(), attributes.unordered.tokens()) {
        errors.error_spanned_by(
            tokens,
            "`unordered` contradicts `json`: a field is an array, or a string that holds JSON text: remove one of the two",
        );
    }
}

/// A `HashSet` that is written by its `Serialize` comes in another order in each process.
fn check_hash_set(errors: &Ctxt, field: &Field<'_>) {
    if !matches!(field.encoding, Encoding::Serialize) {
        return;
    }
    let ty = &field.original.ty;
    match hash_set::find(ty) {
        Some(Place::Itself) if !field.attributes.unordered.is_given() => errors.error_spanned_by(
            ty,
            "by its `Serialize`, a `HashSet` comes in another order in each process, so that a retry gets a new key: remove `serde`, or write `#[idem(serde, unordered)]`",
        ),
        Some(Place::Within) => errors.error_spanned_by(
            ty,
            "by its `Serialize`, the `HashSet` in this type comes in another order in each process, so that a retry gets a new key: remove `serde`, or write `#[idem(with = ...)]` with a function that sorts it",
        ),
        _ => {}
    }
}

/// `delegate`, of which there is one, on a field that has a scope.
fn check_delegates(errors: &Ctxt, content: &Content<'_>) {
    let fields = content.fields.iter().filter(|field| !field.skipped);
    let delegates = fields.filter_map(|field| Some((field, field.attributes.delegate.tokens()?)));
    for (index, (field, tokens)) in delegates.enumerate() {
        if index > 0 {
            errors.error_spanned_by(
                tokens,
                "two fields are marked `delegate`, and only one can be the request: keep one",
            );
        } else if field.scope.is_some() {
            errors.error_spanned_by(
                tokens,
                "`delegate` contradicts `scope`: a field is the request, or a part of its scope: remove one of the two",
            );
        } else if !matches!(field.encoding, Encoding::Canonical | Encoding::With(_)) {
            errors.error_spanned_by(
                tokens,
                "`delegate` has no effect on what is written by `Serialize`, which knows no scope: remove one of the two",
            );
        }
    }
}

/// Two members of one name in one object, of which neither is ever left out.
fn check_names(errors: &Ctxt, content: &Content<'_>) {
    let mut names: HashSet<&str> = content.tag.iter().map(|tag| tag.name.as_str()).collect();
    for field in content.members() {
        let may_be_left_out = field.skip_if.is_some() && field.scope.is_none();
        if !may_be_left_out && !names.insert(&field.name) {
            let message = format!("two members are named `{}`: rename one", field.name);
            error_at_name(errors, field, &message);
        }
    }
}

/// Two fields of one label in one scope, where their members have no names.
fn check_labels(errors: &Ctxt, content: &Content<'_>) {
    if content.style == Style::Named {
        return;
    }
    let mut labels = HashSet::new();
    for field in &content.fields {
        if let Some(label) = field.scope.as_ref().filter(|label| !labels.insert(*label)) {
            let message = format!("two scopes are labelled `{label}`: rename one");
            error_at_name(errors, field, &message);
        }
    }
}

/// An error on what names the field.
fn error_at_name(errors: &Ctxt, field: &Field<'_>, message: &str) {
    let label = field.attributes.scope.get().and_then(Option::as_ref);
    match (
        label.or(field.attributes.rename.get()),
        &field.original.ident,
    ) {
        (Some(name), _) => errors.error_spanned_by(name, message),
        (None, Some(ident)) => errors.error_spanned_by(ident, message),
        (None, None) => errors.error_spanned_by(field.original, message),
    }
}

/// A type, or a variant whose name is not written, all values of which would share one key.
fn check_anything_left(errors: &Ctxt, container: &Container<'_>) {
    if container.into.is_some() {
        return;
    }
    let ident = &container.input.ident;
    match &container.data {
        Data::Struct(content) => check_content_left(errors, content, ident),
        Data::Enum(variants) => {
            for variant in variants {
                let is_sent = !variant.skipped && variant.serialize_with.is_none();
                if is_sent && variants.len() == 1 {
                    check_content_left(errors, &variant.content, ident);
                } else if is_sent && variant.tagging == Tagging::Untagged {
                    check_content_left(errors, &variant.content, &variant.original.ident);
                }
            }
        }
    }
}

fn check_content_left(errors: &Ctxt, content: &Content<'_>, ident: &Ident) {
    // A transparent struct in which serde finds no field for it is serde's to report.
    let is_serdes = content.style == Style::Transparent
        && !content
            .fields
            .iter()
            .any(|field| field.attributes.skip.is_given());
    let is_any_skipped = content.fields.iter().any(|field| field.skipped);
    let is_any_left = content.fields.iter().any(|field| {
        let has_one_value = last_segment(&field.original.ty).is_some_and(is_phantom);
        !field.skipped && field.scope.is_none() && !has_one_value
    });
    if !is_any_skipped || is_any_left || is_serdes {
        return;
    }
    let message = if content.has_scope_fields() {
        "what is not skipped is the scope, so that all values in one scope would share one key: keep the fields that tell two requests apart"
    } else {
        "every field is skipped, so that all values would share one key: keep the fields that tell two requests apart"
    };
    errors.error_spanned_by(ident, message);
}
