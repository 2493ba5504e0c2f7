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
struct Scopes(#[idem(scope = "user")] u64, #[idem(scope = "user")] u64, u64);

fn main() {}
