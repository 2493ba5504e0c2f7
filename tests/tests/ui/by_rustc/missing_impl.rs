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
