//! Names that serde cannot write in `camelCase`: its derive panics, this one says what to do.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
#[serde(rename_all = "camelCase")]
#[allow(non_snake_case)]
struct Field {
    amount: u64,
    Über: u64,
}

#[derive(IdempotencyKey)]
#[serde(rename_all = "camelCase")]
enum Variant {
    Charge,
    Überweisung,
}

#[derive(IdempotencyKey)]
#[serde(rename_all_fields = "camelCase")]
enum FieldOfVariant {
    Charge { __: u64 },
}

/// Nothing is wrong with this.
#[derive(IdempotencyKey)]
#[serde(rename_all = "camelCase")]
struct Fine {
    #[serde(rename = "über")]
    über: u64,
    größe: u64,
}

fn main() {
    let _: agentidemp::Key = Variant::Charge.idempotency_key();
}
