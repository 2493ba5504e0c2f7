//! Type, const and lifetime parameters, recursion, and standard types.

use std::borrow::Cow;
use std::collections::{LinkedList, VecDeque};
use std::marker::PhantomData;
use std::num::{NonZero, Wrapping};
use std::ops::{Bound, Range, RangeInclusive};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::Serialize;

use super::leaves::{Float, Text};

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Parameter<T, U = u8> {
    b: T,
    a: Option<U>,
    marker: PhantomData<T>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(untagged)]
pub enum Either<L, R> {
    Left(L),
    Right {
        right: R,
    },
    Both(
        L,
        #[serde(skip_serializing_if = "Option::is_none")] Option<R>,
    ),
}

/// What is not written needs no bound.
#[derive(Debug, Serialize, IdempotencyKey)]
pub struct Unbounded<T> {
    pub id: u8,
    #[serde(skip)]
    pub skipped: Option<T>,
    pub marker: PhantomData<T>,
}

#[derive(Debug, Serialize, IdempotencyKey)]
#[serde(bound = "I::Item: Serialize")]
pub struct Associated<I: Iterator> {
    pub item: Option<I::Item>,
}

#[derive(Debug, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub enum Borrowed<'a, 'b: 'a, T: ?Sized> {
    Text { text: &'a str, other: Cow<'b, str> },
    Reference { value: &'a T },
    Slice { elements: &'a [Cow<'b, str>] },
}

#[derive(Debug, Serialize, IdempotencyKey)]
pub struct Counted<'a, const N: usize> {
    pub elements: [&'a str; 3],
    pub marker: PhantomData<[u8; N]>,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
pub struct Tree {
    name: Text,
    #[proptest(strategy = "leaves()")]
    children: Vec<Tree>,
    #[proptest(value = "None")]
    next: Option<Box<Tree>>,
}

fn leaves() -> impl proptest::strategy::Strategy<Value = Vec<Tree>> {
    use proptest::prelude::*;
    let leaf = any::<Text>().prop_map(|name| Tree {
        name,
        children: Vec::new(),
        next: None,
    });
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        let children = proptest::collection::vec(inner.clone(), 0..3);
        (any::<Text>(), children, proptest::option::of(inner)).prop_map(|(name, children, next)| {
            Tree {
                name,
                children,
                next: next.map(Box::new),
            }
        })
    });
    proptest::collection::vec(tree, 0..3)
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Standard {
    char: char,
    float: Float,
    small_float: SmallFloat,
    nested_options: Option<Option<u8>>,
    unit: (),
    tuple: (u8, char, Option<()>),
    array: [i16; 3],
    boxed: Box<str>,
    rc: Rc<str>,
    arc: Arc<Text>,
    duration: ShortDuration,
    result: Result<u8, Text>,
    range: Range<u8>,
    inclusive: RangeInclusive<i8>,
    non_zero: NonZero<u16>,
    wrapping: Wrapping<i32>,
    #[proptest(value = "Bound::Excluded(1)")]
    bound: Bound<u8>,
    #[proptest(strategy = "proptest::collection::vec_deque(0..9_u8, 0..3)")]
    deque: VecDeque<u8>,
    #[proptest(strategy = "proptest::collection::linked_list(0..9_u8, 0..3)")]
    list: LinkedList<u8>,
    address: std::net::IpAddr,
}

/// `any::<f32>()` gives finite floats alone, of every magnitude.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct SmallFloat(
    #[proptest(strategy = "proptest::num::f32::NORMAL | proptest::num::f32::SUBNORMAL")] f32,
);

/// Its seconds stay within 2^53.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct ShortDuration(
    #[proptest(
        strategy = "proptest::strategy::Strategy::prop_map(proptest::prelude::any::<(u32, u32)>(), |(secs, nanos)| Duration::new(secs.into(), nanos))"
    )]
    Duration,
);
