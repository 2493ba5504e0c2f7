//! A type without a canonical form is explained at the type of the field.

use std::collections::HashMap;
use std::time::{Instant, SystemTime};

use agentidemp::IdempotencyKey;

#[derive(serde::Serialize)]
struct Foreign(u64);

#[derive(IdempotencyKey)]
struct Named {
    amount: u64,
    sent_at: SystemTime,
    started_at: std::time::Instant,
    foreign: HashMap<String, Vec<Foreign>>,
}

#[derive(IdempotencyKey)]
struct Newtype(Foreign);

#[derive(IdempotencyKey)]
enum Variants {
    Tuple(u64, Option<Instant>),
    Named { sent_at: SystemTime },
}

#[derive(IdempotencyKey)]
struct Serde {
    #[idem(serde)]
    amount: Instant,
}

#[derive(IdempotencyKey)]
struct Scope {
    #[idem(scope)]
    user: Option<u64>,
    #[idem(scope)]
    share: f64,
    #[idem(scope, with = |share| *share)]
    by_closure: f32,
}

type Share = f32;

#[derive(IdempotencyKey)]
struct GenericScope<T> {
    #[idem(scope)]
    user: T,
    #[idem(scope)]
    behind_an_alias: Box<Share>,
}

fn generic_scope(user: f64) -> agentidemp::Key {
    let behind_an_alias = Box::new(1.0);
    GenericScope {
        user,
        behind_an_alias,
    }
    .idempotency_key()
}

fn system_time(_: &u64) -> SystemTime {
    SystemTime::now()
}

fn length(text: &String) -> usize {
    text.len()
}

#[derive(IdempotencyKey)]
struct With {
    #[idem(with = system_time)]
    amount: u64,
    #[idem(with = length)]
    number: u64,
    #[idem(skip_if = length)]
    text: String,
}

fn main() {
    42_u32.idempotency_key();
    send(&42_u32);
    send("text");
}

fn send(_: &(impl IdempotencyKey + ?Sized)) {}
