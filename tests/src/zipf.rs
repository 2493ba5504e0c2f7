//! Calls as agents make them: a few keys very often, most of them seldom.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Zipf};

/// An endless sequence of numbers below `below`, zipf-distributed, fixed by the seed.
pub fn zipf(below: u32, seed: u64) -> impl Iterator<Item = u32> {
    let distribution = Zipf::new(f64::from(below), 1.0).unwrap();
    let random = ChaCha8Rng::seed_from_u64(seed);
    // Ranks are whole numbers from 1 on.
    distribution.sample_iter(random).map(|rank| rank as u32 - 1)
}
