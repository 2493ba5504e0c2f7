//! [`Function`]: a function of a field, as `with` and `skip_if` take it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, LitStr, Token, token};

use crate::expand::located_at;

#[derive(Clone)]
pub(crate) enum Function {
    Path(ExprPath),
    Closure(TokenStream),
    /// Any other expression whose value is a function.
    Expression(TokenStream),
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let path: LitStr = input.parse()?;
            return path.parse().map(Self::Path);
        }
        if input.peek(Token![|]) || input.peek(Token![move]) {
            return parse_closure(input).map(Self::Closure);
        }
        if input.peek(token::Brace) {
            let block: TokenTree = input.parse()?;
            return Ok(Self::Expression(block.into()));
        }
        Ok(match input.parse()? {
            Expr::Path(path) => Self::Path(path),
            other => Self::Expression(other.into_token_stream()),
        })
    }
}

/// syn knows closures only together with all other expressions, which takes as long to compile as the
/// rest of it.
fn parse_closure(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    if input.peek(Token![move]) {
        input.parse::<Token![move]>()?.to_tokens(&mut tokens);
    }
    input.parse::<Token![|]>()?.to_tokens(&mut tokens);
    while !input.peek(Token![|]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Token![|]>()?.to_tokens(&mut tokens);
    if input.peek(Token![->]) {
        while !input.peek(token::Brace) {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(input.error("expected the body of the closure"));
    }
    parse_body(input, &mut tokens)?;
    Ok(tokens)
}

/// The body of a closure: up to a comma that is no part of it. In brackets of any kind a comma is, and
/// between those of generic arguments, `::<A, B>`.
fn parse_body(input: ParseStream<'_>, tokens: &mut TokenStream) -> syn::Result<()> {
    let mut angle_brackets = 0_usize;
    while !input.is_empty() && (angle_brackets > 0 || !input.peek(Token![,])) {
        if input.peek(Token![->]) {
            tokens.extend([input.parse::<TokenTree>()?]);
        } else if input.peek(Token![::]) && input.peek3(Token![<]) {
            input.parse::<Token![::]>()?.to_tokens(tokens);
            angle_brackets += 1;
        } else if angle_brackets > 0 && input.peek(Token![<]) {
            angle_brackets += 1;
        } else if angle_brackets > 0 && input.peek(Token![>]) {
            angle_brackets -= 1;
        }
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(())
}

impl Function {
    /// What the function gives for `value`, a reference.
    pub(crate) fn call(&self, value: &TokenStream, krate: &TokenStream) -> TokenStream {
        let span = self.span();
        match self {
            Self::Path(path) => quote_spanned!(span=> #path(#value)),
            Self::Closure(closure) => {
                let krate = located_at(span, krate);
                quote_spanned!(span=> #krate::__private::call(#closure, #value))
            }
            Self::Expression(expression) => quote_spanned!(span=> (#expression)(#value)),
        }
    }

    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span(),
            Self::Closure(tokens) | Self::Expression(tokens) => tokens.span(),
        }
    }
}
