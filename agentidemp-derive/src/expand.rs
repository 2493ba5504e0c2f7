//! Writes the impls. It relies on `valid.rs`, and does not fail.
//!
//! The code that comes out means the same wherever it stands. Paths start at the runtime crate.
//! Methods are called by their path too, as a user's trait may have methods of the same names. Local
//! variables start with `__`, as a user's constant `out` would win over a variable `out`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{ExprPath, Index, Member};

use crate::ast::{Container, Content, Data, Encoding, Field, Style, Tagging, Variant};
use crate::bound;

pub(crate) fn impls(container: &Container<'_>, krate: &TokenStream) -> TokenStream {
    let generics = bound::with_bounds(container, krate);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let ident = &container.input.ident;
    let deprecated = allow_deprecated(container);
    let expansion = Expansion {
        container,
        krate,
        out: local("out"),
    };
    let encode = expansion.encode_method();
    let encode_scope = expansion.encode_scope_method();
    let encode_payload = expansion.encode_payload_method();
    quote! {
        #[automatically_derived]
        #deprecated
        impl #impl_generics #krate::Canonical for #ident #type_generics #where_clause {
            #encode
            #encode_scope
            #encode_payload
        }

        #[automatically_derived]
        #deprecated
        impl #impl_generics #krate::IdempotencyKey for #ident #type_generics #where_clause {}
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
enum Form {
    /// All that are not skipped: the canonical form.
    Canonical,
    /// Those of them that are not in the scope: the payload.
    Payload,
}

impl Form {
    fn has(self, field: &Field<'_>) -> bool {
        !field.skipped && (self == Self::Canonical || field.scope.is_none())
    }
}

/// A member of an object.
enum NamedMember<'c, 'a> {
    Tag(&'c str),
    Field(&'c Field<'a>),
}

struct Expansion<'c, 'a> {
    container: &'c Container<'a>,
    /// The path of the runtime crate.
    krate: &'c TokenStream,
    /// The encoder.
    out: Ident,
}

impl Expansion<'_, '_> {
    fn encode_method(&self) -> TokenStream {
        let Self { krate, out, .. } = self;
        let body = self.encode();
        quote! {
            fn encode(&self, #out: &mut #krate::canonical::Encoder<'_>) {
                #body
            }
        }
    }

    /// Statements that write the value to `out`.
    fn encode(&self) -> TokenStream {
        let Self { krate, out, .. } = self;
        if let Some(wire) = self.wire() {
            return quote!(#krate::Canonical::encode(#wire, #out););
        }
        match &self.container.data {
            Data::Struct(content) => self.content(content, Form::Canonical),
            Data::Enum(variants) if variants.is_empty() => quote! {
                let _ = #out;
                match *self {}
            },
            Data::Enum(variants) => {
                let arms = variants
                    .iter()
                    .map(|variant| self.variant_arm(variant, Form::Canonical));
                quote!(match self { #(#arms)* })
            }
        }
    }

    /// A reference to the value that `#[serde(into = "...")]` puts on the wire.
    fn wire(&self) -> Option<TokenStream> {
        let krate = self.krate;
        let into = self.container.into.as_ref()?;
        let clone = quote!(#krate::__private::Clone::clone(self));
        Some(quote!(&#krate::__private::Into::<#into>::into(#clone)))
    }

    /// None where no field has a part in the scope: then the payload is the whole.
    fn encode_payload_method(&self) -> Option<TokenStream> {
        let Self { krate, out, .. } = self;
        let body = match (self.wire(), &self.container.data) {
            (Some(wire), _) => quote!(#krate::Canonical::encode_payload(#wire, #out);),
            _ if !self.container.has_scope() => return None,
            (None, Data::Struct(content)) => self.content(content, Form::Payload),
            (None, Data::Enum(variants)) => match_scoped(
                variants,
                |variant| self.variant_arm(variant, Form::Payload),
                &quote!(#krate::Canonical::encode(self, #out)),
            ),
        };
        Some(quote! {
            fn encode_payload(&self, #out: &mut #krate::canonical::Encoder<'_>) {
                #body
            }
        })
    }

    fn encode_scope_method(&self) -> Option<TokenStream> {
        let krate = self.krate;
        let scope = local("scope");
        let operation = self.container.attributes.scope.get();
        let operation =
            operation.map(|operation| quote!(#krate::Scope::operation(#scope, #operation);));
        let parts = match (self.wire(), &self.container.data) {
            (Some(wire), _) => Some(quote!(#krate::Scope::delegate(#scope, #wire);)),
            _ if !self.container.has_scope() => None,
            (None, Data::Struct(content)) => Some(self.scope_of(content, &scope)),
            (None, Data::Enum(variants)) => Some(match_scoped(
                variants,
                |variant| {
                    let pattern =
                        pattern(variant, |field| field.scope.is_some() || field.is_request);
                    let parts = self.scope_of(&variant.content, &scope);
                    quote!(#pattern => { #parts })
                },
                &quote!({}),
            )),
        };
        if operation.is_none() && parts.is_none() {
            return None;
        }
        Some(quote! {
            fn encode_scope(&self, #scope: &mut #krate::Scope<'_, '_>) {
                #operation
                #parts
            }
        })
    }

    /// Statements that write the scope of the requests within, then the scope fields, sorted by label.
    fn scope_of(&self, content: &Content<'_>, scope: &Ident) -> TokenStream {
        let krate = self.krate;
        let requests = content.fields.iter().filter(|field| field.is_request);
        let requests = requests.map(|field| {
            let value = self.value(field, Form::Canonical);
            let delegate = quote!(#krate::Scope::delegate(#scope, #value););
            self.unless_left_out(content, field, delegate)
        });
        let mut fields: Vec<_> = content
            .fields
            .iter()
            .filter_map(|field| Some((field.scope.as_deref()?, field)))
            .collect();
        sort_by_name(&mut fields);
        let fields = fields.into_iter().map(|(label, field)| {
            let access = self.access(field);
            let value = match field.attributes.with.get() {
                Some(function) => {
                    let value = function.call(&access, krate);
                    quote_spanned!(function.span()=> &#value)
                }
                None => access,
            };
            quote!(#krate::Scope::field(#scope, #label, #value);)
        });
        quote!(#(#requests)* #(#fields)*)
    }

    fn variant_arm(&self, variant: &Variant<'_>, form: Form) -> TokenStream {
        let Self { krate, out, .. } = self;
        if variant.skipped {
            let pattern = pattern(variant, |_| false);
            let name = &variant.name;
            return quote!(#pattern => #krate::__private::skipped_variant(#name, #out),);
        }
        let written_by_function = variant.serialize_with.is_some();
        let pattern = pattern(variant, |field| written_by_function || form.has(field));
        let body = self.variant(variant, form);
        quote!(#pattern => { #body })
    }

    /// Statements that write a variant as its tagging says.
    fn variant(&self, variant: &Variant<'_>, form: Form) -> TokenStream {
        let Self { krate, out, .. } = self;
        let name = &variant.name;
        let written_by_function = variant.serialize_with.is_some();
        let has_content = written_by_function || has_content(&variant.content, form);
        let content = self.variant_content(variant, form);
        match &variant.tagging {
            Tagging::External if is_buffered_by_serde(variant) => {
                quote!(#krate::__private::compound_variant(#name, #content, #out);)
            }
            Tagging::External if has_content => {
                quote!(#krate::__private::variant(#name, #content, #out);)
            }
            Tagging::External => quote!(#krate::__private::unit_variant(#name, #out);),
            Tagging::Internal { tag } if !has_content => self.object_of(&[(tag, quote!(#name))]),
            Tagging::Internal { .. } if variant.content.tag.is_some() && !written_by_function => {
                self.content(&variant.content, form)
            }
            Tagging::Internal { tag } => {
                let object = local("object");
                let tag = self.member(&object, tag, &quote!(#name));
                quote! {
                    let mut #object = #krate::canonical::Encoder::object(#out);
                    #tag
                    #krate::__private::merge_tagged(&mut #object, #content);
                    #krate::canonical::Object::finish(&mut #object);
                }
            }
            Tagging::Adjacent {
                tag,
                content: content_name,
            } => {
                let mut members = vec![(tag.as_str(), quote!(#name))];
                if has_content {
                    members.push((content_name, content));
                }
                sort_by_name(&mut members);
                self.object_of(&members)
            }
            Tagging::Untagged if written_by_function => {
                quote!(#krate::Canonical::encode(#content, #out);)
            }
            Tagging::Untagged => self.content(&variant.content, form),
        }
    }

    /// A reference to a value that is the content of a variant.
    fn variant_content(&self, variant: &Variant<'_>, form: Form) -> TokenStream {
        let Self { krate, out, .. } = self;
        if let Some(path) = &variant.serialize_with {
            let fields = variant.content.fields.iter().map(binding);
            return self.serialize_with(path, &quote!(#(#fields,)*));
        }
        match (variant.content.style, &variant.content.fields[..]) {
            (Style::Newtype, [field]) if form.has(field) => self.value(field, form),
            _ => {
                let content = self.content(&variant.content, form);
                quote! {
                    &#krate::__private::FromFn(|#out: &mut #krate::canonical::Encoder<'_>| { #content })
                }
            }
        }
    }

    /// Statements that write the fields of a struct or a variant.
    fn content(&self, content: &Content<'_>, form: Form) -> TokenStream {
        let Self { krate, out, .. } = self;
        let mut fields = content.fields.iter().filter(|field| form.has(field));
        match content.style {
            Style::Named => self.object(content, form),
            Style::Tuple => {
                let array = local("array");
                let elements = fields.map(|field| {
                    let value = self.value(field, form);
                    let element = quote!(#krate::canonical::Array::element(&mut #array, #value););
                    self.unless_left_out(content, field, element)
                });
                quote! {
                    let mut #array = #krate::canonical::Encoder::array(#out);
                    #(#elements)*
                    #krate::canonical::Array::finish(&mut #array);
                }
            }
            Style::Unit | Style::Newtype | Style::Transparent => {
                let field = fields.next();
                let value =
                    field.map_or_else(|| quote!(&()), |field| self.value(field, Form::Canonical));
                match field {
                    Some(field) if field.is_request && form == Form::Payload => {
                        quote!(#krate::Canonical::encode_payload(#value, #out);)
                    }
                    _ => quote!(#krate::Canonical::encode(#value, #out);),
                }
            }
        }
    }

    fn object(&self, content: &Content<'_>, form: Form) -> TokenStream {
        let Self { krate, out, .. } = self;
        let object = local("object");
        let members = sorted_members(content, form)
            .into_iter()
            .map(|(name, entry)| match entry {
                NamedMember::Tag(value) => self.member(&object, name, &quote!(#value)),
                NamedMember::Field(field) => {
                    let value = self.value(field, form);
                    let member = self.member(&object, name, &value);
                    self.unless_left_out(content, field, member)
                }
            });
        let flattened: Vec<_> = content
            .fields
            .iter()
            .filter(|field| form.has(field) && field.flatten)
            .map(|field| {
                let value = self.value(field, form);
                let members = quote!(#krate::canonical::Object::flatten(&mut #object, #value););
                self.unless_left_out(content, field, members)
            })
            .collect();
        let open = if flattened.is_empty() && !content.has_duplicates() {
            quote!(#krate::__private::sorted_object(#out))
        } else {
            quote!(#krate::canonical::Encoder::object(#out))
        };
        quote! {
            let mut #object = #open;
            #(#members)*
            #(#flattened)*
            #krate::canonical::Object::finish(&mut #object);
        }
    }

    /// A statement that writes a member.
    fn member(&self, object: &Ident, name: &str, value: &TokenStream) -> TokenStream {
        let krate = self.krate;
        quote! {
            #krate::__private::member(
                &mut #object,
                const { &#krate::__private::Name::new(#name) },
                #value,
            );
        }
    }

    /// Statements that write an object of these members, which are in canonical order.
    fn object_of(&self, members: &[(&str, TokenStream)]) -> TokenStream {
        let Self { krate, out, .. } = self;
        let object = local("object");
        let members = members
            .iter()
            .map(|(name, value)| self.member(&object, name, value));
        quote! {
            let mut #object = #krate::__private::sorted_object(#out);
            #(#members)*
            #krate::canonical::Object::finish(&mut #object);
        }
    }

    /// A statement for a field that may be left out where it is a member or an element.
    fn unless_left_out(
        &self,
        content: &Content<'_>,
        field: &Field<'_>,
        statement: TokenStream,
    ) -> TokenStream {
        let Some(condition) = &field.skip_if else {
            return statement;
        };
        if !matches!(content.style, Style::Named | Style::Tuple) {
            return statement;
        }
        let is_left_out = condition.call(&self.access(field), self.krate);
        let is_written = quote_spanned!(condition.span()=> !#is_left_out);
        quote!(if #is_written { #statement })
    }

    /// A reference to the value that is written for a field.
    fn value(&self, field: &Field<'_>, form: Form) -> TokenStream {
        let access = self.access(field);
        let (span, _) = location(field);
        let krate = located_at(span, self.krate);
        let value = match &field.encoding {
            Encoding::Canonical => access,
            Encoding::Serialize => quote_spanned!(span=> &#krate::__private::Serialized(#access)),
            Encoding::With(function) => {
                let value = function.call(&access, self.krate);
                quote_spanned!(function.span()=> &#value)
            }
            Encoding::SerializedWith(function) => {
                let value = function.call(&access, self.krate);
                quote_spanned!(function.span()=> &#krate::__private::Serialized(&#value))
            }
            Encoding::SerializeWith(path) => self.serialize_with(path, &quote!(#access,)),
        };
        if field.attributes.unordered.is_given() {
            quote_spanned!(span=> &#krate::__private::Unordered(#value))
        } else if field.attributes.json.is_given() {
            quote_spanned!(span=> &#krate::__private::Json(#value))
        } else if field.is_request && form == Form::Payload {
            quote_spanned!(span=> &#krate::__private::Payload(#value))
        } else {
            value
        }
    }

    /// A reference to the value that a function writes; `values`, with a comma after each, are what it
    /// takes before a `Serializer`.
    fn serialize_with(&self, path: &ExprPath, values: &TokenStream) -> TokenStream {
        let krate = self.krate;
        let serializer = local("serializer");
        quote! {
            &#krate::__private::SerializeWith(|#serializer: #krate::__private::Serializer<'_, '_>| {
                #path(#values #serializer)
            })
        }
    }

    /// A reference to the field itself.
    fn access(&self, field: &Field<'_>) -> TokenStream {
        let (start, end) = location(field);
        let mut member = field.member.clone();
        match &mut member {
            Member::Named(ident) => ident.set_span(end),
            Member::Unnamed(index) => index.span = end,
        }
        match &self.container.data {
            Data::Enum(_) => binding(field).into_token_stream(),
            Data::Struct(_) if self.container.packed => quote_spanned!(start=> &{ self.#member }),
            Data::Struct(_) => quote_spanned!(start=> &self.#member),
        }
    }
}

/// The tokens, in code that errors are reported for at `span`.
pub(crate) fn located_at(span: Span, tokens: &TokenStream) -> TokenStream {
    let tokens = tokens.clone().into_iter();
    tokens
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}

/// A `match` with an arm for each variant with a field that has a part in the scope, and one for the
/// others.
fn match_scoped<'c, 'a>(
    variants: &'c [Variant<'a>],
    arm: impl Fn(&'c Variant<'a>) -> TokenStream,
    other: &TokenStream,
) -> TokenStream {
    let (scoped, others): (Vec<_>, Vec<_>) =
        variants.iter().partition(|variant| variant.has_scope());
    let arms = scoped.into_iter().map(arm);
    let other = (!others.is_empty()).then(|| quote!(_ => #other,));
    quote!(match self { #(#arms)* #other })
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

/// The members in canonical order.
fn sorted_members<'c, 'a>(
    content: &'c Content<'a>,
    form: Form,
) -> Vec<(&'c str, NamedMember<'c, 'a>)> {
    let tag = content
        .tag
        .iter()
        .map(|tag| (tag.name.as_str(), NamedMember::Tag(&tag.value)));
    let fields = content
        .fields
        .iter()
        .filter(|field| form.has(field) && !field.flatten)
        .map(|field| (field.name.as_str(), NamedMember::Field(field)));
    let mut entries: Vec<_> = tag.chain(fields).collect();
    sort_by_name(&mut entries);
    entries
}

/// Canonical order: by UTF-16 code units (RFC 8785 section 3.2.3).
fn sort_by_name<T>(named: &mut [(&str, T)]) {
    named.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
}

/// Whether serde keeps the variant in a buffer where it is flattened: a tuple or a struct, unless the
/// struct has flattened fields itself, which make it a map.
fn is_buffered_by_serde(variant: &Variant<'_>) -> bool {
    let content = &variant.content;
    let is_struct =
        content.style == Style::Named && !content.fields.iter().any(|field| field.flatten);
    variant.serialize_with.is_none() && (content.style == Style::Tuple || is_struct)
}

/// Whether anything of the content is written.
fn has_content(content: &Content<'_>, form: Form) -> bool {
    match (content.style, &content.fields[..]) {
        (Style::Unit, _) => false,
        (Style::Newtype, [field]) => form.has(field),
        _ => true,
    }
}

/// A local variable.
fn local(name: &str) -> Ident {
    format_ident!("__{name}", span = Span::mixed_site())
}

/// The variable that a field of a variant is bound to.
fn binding(field: &Field<'_>) -> Ident {
    let (start, _) = location(field);
    let span = Span::mixed_site().located_at(start);
    match &field.member {
        Member::Named(ident) => format_ident!("__field_{}", ident, span = span),
        Member::Unnamed(Index { index, .. }) => format_ident!("__field_{}", index, span = span),
    }
}

/// The first and the last token of the field's type: code that begins and ends there has its errors
/// reported at the type.
fn location(field: &Field<'_>) -> (Span, Span) {
    let mut spans = field
        .original
        .ty
        .to_token_stream()
        .into_iter()
        .map(|token| Span::call_site().located_at(token.span()));
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
