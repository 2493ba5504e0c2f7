//! Writes the impls. It relies on `valid.rs`, and does not fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Member;
use syn::spanned::Spanned;

use crate::ast::{Condition, Container, Content, Data, Encoding, Field, Style, Tagging, Variant};
use crate::bound;

pub(crate) fn impls(container: &Container<'_>) -> TokenStream {
    let krate = container.crate_path();
    let generics = bound::with_bounds(container, &krate);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let ident = &container.input.ident;
    let deprecated = allow_deprecated(container);
    let expansion = Expansion::new(container, krate);
    let Expansion { krate, out, .. } = &expansion;
    let encode = expansion.encode(Part::Whole);
    let scope = expansion.encode_scope_method();
    let payload = expansion.encode_payload_method();
    quote! {
        #[automatically_derived]
        #deprecated
        impl #impl_generics #krate::Canonical for #ident #type_generics #where_clause {
            fn encode(&self, #out: &mut #krate::Encoder<'_>) {
                #encode
            }
        }

        #[automatically_derived]
        #deprecated
        impl #impl_generics #krate::IdempotencyKey for #ident #type_generics #where_clause {
            #scope
            #payload
        }
    }
}

/// `#[allow(deprecated)]`, where the type names something that is.
fn allow_deprecated(container: &Container<'_>) -> Option<TokenStream> {
    let mut attributes = container.input.attrs.iter().collect::<Vec<_>>();
    attributes.extend(container.fields().flat_map(|field| &field.original.attrs));
    if let Data::Enum(variants) = &container.data {
        attributes.extend(variants.iter().flat_map(|variant| &variant.original.attrs));
    }
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("deprecated"))
        .then(|| quote!(#[allow(deprecated)]))
}

/// Which fields are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All that are not skipped: the canonical form.
    Whole,
    /// Those of them that are not in the scope: the payload.
    Payload,
}

impl Part {
    fn has(self, field: &Field<'_>) -> bool {
        !field.skipped && (self == Self::Whole || field.scope.is_none())
    }
}

struct Expansion<'c, 'a> {
    container: &'c Container<'a>,
    krate: TokenStream,
    /// The name of the encoder, which no path of the user can mean.
    out: Ident,
}

/// A member of an object.
enum Entry<'c, 'a> {
    Tag(&'c str),
    Field(&'c Field<'a>),
}

impl<'c, 'a> Expansion<'c, 'a> {
    fn new(container: &'c Container<'a>, krate: TokenStream) -> Self {
        Self {
            container,
            krate,
            out: Ident::new("out", Span::mixed_site()),
        }
    }

