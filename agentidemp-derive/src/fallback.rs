//! Impls for a type that has errors, so that one mistake gives no cascade of others.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn impls(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::agentidemp::Canonical for #ident #type_generics #where_clause {
            fn encode(&self, _: &mut ::agentidemp::Encoder<'_>) {
                ::agentidemp::__private::unimplemented!()
            }
        }

        #[automatically_derived]
        impl #impl_generics ::agentidemp::IdempotencyKey for #ident #type_generics #where_clause {}
    }
}
