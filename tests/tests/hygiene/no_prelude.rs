//! A module without a prelude.
#![no_implicit_prelude]

use ::core::prelude::v1::{derive, test};

#[derive(::agentidemp::IdempotencyKey)]
#[idem(scope = "charges.create")]
struct Request<'a, T> {
    amount: T,
    #[idem(scope)]
    user: u8,
    #[idem(skip)]
    _attempt: u8,
    #[idem(serde)]
    text: &'a str,
    #[idem(with = count_ones, skip_if = is_zero)]
    bits: u8,
    method: Method,
    #[serde(flatten)]
    labels: ::std::collections::BTreeMap<u8, bool>,
}

#[derive(::agentidemp::IdempotencyKey)]
enum Method {
    Cash,
    Card(u8),
    Split(u8, u8),
    Transfer { account: u8 },
}

#[derive(::agentidemp::IdempotencyKey)]
enum Never {}

#[derive(::agentidemp::IdempotencyKey)]
#[idem(serde)]
struct Envelope<'a, T> {
    #[idem(delegate)]
    body: T,
    #[idem(unordered)]
    tags: &'a [u8],
    #[idem(json, skip_if = |text| text.is_empty())]
    json: &'a str,
    #[idem(scope, with = |shard: &u8| *shard + 1)]
    shard: u8,
    #[idem(serde, with = "is_zero")]
    zero: u8,
}

#[derive(::core::clone::Clone, ::agentidemp::IdempotencyKey)]
#[serde(into = "Wire")]
struct Domain;

#[derive(::agentidemp::IdempotencyKey)]
struct Wire;

impl ::core::convert::From<Domain> for Wire {
    fn from(_: Domain) -> Self {
        Self
    }
}

#[derive(::serde::Serialize)]
struct Money<T>(T);

#[derive(::serde::Serialize)]
struct Empty;

::agentidemp::canonical_by_serialize!(impl<T> Money<T>, Empty);

#[derive(::agentidemp::IdempotencyKey)]
struct BySerialize(Money<Empty>);

fn count_ones(value: &u8) -> u32 {
    value.count_ones()
}

fn is_zero(value: &u8) -> bool {
    *value == 0
}

#[test]
fn without_a_prelude() {
    use ::agentidemp::IdempotencyKey;
    use ::core::assert_eq;
    use ::core::convert::From;

    let request = |method| Request {
        amount: 500,
        user: 42,
        _attempt: 1,
        text: "x",
        bits: 3,
        method,
        labels: ::std::collections::BTreeMap::from([(1, true)]),
    };
    for (method, text) in [
        (Method::Cash, "\"Cash\""),
        (Method::Card(1), "{\"Card\":1}"),
        (Method::Split(1, 2), "{\"Split\":[1,2]}"),
        (
            Method::Transfer { account: 1 },
            "{\"Transfer\":{\"account\":1}}",
        ),
    ] {
        let expected = ::std::format!(
            "charges.create:user:42:{{\"1\":true,\"amount\":500,\"bits\":2,\"method\":{text},\"text\":\"x\"}}"
        );
        assert_eq!(request(method).canonical_bytes(), expected.as_bytes());
    }
    let envelope = Envelope {
        body: request(Method::Cash),
        tags: &[2, 1],
        json: "[ 1]",
        shard: 1,
        zero: 0,
    };
    assert_eq!(
        envelope.canonical_bytes(),
        b"charges.create:shard:2:user:42:{\"body\":{\"1\":true,\"amount\":500,\"bits\":2,\"method\":\"Cash\",\"text\":\"x\"},\"json\":[1],\"tags\":[1,2],\"zero\":true}"
    );
    assert_eq!(Domain.canonical_bytes(), b"null");
    assert_eq!(BySerialize(Money(Empty)).canonical_bytes(), b"null");
    let _: fn(&Never) -> ::agentidemp::Key = IdempotencyKey::idempotency_key;
}
