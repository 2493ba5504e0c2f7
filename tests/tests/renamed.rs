//! The derive in a crate that knows the runtime crate by another name.

// As a dependency `renamed = { package = "agentidemp" }` does. And `agentidemp` is another crate
// here, so that code which names it does not compile.
extern crate agentidemp as renamed;
extern crate core as agentidemp;

use renamed::IdempotencyKey;

mod reexport {
    pub use renamed::*;
}

#[derive(IdempotencyKey)]
#[idem(crate = renamed)]
struct Request<T> {
    amount: T,
    #[idem(scope)]
    user: u8,
    #[idem(serde)]
    method: &'static str,
}

#[derive(IdempotencyKey)]
#[idem(crate = crate::reexport)]
enum Tool<T> {
    Stop,
    Wait(T),
    Search {
        query: T,
        #[idem(scope)]
        user: u8,
    },
}

#[derive(IdempotencyKey)]
#[idem(scope = "queue", crate = renamed)]
struct Job<T> {
    body: T,
    #[idem(unordered)]
    tags: Vec<u8>,
    #[idem(json, with = |text| text.as_str())]
    json: String,
    #[idem(scope, with = |shard| shard + 1)]
    shard: u8,
}

#[test]
fn requests_within_and_functions() {
    let job = Job {
        body: Tool::Search {
            query: "x",
            user: 42,
        },
        tags: vec![2, 1],
        json: "[ 1]".into(),
        shard: 1,
    };
    assert_eq!(
        job.canonical_bytes(),
        br#"queue:shard:2:user:42:{"body":{"Search":{"query":"x"}},"json":[1],"tags":[1,2]}"#
    );
}

#[derive(serde::Serialize)]
struct Money<T>(T);

#[derive(serde::Serialize)]
struct Rate(u8);

renamed::canonical_by_serialize!(impl<T> Money<T>);
reexport::canonical_by_serialize!(Rate);

impl IdempotencyKey for Money<Rate> {}

#[test]
fn the_macro_needs_no_name_of_the_runtime_crate() {
    assert_eq!(Money(Rate(1)).canonical_bytes(), b"1");
}

#[test]
fn the_runtime_crate_may_be_renamed() {
    let request = Request {
        amount: 500,
        user: 42,
        method: "card",
    };
    assert_eq!(
        request.canonical_bytes(),
        br#"user:42:{"amount":500,"method":"card"}"#
    );
}

#[test]
fn the_runtime_crate_may_be_a_reexport() {
    let search = Tool::Search {
        query: "x",
        user: 42,
    };
    assert_eq!(Tool::<u8>::Stop.canonical_bytes(), br#""Stop""#);
    assert_eq!(Tool::Wait(1).canonical_bytes(), br#"{"Wait":1}"#);
    assert_eq!(
        search.canonical_bytes(),
        br#"user:42:{"Search":{"query":"x"}}"#
    );
}
