//! On the way to a key nothing is allocated, except where the order of members is known only at run
//! time: maps, sets and flattened fields.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use agentidemp::{IdempotencyKey, Key, Uuid, scoped, sha256_hex, uuidv5};
use agentidemp_tests::payload::{Payload, by_hand};
use allocation_counter::measure;

/// How often `call` allocates.
fn allocations<T>(call: impl FnOnce() -> T) -> u64 {
    measure(|| {
        let _ = black_box(call());
    })
    .count_total
}

#[track_caller]
fn assert_no_allocation(request: &impl IdempotencyKey) {
    assert_eq!(allocations(|| request.idempotency_key()), 0);
    assert_eq!(allocations(|| request.try_idempotency_key()), 0);
}

#[track_caller]
fn assert_allocates(request: &impl IdempotencyKey) {
    assert_ne!(allocations(|| request.idempotency_key()), 0);
}

#[derive(IdempotencyKey)]
#[idem(scope = "chat.create")]
struct Chat<'a> {
    messages: Vec<Message<'a>>,
    model: String,
    #[idem(scope)]
    user: u64,
    #[idem(scope = "tenant")]
    owner: &'a str,
    sampling: Option<Sampling>,
    stop: (char, [&'a str; 2]),
    #[idem(skip_if = Option::is_none)]
    seed: Option<i128>,
}

#[derive(IdempotencyKey)]
struct Message<'a> {
    role: Role,
    parts: Vec<Part<'a>>,
}

#[derive(IdempotencyKey)]
enum Role {
    User,
    Assistant { name: String },
}

#[derive(IdempotencyKey)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text { text: &'a str },
    Stop,
}

#[derive(IdempotencyKey)]
struct Sampling {
    temperature: f32,
    top_p: f64,
    unit: (),
}

fn chat<'a>(text: &'a str, owner: &'a str) -> Chat<'a> {
    let roles = [Role::User, Role::Assistant { name: "m".into() }];
    let message = |role| Message {
        role,
        parts: vec![Part::Text { text }, Part::Stop],
    };
    Chat {
        messages: roles.into_iter().map(message).collect(),
        model: "m-1".into(),
        user: 42,
        owner,
        sampling: Some(Sampling {
            temperature: 0.7,
            top_p: 1e-9,
            unit: (),
        }),
        stop: ('\n', ["a", "\u{1}"]),
        seed: Some(i128::MIN),
    }
}

#[test]
fn a_request_of_structs_and_enums_allocates_nothing() {
    assert_no_allocation(&chat("hi", "acme"));
}

#[test]
fn long_strings_allocate_nothing() {
    let plain = "x".repeat(1 << 20);
    let escaped = "a\"\n\u{1}\u{e9}\u{1f600}:%".repeat(1 << 16);
    assert_no_allocation(&Payload(&plain));
    assert_no_allocation(&Payload(&escaped));
    assert_no_allocation(&chat(&escaped, &plain));
    assert_no_allocation(&chat(&plain, &escaped));
}

#[test]
fn numbers_allocate_nothing() {
    assert_no_allocation(&Payload((
        u128::MAX,
        i128::MIN,
        u8::MAX,
        -0.0_f64,
        1e300_f64,
        0.1_f32,
    )));
    assert_no_allocation(&Payload(vec![5e-324_f64; 10_000]));
    assert_no_allocation(&Payload(vec![u64::MAX; 10_000]));
}

#[test]
fn other_values_allocate_nothing() {
    let address = IpAddr::V6(Ipv6Addr::LOCALHOST);
    assert_no_allocation(&Payload((
        address,
        SocketAddr::from((address, 80)),
        Uuid::max(),
    )));
    assert_no_allocation(&Payload((Duration::MAX, 1..2, Path::new("/tmp"), c"bytes")));
    assert_no_allocation(&Payload((
        Ok::<_, ()>([Some('a'), None]),
        Box::new(()),
        true,
    )));
    assert_no_allocation(&Payload(sha256_hex(b"abc")));
    assert_no_allocation(&Payload(format_args!("{}-{}", 1, "\"")));
    assert_no_allocation(&by_hand(|out| {
        out.array().element(&1).element("a").finish()
    }));
}

#[test]
fn nesting_allocates_nothing() {
    #[derive(IdempotencyKey)]
    struct Node {
        next: Option<Box<Node>>,
        siblings: Vec<Node>,
    }
    let node = |next| Node {
        next,
        siblings: vec![Node {
            next: None,
            siblings: Vec::new(),
        }],
    };
    let deep = (0..120).fold(node(None), |inner, _| node(Some(Box::new(inner))));
    assert_no_allocation(&deep);
}

#[test]
fn the_functions_on_bytes_and_keys_allocate_nothing() {
    let content = vec![0; 100_000];
    let count = allocations(|| {
        for key in [
            sha256_hex(&content),
            scoped("s", &content),
            uuidv5(&Uuid::max(), &content),
        ] {
            assert_eq!(key.parse::<Key>(), Ok(key));
            assert_ne!(key.short().uuid(), Uuid::nil());
        }
    });
    assert_eq!(count, 0);
}

/// So that the tests above can fail: the counter counts, and these requests do need memory.
#[test]
fn what_is_sorted_at_run_time_allocates() {
    #[derive(IdempotencyKey)]
    struct Flattened {
        #[serde(flatten)]
        range: std::ops::Range<u8>,
    }
    assert_allocates(&Payload(BTreeMap::from([("a", 1)])));
    assert_allocates(&Payload(BTreeSet::from([1])));
    assert_allocates(&Flattened { range: 1..2 });
    assert_allocates(&by_hand(|out| out.object().member("a", &1).finish()));
    assert_ne!(allocations(|| chat("hi", "acme").canonical_bytes()), 0);
}

/// The buffer of one map serves the next: memory follows the largest map, not their number.
#[test]
fn many_maps_share_a_buffer() {
    let map = BTreeMap::from([("a", 1), ("b", 2)]);
    let count = |maps: usize| {
        let request = Payload(vec![&map; maps]);
        allocations(|| request.idempotency_key())
    };
    assert_eq!(count(20_000), count(1000));
}
