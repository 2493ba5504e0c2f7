//! Two members or scopes of one name.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
struct ByRename {
    amount: u64,
    #[idem(rename = "amount")]
    cents: u64,
}

#[derive(IdempotencyKey)]
struct ByOrder {
    #[idem(rename = "amount")]
    cents: u64,
    amount: u64,
}

#[derive(IdempotencyKey)]
struct ByLabel {
    tenant: u64,
    #[idem(scope = "tenant")]
    user: u64,
}

#[derive(IdempotencyKey)]
struct BySerde {
    r#type: u64,
    #[serde(rename = "type")]
    kind: u64,
}

#[derive(IdempotencyKey)]
#[serde(tag = "type")]
struct ByTag {
    r#type: u64,
}

#[derive(IdempotencyKey)]
#[serde(tag = "type")]
enum ByTagOfVariant {
    Charge {
        #[idem(rename = "type")]
        kind: u64,
    },
}

#[derive(IdempotencyKey)]
enum Fields {
    Charge {
        amount: u64,
        #[idem(rename = "amount")]
        cents: u64,
    },
}

#[derive(IdempotencyKey)]
struct TwoOfThree {
    amount: u64,
    #[idem(rename = "amount", skip_if = Option::is_none)]
    cents: Option<u64>,
    #[serde(rename = "amount")]
    always: u64,
}

#[derive(IdempotencyKey)]
struct ScopeIsNeverLeftOut {
    tenant: u64,
    #[idem(scope = "tenant")]
    #[serde(skip_serializing_if = "Option::is_none")]
    user: u64,
}

/// Nothing is wrong with these: at most one of the two is written, or they are on the wire like this.
#[derive(IdempotencyKey)]
struct EitherOr {
    #[idem(rename = "amount", skip_if = Option::is_none)]
    cents: Option<u64>,
    #[serde(rename = "amount", skip_serializing_if = "Option::is_none")]
    units: Option<u64>,
    #[idem(skip)]
    amount: u64,
}

#[derive(IdempotencyKey)]
#[serde(tag = "type")]
enum Variants {
    #[serde(rename = "photo")]
    Photo { id: u64 },
    #[idem(rename = "photo")]
    CachedPhoto { url: String },
}

#[derive(IdempotencyKey)]
struct Scopes(#[idem(scope = "user")] u64, #[idem(scope = "user")] u64, u64);

fn main() {}
