//! All errors of a type are reported at once, and give no other errors where the type is used.

use agentidemp::IdempotencyKey;

mod reexport {
    pub use agentidemp::*;
}

#[derive(IdempotencyKey)]
#[idem(scope = "", crate = reexport)]
struct Request<'a, T: Clone, const N: usize>
where
    T: Copy,
{
    #[idem(skip, scope, rename = 1)]
    amount: &'a [T; N],
    #[idem(skp, skip_if = "x")]
    #[serde(skp)]
    kind: Kind,
}

#[derive(IdempotencyKey)]
enum Kind {
    #[idem(nam = "Refund")]
    Charge(#[idem(scope)] u64),
    #[idem(rename = "Charge")]
    Refund,
}

#[derive(IdempotencyKey)]
union Union {
    integer: u64,
}

#[derive(IdempotencyKey)]
struct Batch<'a> {
    first: Request<'a, u8, 1>,
    second: Kind,
    third: Union,
}

fn main() {
    let kind = Kind::Charge(1);
    kind.idempotency_key();
    let amount = [1];
    let first = Request {
        amount: &amount,
        kind,
    };
    first.canonical_bytes();
    let batch = Batch {
        first,
        second: Kind::Refund,
        third: Union { integer: 1 },
    };
    let _: agentidemp::Key = batch.idempotency_key();
}