    /// Statements that write the value to `out`.
    fn encode(&self, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        if let Some(into) = &self.container.into {
            return quote! {
                let wire = #krate::__private::Into::<#into>::into(#krate::__private::Clone::clone(self));
                #krate::Canonical::encode(&wire, #out);
            };
        }
        match &self.container.data {
            Data::Struct(content) => self.content(content, part),
            Data::Enum(variants) if variants.is_empty() => quote! {
                let _ = #out;
                match *self {}
            },
            Data::Enum(variants) => {
                let arms = variants
                    .iter()
                    .map(|variant| self.variant_arm(variant, part));
                quote!(match self { #(#arms)* })
            }
        }
    }

    fn encode_scope_method(&self) -> Option<TokenStream> {
        let krate = &self.krate;
        let scope = Ident::new("scope", Span::mixed_site());
        let operation = self.container.attributes.scope.get();
        let operation = operation.map(|operation| quote!(#scope.operation(#operation);));
        let fields = match &self.container.data {
            _ if !self.container.has_scope_fields() => None,
            Data::Struct(content) => Some(self.scope_fields(content, &scope)),
            Data::Enum(variants) => {
                let arms = variants.iter().map(|variant| {
                    let pattern = pattern(variant, |field| field.scope.is_some());
                    let fields = self.scope_fields(&variant.content, &scope);
                    quote!(#pattern => { #fields })
                });
                Some(quote!(match self { #(#arms)* }))
            }
        };
        if operation.is_none() && fields.is_none() {
            return None;
        }
        Some(quote! {
            fn encode_scope(&self, #scope: &mut #krate::Scope<'_, '_>) {
                #operation
                #fields
            }
        })
    }

    /// Statements that write the scope fields, sorted by label.
    fn scope_fields(&self, content: &Content<'_>, scope: &Ident) -> TokenStream {
        let mut fields: Vec<_> = content
            .fields
            .iter()
            .filter_map(|field| Some((field.scope.as_deref()?, field)))
            .collect();
        fields.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
        let fields = fields.into_iter().map(|(label, field)| {
            let value = self.access(field);
            quote!(#scope.field(#label, #value);)
        });
        quote!(#(#fields)*)
    }

    fn encode_payload_method(&self) -> Option<TokenStream> {
        if !self.container.has_scope_fields() {
            return None;
        }
        let Self { krate, out, .. } = self;
        let encode = self.encode(Part::Payload);
        Some(quote! {
            fn encode_payload(&self, #out: &mut #krate::Encoder<'_>) {
                #encode
            }
        })
    }

    fn variant_arm(&self, variant: &Variant<'_>, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        if variant.skipped {
            let pattern = pattern(variant, |_| false);
            let name = &variant.name;
            return quote!(#pattern => #krate::__private::skipped_variant(#name, #out),);
        }
        let written_by_function = variant.serialize_with.is_some();
        let pattern = pattern(variant, |field| written_by_function || part.has(field));
        let body = self.variant(variant, part);
        quote!(#pattern => { #body })
    }

    /// Statements that write a variant as its tagging says.
    fn variant(&self, variant: &Variant<'_>, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        let name = &variant.name;
        let has_content = variant.serialize_with.is_some() || has_content(&variant.content, part);
        let content = self.variant_content(variant, part);
        match &variant.tagging {
            Tagging::External if has_content => {
                quote!(#krate::__private::variant(#name, #content, #out);)
            }
            Tagging::External => quote!(#krate::__private::unit_variant(#name, #out);),
            Tagging::Internal { tag } if !has_content => {
                quote!(#krate::__private::sorted_object(#out).member(#tag, #name).finish();)
            }
            Tagging::Internal { .. }
                if variant.content.tag.is_some() && variant.serialize_with.is_none() =>
            {
                self.content(&variant.content, part)
            }
            Tagging::Internal { tag } => quote! {
                let mut object = #out.object();
                object.member(#tag, #name);
                #krate::__private::merge_tagged(&mut object, #content);
                object.finish();
            },
            Tagging::Adjacent {
                tag,
                content: content_name,
            } => {
                let mut members = vec![(tag, quote!(#name))];
                if has_content {
                    members.push((content_name, content));
                }
                members
                    .sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
                let members = members
                    .iter()
                    .map(|(name, value)| quote!(.member(#name, #value)));
                quote!(#krate::__private::sorted_object(#out) #(#members)* .finish();)
            }
            Tagging::Untagged => quote!(#krate::Canonical::encode(#content, #out);),
        }
    }

    /// A reference to a value that is the content of a variant.
    fn variant_content(&self, variant: &Variant<'_>, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        if let Some(path) = &variant.serialize_with {
            let fields = variant.content.fields.iter().map(binding);
            return quote! {
                &#krate::__private::serialize_with(|serializer| #path(#(#fields,)* serializer))
            };
        }
        match (variant.content.style, &variant.content.fields[..]) {
            (Style::Newtype, [field]) if part.has(field) => self.value(field),
            _ => {
                let content = self.content(&variant.content, part);
                quote! {
                    &#krate::__private::FromFn(|#out: &mut #krate::Encoder<'_>| { #content })
                }
            }
        }
    }

    /// Statements that write the fields of a struct or a variant.
    fn content(&self, content: &Content<'_>, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        let mut fields = content.fields.iter().filter(|field| part.has(field));
        match content.style {
            Style::Named => self.object(content, part),
            Style::Tuple => {
                let elements = fields.map(|field| {
                    let value = self.value(field);
                    self.unless_skipped(field, quote!(array.element(#value);))
                });
                quote! {
                    let mut array = #out.array();
                    #(#elements)*
                    array.finish();
                }
            }
            Style::Unit | Style::Newtype | Style::Transparent => {
                let field = fields.next();
                let value = field.map_or_else(|| quote!(&()), |field| self.value(field));
                quote!(#krate::Canonical::encode(#value, #out);)
            }
        }
    }

    fn object(&self, content: &Content<'_>, part: Part) -> TokenStream {
        let Self { krate, out, .. } = self;
        let fields = || content.fields.iter().filter(|field| part.has(field));
        let (open, flattened) = if fields().any(|field| field.flatten) {
            let flattened = fields().filter(|field| field.flatten).map(|field| {
                let value = self.value(field);
                self.unless_skipped(field, quote!(object.flatten(#value);))
            });
            (quote!(#out.object()), flattened.collect())
        } else {
            (quote!(#krate::__private::sorted_object(#out)), Vec::new())
        };
        let members = sorted_entries(content, part)
            .into_iter()
            .map(|(name, entry)| match entry {
                Entry::Tag(value) => quote!(object.member(#name, #value);),
                Entry::Field(field) => {
                    let value = self.value(field);
                    self.unless_skipped(field, quote!(object.member(#name, #value);))
                }
            });
        quote! {
            let mut object = #open;
            #(#members)*
            #(#flattened)*
            object.finish();
        }
    }

    fn unless_skipped(&self, field: &Field<'_>, statement: TokenStream) -> TokenStream {
        let condition = match &field.skip_if {
            None => return statement,
            Some(Condition::Idem(path)) => path.to_token_stream(),
            Some(Condition::Serde(path)) => path.to_token_stream(),
        };
        let value = self.access(field);
        quote!(if !#condition(#value) { #statement })
    }

    /// A reference to the value that is written for a field.
    fn value(&self, field: &Field<'_>) -> TokenStream {
        let krate = &self.krate;
        let access = self.access(field);
        let span = location(field);
        match &field.encoding {
            Encoding::Canonical => access,
            Encoding::Serialize => quote_spanned!(span=> &#krate::__private::Serialized(#access)),
            Encoding::With(path) => quote_spanned!(span=> &#path(#access)),
            Encoding::SerializeWith(path) => quote_spanned! {span=>
                &#krate::__private::serialize_with(|serializer| #path(#access, serializer))
            },
        }
    }

    /// A reference to the field itself.
    fn access(&self, field: &Field<'_>) -> TokenStream {
        let member = &field.member;
        let span = location(field);
        match &self.container.data {
            Data::Enum(_) => binding(field).into_token_stream(),
            Data::Struct(_) if self.container.packed => quote_spanned!(span=> &{ self.#member }),
            Data::Struct(_) => quote_spanned!(span=> &self.#member),
        }
    }
}

/// A pattern that binds the fields that are used.
fn pattern(variant: &Variant<'_>, is_used: impl Fn(&Field<'_>) -> bool) -> TokenStream {
    let ident = &variant.original.ident;
    let fields = variant.content.fields.iter().filter(|field| is_used(field));
    let bindings = fields.map(|field| {
        let (member, binding) = (&field.member, binding(field));
        quote!(#member: #binding,)
    });
    quote!(Self::#ident { #(#bindings)* .. })
}

/// The members in canonical order: by the UTF-16 code units of their names.
fn sorted_entries<'c, 'a>(content: &'c Content<'a>, part: Part) -> Vec<(&'c str, Entry<'c, 'a>)> {
    let tag = content
        .tag
        .iter()
        .map(|tag| (tag.name.as_str(), Entry::Tag(&tag.value)));
    let fields = content
        .fields
        .iter()
        .filter(|field| part.has(field) && !field.flatten)
        .map(|field| (field.name.as_str(), Entry::Field(field)));
    let mut entries: Vec<_> = tag.chain(fields).collect();
    entries.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    entries
}

/// Whether anything of the content is written.
fn has_content(content: &Content<'_>, part: Part) -> bool {
    match (content.style, &content.fields[..]) {
        (Style::Unit, _) => false,
        (Style::Newtype, [field]) => part.has(field),
        _ => true,
    }
}

/// The variable that a field of a variant is bound to.
fn binding(field: &Field<'_>) -> Ident {
    let name = match &field.member {
        Member::Named(ident) => format_ident!("__{}", ident),
        Member::Unnamed(index) => format_ident!("__{}", index),
    };
    Ident::new(
        &name.to_string(),
        Span::mixed_site().located_at(location(field)),
    )
}

/// The place of the field's type, so that a missing impl is reported there.
fn location(field: &Field<'_>) -> Span {
    Span::call_site().located_at(field.original.ty.span())
}
