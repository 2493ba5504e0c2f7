//! Types all values of which would share one key.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
struct Named {
    #[idem(skip)]
    sent_at: u64,
    #[serde(skip)]
    attempt: u64,
}

#[derive(IdempotencyKey)]
struct Newtype(#[idem(skip)] u64);

#[derive(IdempotencyKey)]
#[serde(transparent)]
struct Transparent {
    #[idem(skip)]
    amount: u64,
    marker: std::marker::PhantomData<u8>,
}

#[derive(IdempotencyKey)]
enum OneVariant {
    Ping {
        #[idem(skip)]
        sent_at: u64,
    },
}

#[derive(IdempotencyKey)]
union Union {
    integer: u64,
    float: f64,
}

fn main() {}
