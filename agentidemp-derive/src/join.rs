//! Joins `#[idem(...)]` and `#[serde(...)]` into the model, the former first where both speak. serde's
//! attributes are read by serde_derive's own parser.

use core::panic::AssertUnwindSafe;
use std::panic;

use proc_macro2::{Ident, Span};
use serde_derive_internals::attr::{self as serde_attr, TagType};
use serde_derive_internals::{Ctxt, Derive, ast as serde_ast};
use syn::DeriveInput;
use syn::ext::IdentExt;

use crate::ast::{Container, Content, Data, Encoding, Field, Style, Tag, Tagging, Variant};
use crate::attr::{ContainerAttributes, FieldAttributes, VariantAttributes};
use crate::function::Function;
use crate::request;

/// Reads the input; none where it is so far from a request that serde's parser gives up.
pub(crate) fn container<'a>(
    errors: &Ctxt,
    input: &'a DeriveInput,
    attributes: ContainerAttributes,
) -> Option<Container<'a>> {
    if let syn::Data::Union(data) = &input.data {
        let message =
            "a union has no canonical form: derive `IdempotencyKey` on a struct or an enum";
        errors.error_spanned_by(data.union_token, message);
        return None;
    }
    let private = Ident::new("__private", Span::call_site());
    let parse = || serde_ast::Container::from_ast(errors, input, Derive::Serialize, &private);
    let serde = panic::catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| {
        error_of_panic(errors, input);
        None
    })?;
    let reader = Reader {
        errors,
        is_serde: attributes.serde.is_given(),
    };
    let mut data = match &serde.data {
        serde_ast::Data::Struct(style, fields) => Data::Struct(Content {
            style: if serde.attrs.transparent() {
                Style::Transparent
            } else {
                (*style).into()
            },
            fields: reader.struct_fields(*style, fields, serde.attrs.transparent()),
            tag: struct_tag(&serde),
        }),
        serde_ast::Data::Enum(variants) => Data::Enum(
            variants
                .iter()
                .map(|variant| reader.variant(variant, serde.attrs.tag()))
                .collect(),
        ),
    };
    request::mark(&mut data, &input.generics);
    Some(Container {
        input,
        attributes,
        data,
        into: serde.attrs.type_into().cloned(),
        remote: serde.attrs.remote().cloned(),
        packed: serde.attrs.is_packed(),
    })
}

/// The tag that `#[serde(tag = "...")]` on a struct adds: the type's name.
fn struct_tag(serde: &serde_ast::Container<'_>) -> Option<Tag> {
    match serde.attrs.tag() {
        TagType::Internal { tag } => Some(Tag {
            name: tag.clone(),
            value: serde.attrs.name().serialize_name().value.clone(),
        }),
        _ => None,
    }
}

/// Joins serde's model with the attributes of variants and fields.
struct Reader<'c> {
    errors: &'c Ctxt,
    /// Whether fields are written by their `Serialize` where they say nothing else.
    is_serde: bool,
}

