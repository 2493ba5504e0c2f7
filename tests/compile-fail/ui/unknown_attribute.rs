//! An unknown attribute: with the nearest known one, or with all that the place takes.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[idem(scop = "charges.create")]
#[idem(rename_all = "camelCase")]
struct Container {
    amount: u64,
}

#[derive(IdempotencyKey)]
struct Field {
    amount: u64,
    #[idem(skp)]
    sent_at: u64,
    #[idem(name = "a", flatten, skip_serializing_if = Option::is_none, my::own(1, 2))]
    #[idem(serialize_with = write, skip_serializing, unorderd)]
    attempt: u64,
    #[idem(exclude)]
    like_none: u64,
}

#[derive(IdempotencyKey)]
enum Variant {
    #[idem(renam = "charge")]
    Charge,
    #[idem(skip)]
    Refund,
}

fn main() {}
