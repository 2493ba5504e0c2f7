//! An instant of another crate has no canonical form, and the error says what to do. And a type
//! cannot have one by a `Serialize` that is not there.

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
struct OfChrono {
    sent_at: chrono::DateTime<chrono::Utc>,
}

#[derive(IdempotencyKey)]
struct OfTime {
    sent_at: Option<time::OffsetDateTime>,
}

#[derive(IdempotencyKey)]
struct OfJiff {
    sent_at: Vec<jiff::Timestamp>,
}

struct Money(u64);

struct Page<T>(Vec<T>);

agentidemp::canonical_by_serialize!(Money, impl<T> Page<T>);

#[derive(IdempotencyKey)]
struct Pages {
    pages: Page<u8>,
}

fn main() {}
