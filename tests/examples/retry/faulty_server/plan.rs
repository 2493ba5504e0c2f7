//! Which faults meet which order, fixed by a seed.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::Fault;

#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub most_faults: usize,
}

impl Plan {
    /// Each order meets at most so many faults, then none.
    pub fn new(seed: u64, most_faults: usize) -> Self {
        Self { seed, most_faults }
    }

    /// The faults that the attempts of an order meet, one each, first attempt first. They depend on
    /// the seed and the order alone, not on which order comes first.
    pub fn faults(&self, order: u64) -> Vec<Fault> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(order);
        let count = random.random_range(0..=self.most_faults);
        (0..count)
            .filter_map(|_| Fault::ALL.choose(&mut random).copied())
            .collect()
    }
    /// The fault that an attempt of an order meets, if any: the first attempt is 1.
    pub fn fault(&self, order: u64, attempt: u64) -> Option<Fault> {
        let before = usize::try_from(attempt.checked_sub(1)?).ok()?;
        self.faults(order).get(before).copied()
    }
}
