//! `#[derive(IdempotencyKey)]` for the crate `agentidemp`, which re-exports it and documents it.
//! Depend on that crate, not on this one.
//!
//! The input goes through four steps: `attr.rs` reads the `#[idem(...)]` attributes, `join.rs` joins
//! them with serde's into the small model in `ast.rs` (in which `request.rs` finds the field that is the
//! request), `valid.rs` rejects what cannot be meant, and `expand.rs` writes the impls, with the bounds
//! from `bound.rs`. Parsing never expands, and expanding never fails. After an error, `fallback.rs` writes
//! impls in their place.

mod ast;
mod attr;
mod bound;
mod expand;
mod fallback;
mod function;
mod hash_set;
mod join;
mod request;
mod types;
mod unknown;
mod valid;

use proc_macro::TokenStream;
use quote::quote;
use serde_derive_internals::{Ctxt, replace_receiver};
use syn::{DeriveInput, parse_macro_input};

use crate::attr::ContainerAttributes;

#[expect(missing_docs, reason = "documented where `agentidemp` re-exports it")]
#[proc_macro_derive(IdempotencyKey, attributes(idem, serde))]
pub fn derive_idempotency_key(input: TokenStream) -> TokenStream {
    let mut input = parse_macro_input!(input as DeriveInput);
    replace_receiver(&mut input);
    let errors = Ctxt::new();
    let attributes = ContainerAttributes::parse(&errors, &input.attrs);
    let krate = attributes.crate_path();
    let container = join::container(&errors, &input, attributes);
    if let Some(container) = &container {
        valid::check(&errors, container);
    }
    let expanded = match (errors.check(), container) {
        (Ok(()), Some(container)) => expand::impls(&container, &krate),
        (result, _) => {
            let errors = result.err().map(syn::Error::into_compile_error);
            let impls = fallback::impls(&input, &krate);
            quote!(#errors #impls)
        }
    };
    expanded.into()
}
