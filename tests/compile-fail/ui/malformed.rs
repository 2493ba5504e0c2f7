//! An attribute that is known, and is not written as it must be.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[idem(scope)]
#[idem(bound = T)]
#[idem(crate = "renamed")]
struct Container<T> {
    amount: T,
}

#[derive(IdempotencyKey)]
#[idem(bound = "T Clone")]
struct Bound<T> {
    amount: T,
}

#[derive(IdempotencyKey)]
struct Flags {
    #[idem(skip = true)]
    skip: u64,
    #[idem(serde(flatten))]
    serde: u64,
    #[idem(scope(user))]
    scope: u64,
}

#[derive(IdempotencyKey)]
struct Strings {
    #[idem(rename)]
    no_name: u64,
    #[idem(rename = amount)]
    no_string: u64,
    #[idem(scope = 1)]
    number: u64,
}

#[derive(IdempotencyKey)]
struct Functions {
    #[idem(with = "str::")]
    no_path: String,
    #[idem(with = |text| match text { _ => 1 })]
    no_braces: String,
    #[idem(with = |text)]
    no_end: String,
    #[idem(with = |text|, rename = "text")]
    no_body: String,
    #[idem(skip_if)]
    no_function: String,
    #[idem(skip_if = ,)]
    no_value: String,
    #[idem(skip_if(str::is_empty))]
    list: String,
}

#[derive(IdempotencyKey)]
struct NoList {
    #[idem]
    nothing: u64,
    #[idem = "skip"]
    value: u64,
    #[idem(skip serde)]
    no_comma: u64,
    #[idem("skip")]
    literal: u64,
}

fn main() {}