impl Reader<'_> {
    fn variant<'a>(&self, serde: &serde_ast::Variant<'a>, tag: &TagType) -> Variant<'a> {
        let attributes = VariantAttributes::parse(self.errors, &serde.original.attrs);
        let name = match attributes.rename.get() {
            Some(name) => name.value(),
            None => serde.attrs.name().serialize_name().value.clone(),
        };
        let tagging = if serde.attrs.untagged() {
            Tagging::Untagged
        } else {
            tag.into()
        };
        let style = Style::from(serde.style);
        let tag = match &tagging {
            Tagging::Internal { tag } if style == Style::Named => Some(Tag {
                name: tag.clone(),
                value: name.clone(),
            }),
            _ => None,
        };
        let fields = serde.fields.iter();
        let fields = fields.map(|field| self.field(field, field.attrs.skip_serializing()));
        Variant {
            original: serde.original,
            attributes,
            name,
            tagging,
            content: Content {
                style,
                fields: fields.collect(),
                tag,
            },
            skipped: serde.attrs.skip_serializing(),
            serialize_with: serde.attrs.serialize_with().cloned(),
        }
    }

    fn struct_fields<'a>(
        &self,
        style: serde_ast::Style,
        fields: &[serde_ast::Field<'a>],
        transparent: bool,
    ) -> Vec<Field<'a>> {
        let skips = |field: &serde_ast::Field<'_>| match style {
            _ if transparent => !field.attrs.transparent(),
            // serde writes the field of a newtype struct even where it is marked to be skipped.
            serde_ast::Style::Newtype => false,
            _ => field.attrs.skip_serializing(),
        };
        fields
            .iter()
            .map(|field| self.field(field, skips(field)))
            .collect()
    }

    fn field<'a>(&self, serde: &serde_ast::Field<'a>, serde_skips: bool) -> Field<'a> {
        let attributes = FieldAttributes::parse(self.errors, &serde.original.attrs);
        let label = attributes.scope.get().and_then(Option::as_ref);
        let name = match label.or(attributes.rename.get()) {
            Some(name) => name.value(),
            None => serde.attrs.name().serialize_name().value.clone(),
        };
        let skip_if = attributes.skip_if.get().cloned();
        let serdes_skip_if = || serde.attrs.skip_serializing_if().cloned();
        Field {
            original: serde.original,
            member: serde.member.clone(),
            scope: attributes.scope.is_given().then(|| name.clone()),
            name,
            skipped: attributes.skip.is_given() || serde_skips && !attributes.scope.is_given(),
            skip_if: skip_if.or_else(|| serdes_skip_if().map(Function::Path)),
            encoding: self.encoding(&attributes, &serde.attrs),
            flatten: serde.attrs.flatten(),
            is_request: false,
            getter: serde.attrs.getter().cloned(),
            attributes,
        }
    }

    /// `#[idem(serde)]` asks for what goes on the wire: where serde has a function for it, that wins.
    fn encoding(&self, idem: &FieldAttributes, serde: &serde_attr::Field) -> Encoding {
        if let Some(function) = idem.with.get() {
            if idem.serde.is_given() {
                Encoding::SerializedWith(function.clone())
            } else {
                Encoding::With(function.clone())
            }
        } else if let Some(path) = serde.serialize_with() {
            Encoding::SerializeWith(path.clone())
        } else if idem.serde.is_given() || self.is_serde && !idem.delegate.is_given() {
            Encoding::Serialize
        } else {
            Encoding::Canonical
        }
    }
}

impl From<serde_ast::Style> for Style {
    fn from(style: serde_ast::Style) -> Self {
        match style {
            serde_ast::Style::Unit => Self::Unit,
            serde_ast::Style::Newtype => Self::Newtype,
            serde_ast::Style::Tuple => Self::Tuple,
            serde_ast::Style::Struct => Self::Named,
        }
    }
}

impl From<&TagType> for Tagging {
    fn from(tag: &TagType) -> Self {
        match tag {
            TagType::External => Self::External,
            TagType::Internal { tag } => Self::Internal { tag: tag.clone() },
            TagType::Adjacent { tag, content } => Self::Adjacent {
                tag: tag.clone(),
                content: content.clone(),
            },
            TagType::None => Self::Untagged,
        }
    }
}

/// serde's parser cuts the first byte off a name for `camelCase`, and panics where a character begins
/// there that is longer, or where nothing is left.
fn error_of_panic(errors: &Ctxt, input: &DeriveInput) {
    let (variants, mut fields): (Vec<_>, Vec<_>) = match &input.data {
        syn::Data::Struct(data) => (Vec::new(), data.fields.iter().collect()),
        syn::Data::Enum(data) => (data.variants.iter().collect(), Vec::new()),
        syn::Data::Union(_) => return,
    };
    fields.extend(variants.iter().flat_map(|variant| &variant.fields));
    let variants = variants.iter().map(|variant| &variant.ident);
    let fields = fields.iter().filter_map(|field| field.ident.as_ref());
    let has_no_camel_case = |ident: &&Ident| {
        let name = ident.unraw().to_string();
        let first = name.trim_start_matches('_').chars().next();
        first.is_none_or(|first| !first.is_ascii())
    };
    match variants.chain(fields).find(has_no_camel_case) {
        Some(ident) => errors.error_spanned_by(
            ident,
            format!(
                "`{ident}` has no form in serde's `camelCase`, which knows names that begin with an ASCII letter: write `#[serde(rename = \"...\")]`"
            ),
        ),
        None => errors.error_spanned_by(&input.ident, "serde cannot read the attributes of this type"),
    }
}
