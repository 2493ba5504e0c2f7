//! The `#[idem(...)]` attributes: what is written on a container, a variant or a field, each with
//! the tokens to point at. What an attribute means together with others is not decided here. How a
//! function is written is in `function.rs`, how an unknown attribute is explained in `unknown.rs`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use serde_derive_internals::Ctxt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, WherePredicate};

use crate::function::Function;
use crate::unknown;

/// The attributes of a struct or an enum.
pub(crate) struct ContainerAttributes {
    pub(crate) scope: Slot<LitStr>,
    pub(crate) serde: Slot<()>,
    pub(crate) bound: Slot<Vec<WherePredicate>>,
    pub(crate) crate_path: Slot<Path>,
}

/// The attributes of a variant.
pub(crate) struct VariantAttributes {
    pub(crate) rename: Slot<LitStr>,
}

/// The attributes of a field.
pub(crate) struct FieldAttributes {
    pub(crate) skip: Slot<()>,
    pub(crate) scope: Slot<Option<LitStr>>,
    pub(crate) rename: Slot<LitStr>,
    pub(crate) serde: Slot<()>,
    pub(crate) with: Slot<Function>,
    pub(crate) unordered: Slot<()>,
    pub(crate) json: Slot<()>,
    pub(crate) delegate: Slot<()>,
    pub(crate) skip_if: Slot<Function>,
}

/// An attribute that may be given once.
pub(crate) struct Slot<T> {
    pub(crate) name: &'static str,
    given: Option<(TokenStream, T)>,
}

impl<T> Slot<T> {
    fn new(name: &'static str) -> Self {
        Self { name, given: None }
    }

