//! Impls for a type that has errors, so that one mistake gives no cascade of others.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn impls(input: &DeriveInput, krate: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::Canonical for #ident #type_generics #where_clause {
            fn encode(&self, _: &mut #krate::canonical::Encoder<'_>) {
                #krate::__private::unimplemented!()
            }
        }

        #[automatically_derived]
        impl #impl_generics #krate::IdempotencyKey for #ident #type_generics #where_clause {}
    }
}
