//! The model that the impls are written from. It is made in `join.rs`.

use std::collections::HashSet;

use syn::{DeriveInput, ExprPath, Member, Path, Type};

use crate::attr::{ContainerAttributes, FieldAttributes, VariantAttributes};
use crate::function::Function;

/// A struct or an enum.
pub(crate) struct Container<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) attributes: ContainerAttributes,
    pub(crate) data: Data<'a>,
    /// `#[serde(into = "...")]`: the type that goes on the wire instead.
    pub(crate) into: Option<Type>,
    /// `#[serde(remote = "...")]`.
    pub(crate) remote: Option<Path>,
    pub(crate) packed: bool,
}

pub(crate) enum Data<'a> {
    Struct(Content<'a>),
    Enum(Vec<Variant<'a>>),
}

/// The fields of a struct or a variant.
pub(crate) struct Content<'a> {
    pub(crate) style: Style,
    pub(crate) fields: Vec<Field<'a>>,
    /// A member that says which type or variant this is, beside the fields.
    pub(crate) tag: Option<Tag>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `null`
    Unit,
    /// The one field.
    Newtype,
    /// The field that `#[serde(transparent)]` leaves.
    Transparent,
    /// An array.
    Tuple,
    /// An object.
    Named,
}

pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) value: String,
}

pub(crate) struct Variant<'a> {
    pub(crate) original: &'a syn::Variant,
    pub(crate) attributes: VariantAttributes,
    pub(crate) name: String,
    pub(crate) tagging: Tagging,
    pub(crate) content: Content<'a>,
    /// `#[serde(skip)]`: the variant cannot be sent.
    pub(crate) skipped: bool,
    /// `#[serde(with = "...")]`: a function that takes all fields.
    pub(crate) serialize_with: Option<ExprPath>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Tagging {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) member: Member,
    pub(crate) attributes: FieldAttributes,
    /// The member's name.
    pub(crate) name: String,
    /// The label, where the field is a part of the scope.
    pub(crate) scope: Option<String>,
    pub(crate) skipped: bool,
    /// A function of the field that says whether to leave it out.
    pub(crate) skip_if: Option<Function>,
    pub(crate) encoding: Encoding,
    pub(crate) flatten: bool,
    /// Whether the field is the request: its scope is that of the type.
    pub(crate) is_request: bool,
    /// `#[serde(getter = "...")]`.
    pub(crate) getter: Option<ExprPath>,
}

/// How a field is written.
pub(crate) enum Encoding {
    /// By its `Canonical` implementation.
    Canonical,
    /// By its `Serialize` implementation.
    Serialize,
    /// As what the function gives, by its `Canonical` implementation.
    With(Function),
    /// As what the function gives, by its `Serialize` implementation.
    SerializedWith(Function),
    /// By a function that takes a `Serializer`.
    SerializeWith(ExprPath),
}

impl<'a> Container<'a> {
    /// Whether a field has a part in the scope.
    pub(crate) fn has_scope(&self) -> bool {
        match &self.data {
            Data::Struct(content) => content.has_scope(),
            Data::Enum(variants) => variants.iter().any(Variant::has_scope),
        }
    }

    /// The contents of the struct, or of each variant.
    pub(crate) fn contents(&self) -> Vec<&Content<'a>> {
        match &self.data {
            Data::Struct(content) => vec![content],
            Data::Enum(variants) => variants.iter().map(|variant| &variant.content).collect(),
        }
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.contents()
            .into_iter()
            .flat_map(|content| &content.fields)
    }
}

impl<'a> Content<'a> {
    /// Whether a field has a part in the scope.
    pub(crate) fn has_scope(&self) -> bool {
        self.fields.iter().any(Field::has_scope)
    }

    pub(crate) fn has_scope_fields(&self) -> bool {
        self.fields.iter().any(|field| field.scope.is_some())
    }

    /// The fields of which each is a member with a name.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Field<'a>> {
        let fields = self.fields.iter();
        fields.filter(|field| self.style == Style::Named && !field.skipped && !field.flatten)
    }

    /// Whether two members have one name. Then one of them is left out, or the value is refused.
    pub(crate) fn has_duplicates(&self) -> bool {
        let tag = self.tag.iter().map(|tag| &tag.name);
        let mut names = HashSet::new();
        tag.chain(self.members().map(|field| &field.name))
            .any(|name| !names.insert(name))
    }
}

impl Variant<'_> {
    /// Whether a field has a part in the scope.
    pub(crate) fn has_scope(&self) -> bool {
        !self.skipped && self.serialize_with.is_none() && self.content.has_scope()
    }
}

impl Field<'_> {
    /// Whether the field has a part in the scope.
    pub(crate) fn has_scope(&self) -> bool {
        self.scope.is_some() || self.is_request
    }

    pub(crate) fn is_named(&self) -> bool {
        matches!(self.member, Member::Named(_))
    }
}
