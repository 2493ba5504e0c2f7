//! Random inputs for the functions of the published version 0.1: the same ones in every run.

use std::iter;

use agentidemp::Uuid;
use fastrand::Rng;

use crate::random::text;

/// What the functions of 0.1 take.
#[derive(Debug)]
pub struct Input {
    pub scope: String,
    pub content: Vec<u8>,
    pub parts: Vec<Vec<u8>>,
    pub namespace: Uuid,
}

/// As many inputs as asked for.
pub fn inputs(count: usize) -> impl Iterator<Item = Input> {
    let mut rng = Rng::with_seed(1);
    iter::repeat_with(move || input(&mut rng)).take(count)
}

fn input(rng: &mut Rng) -> Input {
    let parts = rng.usize(..5);
    Input {
        scope: text(rng, 20),
        content: content(rng),
        parts: iter::repeat_with(|| content(rng)).take(parts).collect(),
        namespace: Uuid::from_u128(rng.u128(..)),
    }
}

/// Text half of the time, which the Python package takes everywhere, and any bytes otherwise.
fn content(rng: &mut Rng) -> Vec<u8> {
    if rng.bool() {
        text(rng, 100).into_bytes()
    } else {
        let length = rng.usize(..300);
        iter::repeat_with(|| rng.u8(..)).take(length).collect()
    }
}
