//! Scopes without a text or a label, and labels that could be taken for another scope.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[idem(scope = "")]
struct Empty {
    amount: u64,
}

#[derive(IdempotencyKey)]
#[idem(scope = "op:tenant:acme")]
struct Colon {
    amount: u64,
}

#[derive(IdempotencyKey)]
#[idem(scope = "outer>inner")]
struct Joined {
    amount: u64,
}

#[derive(IdempotencyKey)]
#[idem(scope = "100%")]
struct Percent {
    amount: u64,
}

#[derive(IdempotencyKey)]
struct Unlabelled(#[idem(scope)] u64, u64);

#[derive(IdempotencyKey)]
enum UnlabelledInVariant {
    Charge(#[idem(scope)] u64),
}

#[derive(IdempotencyKey)]
struct Labels {
    #[idem(scope = "")]
    empty: u64,
    #[idem(scope = "user:org")]
    colon: u64,
    #[idem(scope, rename = "50%")]
    percent: u64,
    #[idem(scope)]
    #[serde(rename = "a:b")]
    by_serde: u64,
}

#[derive(IdempotencyKey)]
struct Flattened {
    #[idem(scope)]
    #[serde(flatten)]
    user: u64,
}

#[derive(IdempotencyKey)]
#[serde(transparent)]
struct Transparent {
    #[idem(scope)]
    user: u64,
}

#[derive(IdempotencyKey)]
struct Delegates<T> {
    #[idem(delegate)]
    first: T,
    #[idem(delegate)]
    second: T,
}

#[derive(IdempotencyKey)]
struct DelegateInScope {
    amount: u64,
    #[idem(delegate, scope)]
    user: u64,
}

#[derive(IdempotencyKey)]
enum DelegateBySerialize {
    Serde(#[idem(delegate, serde)] u64),
    With(#[idem(delegate, serde, with = u64::to_string)] u64),
    Function(
        #[idem(delegate)]
        #[serde(serialize_with = "write")]
        u64,
    ),
}

fn main() {}
