//! [`Random`]: values out of a seed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::marker::PhantomData;

use fastrand::Rng;

/// A value that two types of one shape make alike of one seed.
pub trait Random {
    fn random(rng: &mut Rng) -> Self;
}

macro_rules! integers {
    ($($ty:ident)*) => {$(
        impl Random for $ty {
            fn random(rng: &mut Rng) -> Self {
                match rng.u8(..4) {
                    0 => *rng.choice(&[$ty::MIN, $ty::MAX, 10]).unwrap_or(&0),
                    1 => rng.$ty(..),
                    _ => rng.$ty(..4),
                }
            }
        }
    )*};
}

integers!(u8 u16 i64 u64 i128 u128);

impl Random for bool {
    fn random(rng: &mut Rng) -> Self {
        rng.bool()
    }
}

impl Random for char {
    fn random(rng: &mut Rng) -> Self {
        *rng.choice(&['a', '1', '"', '\n', 'é', '\u{fb33}', '\u{1f600}'])
            .unwrap_or(&' ')
    }
}

/// Names of members among them, so that those that are flattened meet.
const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "A",
    "kind",
    "content",
    "userId",
    "10",
    "9",
    "x:y%",
    "\u{1f}\"\\",
    "é",
    "e\u{301}",
    "\u{fb33}",
    "\u{1f600}",
];

impl Random for &'static str {
    fn random(rng: &mut Rng) -> Self {
        rng.choice(TEXTS).copied().unwrap_or_default()
    }
}

impl Random for String {
    fn random(rng: &mut Rng) -> Self {
        <&str>::random(rng).to_owned()
    }
}

impl Random for Cow<'static, str> {
    fn random(rng: &mut Rng) -> Self {
        <&str>::random(rng).into()
    }
}

impl Random for () {
    fn random(_: &mut Rng) -> Self {}
}

impl<T> Random for PhantomData<T> {
    fn random(_: &mut Rng) -> Self {
        Self
    }
}

impl<T: Random> Random for Option<T> {
    fn random(rng: &mut Rng) -> Self {
        rng.bool().then(|| T::random(rng))
    }
}

impl<T: Random> Random for Box<T> {
    fn random(rng: &mut Rng) -> Self {
        Self::new(T::random(rng))
    }
}

impl<T: Random> Random for [T; 2] {
    fn random(rng: &mut Rng) -> Self {
        [T::random(rng), T::random(rng)]
    }
}

impl<T: Random, U: Random> Random for (T, U) {
    fn random(rng: &mut Rng) -> Self {
        (T::random(rng), U::random(rng))
    }
}

pub(crate) fn several<T: Random>(rng: &mut Rng) -> Vec<T> {
    (0..rng.usize(..4)).map(|_| T::random(rng)).collect()
}

impl<T: Random> Random for Vec<T> {
    fn random(rng: &mut Rng) -> Self {
        several(rng)
    }
}

impl<K: Random + Ord, V: Random> Random for BTreeMap<K, V> {
    fn random(rng: &mut Rng) -> Self {
        several::<(K, V)>(rng).into_iter().collect()
    }
}

impl<K: Random + Eq + Hash, V: Random> Random for HashMap<K, V> {
    fn random(rng: &mut Rng) -> Self {
        several::<(K, V)>(rng).into_iter().collect()
    }
}

impl<T: Random + Ord> Random for BTreeSet<T> {
    fn random(rng: &mut Rng) -> Self {
        several(rng).into_iter().collect()
    }
}

impl<T: Random + Eq + Hash> Random for HashSet<T> {
    fn random(rng: &mut Rng) -> Self {
        several(rng).into_iter().collect()
    }
}

/// Once in thirty times a float that has no canonical form.
pub(crate) fn float(rng: &mut Rng) -> f64 {
    match rng.u8(..30) {
        0 => f64::NAN,
        1..10 => f64::from_bits(rng.u64(..)),
        _ => f64::from(i16::random_from(rng)) / 8.0,
    }
}

trait RandomFrom {
    fn random_from(rng: &mut Rng) -> Self;
}

impl RandomFrom for i16 {
    fn random_from(rng: &mut Rng) -> Self {
        rng.i16(-20..20)
    }
}
