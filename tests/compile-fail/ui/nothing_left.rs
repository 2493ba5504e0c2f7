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
struct AllButScope {
    #[idem(scope)]
    user: u64,
    #[idem(skip)]
    amount: u64,
}

#[derive(IdempotencyKey)]
struct AllButScopeAndMarker<T> {
    #[idem(scope)]
    user: u64,
    #[idem(skip)]
    amount: u64,
    marker: std::marker::PhantomData<T>,
}

#[derive(IdempotencyKey)]
struct TupleButScope(#[idem(scope = "user")] u64, #[idem(skip)] u64);

#[derive(IdempotencyKey)]
#[serde(untagged)]
enum Untagged {
    Ping(#[idem(skip)] u64),
    Pong {
        #[idem(scope)]
        user: u64,
        #[serde(skip)]
        sent_at: u64,
    },
    Amount(u64),
}

#[derive(IdempotencyKey)]
enum OneUntagged {
    Charge(u64),
    #[serde(untagged)]
    Other(#[idem(skip)] u64, #[idem(skip)] u64),
}

/// These are told apart by the name of the variant, by a condition, or by their scope alone.
#[derive(IdempotencyKey)]
enum Fine {
    Ping(#[idem(skip)] u64),
    Pong {
        #[idem(scope)]
        user: u64,
        #[idem(skip)]
        sent_at: u64,
    },
    #[serde(untagged)]
    Conditional {
        #[idem(skip_if = Option::is_none)]
        amount: Option<u64>,
        #[idem(skip)]
        sent_at: u64,
    },
    #[serde(untagged)]
    AllScope(#[idem(scope = "user")] u64),
}

/// What is never sent shares no key.
#[derive(IdempotencyKey)]
enum NeverSent {
    #[serde(skip)]
    Ping {
        #[serde(skip)]
        sent_at: u64,
    },
}

#[derive(IdempotencyKey)]
union Union {
    integer: u64,
    float: f64,
}

fn main() {}
