//! What serde's attributes say and a key cannot honour.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[serde(remote = "std::time::Duration")]
struct Remote {
    #[serde(getter = "std::time::Duration::as_secs")]
    secs: u64,
}

#[derive(IdempotencyKey)]
#[serde(rename_al = "camelCase")]
struct Unknown {
    #[serde(skip_serialising)]
    amount: u64,
}

#[derive(IdempotencyKey)]
struct Skipped {
    amount: u64,
    #[serde(skip)]
    #[idem(rename = "a", serde, skip_if = Option::is_none)]
    note: Option<u64>,
}

#[derive(Clone, IdempotencyKey)]
#[serde(into = "u64")]
struct Into {
    #[idem(rename = "a")]
    amount: u64,
    #[idem(skip)]
    attempt: u64,
}

#[derive(Clone, IdempotencyKey)]
#[serde(into = "u64")]
enum IntoOfVariants {
    #[idem(rename = "a")]
    Unit,
}

#[derive(IdempotencyKey)]
enum Variants {
    #[serde(serialize_with = "write")]
    Written(#[idem(skip)] u64, #[idem(scope = "user")] u64),
    #[serde(untagged)]
    #[idem(rename = "a")]
    Untagged(u64),
}

#[derive(IdempotencyKey)]
struct Flattened {
    #[serde(flatten)]
    #[idem(rename = "a")]
    nested: std::collections::BTreeMap<String, u64>,
}

#[derive(IdempotencyKey)]
#[serde(transparent)]
struct Transparent {
    #[idem(rename = "a", skip_if = Option::is_none)]
    note: Option<u64>,
}

#[derive(IdempotencyKey)]
#[serde(tag = "type")]
enum Tagged {
    Charge { r#type: u64 },
}

#[derive(IdempotencyKey)]
struct Getter {
    #[serde(getter = "secs")]
    secs: u64,
}

fn main() {}