    fn set(&mut self, errors: &Ctxt, meta: &ParseNestedMeta<'_>, value: T) {
        if self.given.is_some() {
            let message = format!("`{}` is given twice: keep one", self.name);
            errors.error_spanned_by(&meta.path, message);
        } else {
            self.given = Some((meta.path.to_token_stream(), value));
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.given.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// The attribute's name as it stands in the source, to point at.
    pub(crate) fn tokens(&self) -> Option<&TokenStream> {
        self.given.as_ref().map(|(tokens, _)| tokens)
    }
}

impl ContainerAttributes {
    pub(crate) fn parse(errors: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut this = Self {
            scope: Slot::new("scope"),
            serde: Slot::new("serde"),
            bound: Slot::new("bound"),
            crate_path: Slot::new("crate"),
        };
        let known = ["scope", "serde", "bound", "crate"];
        for_each_meta(errors, attributes, |meta| {
            match name_of(&meta.path).as_str() {
                "scope" => this.scope.set(errors, meta, parse_text(meta)?),
                "serde" => this.serde.set(errors, meta, parse_flag(meta)?),
                "bound" => this.bound.set(errors, meta, parse_bound(meta)?),
                "crate" => this.crate_path.set(errors, meta, parse_path(meta)?),
                _ => return Err(unknown::error(&meta.path, "a struct or an enum", &known)),
            }
            Ok(())
        });
        this
    }

    /// The path of the runtime crate.
    pub(crate) fn crate_path(&self) -> TokenStream {
        let path = self.crate_path.get();
        path.map_or_else(|| quote!(::agentidemp), ToTokens::to_token_stream)
    }
}

impl VariantAttributes {
    pub(crate) fn parse(errors: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut this = Self {
            rename: Slot::new("rename"),
        };
        for_each_meta(errors, attributes, |meta| {
            match name_of(&meta.path).as_str() {
                "rename" => this.rename.set(errors, meta, parse_text(meta)?),
                _ => return Err(unknown::error(&meta.path, "a variant", &["rename"])),
            }
            Ok(())
        });
        this
    }
}

impl FieldAttributes {
    pub(crate) fn parse(errors: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut this = Self {
            skip: Slot::new("skip"),
            scope: Slot::new("scope"),
            rename: Slot::new("rename"),
            serde: Slot::new("serde"),
            with: Slot::new("with"),
            unordered: Slot::new("unordered"),
            json: Slot::new("json"),
            delegate: Slot::new("delegate"),
            skip_if: Slot::new("skip_if"),
        };
        let known = [
            "skip",
            "scope",
            "rename",
            "serde",
            "with",
            "unordered",
            "json",
            "delegate",
            "skip_if",
        ];
        for_each_meta(errors, attributes, |meta| {
            match name_of(&meta.path).as_str() {
                "skip" => this.skip.set(errors, meta, parse_flag(meta)?),
                "scope" => this.scope.set(errors, meta, parse_optional_text(meta)?),
                "rename" => this.rename.set(errors, meta, parse_text(meta)?),
                "serde" => this.serde.set(errors, meta, parse_flag(meta)?),
                "with" => this.with.set(errors, meta, parse_function(meta)?),
                "unordered" => this.unordered.set(errors, meta, parse_flag(meta)?),
                "json" => this.json.set(errors, meta, parse_flag(meta)?),
                "delegate" => this.delegate.set(errors, meta, parse_flag(meta)?),
                "skip_if" => this.skip_if.set(errors, meta, parse_function(meta)?),
                _ => return Err(unknown::error(&meta.path, "a field", &known)),
            }
            Ok(())
        });
        this
    }

    /// The attributes that are given, as their name and the tokens to point at.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &TokenStream)> {
        let slots = [
            (self.skip.name, self.skip.tokens()),
            (self.scope.name, self.scope.tokens()),
            (self.rename.name, self.rename.tokens()),
            (self.serde.name, self.serde.tokens()),
            (self.with.name, self.with.tokens()),
            (self.unordered.name, self.unordered.tokens()),
            (self.json.name, self.json.tokens()),
            (self.delegate.name, self.delegate.tokens()),
            (self.skip_if.name, self.skip_if.tokens()),
        ];
        slots
            .into_iter()
            .filter_map(|(name, tokens)| Some((name, tokens?)))
    }
}

/// Reads all `#[idem(...)]`. After an error it goes on with the next one in the list, so that all
/// errors are reported at once.
fn for_each_meta(
    errors: &Ctxt,
    attributes: &[Attribute],
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes {
        if !attribute.path().is_ident("idem") {
            continue;
        }
        let parsed = attribute.parse_nested_meta(|meta| {
            if let Err(error) = read(&meta) {
                errors.syn_error(error);
                skip_to_comma(meta.input)?;
            }
            Ok(())
        });
        if let Err(error) = parsed {
            errors.syn_error(error);
        }
    }
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.get_ident()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn parse_flag(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        return Ok(());
    }
    let name = name_of(&meta.path);
    Err(meta.error(format!("`{name}` takes no value: write `#[idem({name})]`")))
}

fn parse_text(meta: &ParseNestedMeta<'_>) -> syn::Result<LitStr> {
    let name = name_of(&meta.path);
    let usage = format!("`{name}` takes a string here: write `#[idem({name} = \"...\")]`");
    parse_value(meta, &usage)
}

fn parse_optional_text(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if meta.input.peek(Token![=]) {
        return parse_text(meta).map(Some);
    }
    parse_flag(meta).map(|()| None)
}

fn parse_path<T: Parse>(meta: &ParseNestedMeta<'_>) -> syn::Result<T> {
    let name = name_of(&meta.path);
    let usage = format!("`{name}` takes a path without quotes: write `#[idem({name} = path)]`");
    parse_value(meta, &usage)
}

fn parse_function(meta: &ParseNestedMeta<'_>) -> syn::Result<Function> {
    let name = name_of(&meta.path);
    let usage = format!(
        "`{name}` takes a function: a path, or a closure, as in `#[idem({name} = |value| ...)]`"
    );
    parse_value(meta, &usage)
}

fn parse_value<T: Parse>(meta: &ParseNestedMeta<'_>, usage: &str) -> syn::Result<T> {
    if !meta.input.peek(Token![=]) {
        return Err(meta.error(usage));
    }
    let value = meta.value()?;
    value
        .parse()
        .map_err(|error| syn::Error::new(error.span(), usage))
}

fn parse_bound(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<WherePredicate>> {
    let usage = "`bound` takes what stands after `where`: write `#[idem(bound = \"T: Trait\")]`";
    let text: LitStr = parse_value(meta, usage)?;
    text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated)
        .map(|predicates| predicates.into_iter().collect())
        .map_err(|error| syn::Error::new(error.span(), format!("{error}: {usage}")))
}
