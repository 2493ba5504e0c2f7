//! Attributes that are given twice, or that contradict each other.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[idem(scope = "charges.create")]
#[idem(scope = "refunds.create", crate = agentidemp, crate = agentidemp)]
struct Twice {
    #[idem(scope)]
    #[idem(scope)]
    user: u64,
    #[idem(rename = "cents", rename = "amount")]
    amount: u64,
    #[idem(skip, skip)]
    attempt: u64,
}

#[derive(IdempotencyKey)]
struct Skip {
    amount: u64,
    #[idem(skip, scope)]
    scope: u64,
    #[idem(skip, rename = "a")]
    rename: u64,
    #[idem(serde, skip)]
    serde: u64,
    #[idem(skip)]
    #[idem(with = u64::count_ones, skip_if = u64::is_power_of_two)]
    with: u64,
    #[idem(skip, delegate)]
    delegate: u64,
}

#[derive(IdempotencyKey)]
struct Scope {
    #[idem(scope, skip_if = String::is_empty)]
    user: String,
    #[idem(scope = "org", rename = "tenant")]
    tenant: u64,
}

#[derive(IdempotencyKey)]
struct Tuple(
    #[idem(rename = "a")] u64,
    #[idem(skip_if = Option::is_none)] Option<u64>,
);

#[derive(IdempotencyKey)]
struct Newtype(#[idem(skip_if = Option::is_none)] Option<u64>);

fn main() {}
