//! The scope: the text before the payload that says what a key is valid for.

use agentidemp::{Canonical, IdempotencyKey, ScopeValue};
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Charge<T: ScopeValue> {
    amount: u32,
    #[idem(scope)]
    user: T,
}

fn user<T: ScopeValue + Serialize + Canonical>(name: &str, user: T) -> Vector {
    Vector::new(format!("scope/{name}"), &Charge { amount: 500, user })
        .scope_member("user", "/user")
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "charges.create")]
struct Create {
    amount: u32,
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "charges.refund")]
struct Refund {
    amount: u32,
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "POST /v1/charges\"\\")]
struct AsWritten {
    amount: u32,
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "\u{fc}berweisung")]
struct Accented {
    amount: u32,
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "tool.call")]
struct Call {
    #[idem(scope)]
    tenant: &'static str,
    tool: &'static str,
    #[idem(scope)]
    run: u64,
    #[idem(skip)]
    attempt: u32,
}

#[derive(Serialize, IdempotencyKey)]
struct Labels {
    #[idem(scope)]
    #[serde(rename = "\u{fb33}")]
    hebrew: u8,
    #[idem(scope)]
    #[serde(rename = "\u{1f600}")]
    emoji: u8,
    #[idem(scope)]
    #[serde(rename = "a/b~c")]
    pointer: u8,
    payload: u8,
}

#[derive(Serialize, IdempotencyKey)]
struct Positional(#[idem(scope = "user")] u64, &'static str);

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "batch")]
struct Batch {
    charges: Vec<Charge<u32>>,
}

#[derive(Serialize, IdempotencyKey)]
struct AllInScope {
    #[idem(scope)]
    session: &'static str,
}

#[derive(Serialize, IdempotencyKey)]
enum Command {
    Stop {
        #[idem(scope)]
        session: u32,
        reason: &'static str,
    },
}

#[derive(Serialize, IdempotencyKey)]
struct Newtype(Call);

#[derive(Serialize, IdempotencyKey)]
#[serde(transparent)]
struct Transparent {
    call: Call,
}

#[derive(Serialize, IdempotencyKey)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    call: Call,
}

#[derive(Serialize, IdempotencyKey)]
#[serde(untagged)]
enum Untagged {
    Call(Call),
}

#[derive(Serialize, IdempotencyKey)]
#[serde(tag = "type")]
enum Internal {
    Call(Call),
}

#[derive(Serialize, IdempotencyKey)]
enum External {
    Call(Call),
    Request(#[idem(delegate)] Call),
}

#[derive(Serialize, IdempotencyKey)]
#[idem(scope = "queue")]
struct Envelope<T> {
    #[idem(scope)]
    shard: u8,
    id: u8,
    body: T,
}

#[derive(Serialize, IdempotencyKey)]
struct Two<T, U> {
    first: T,
    second: U,
}

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = operations();
    vectors.extend(values());
    vectors.extend(fields());
    vectors.extend(within());
    vectors
}

fn operations() -> Vec<Vector> {
    let amount = 500;
    vec![
        Vector::new("scope/operation", &Create { amount }).scope("charges.create"),
        Vector::new("scope/another operation", &Refund { amount }).scope("charges.refund"),
        Vector::new("scope/operation is not escaped", &AsWritten { amount })
            .scope("POST /v1/charges\"\\"),
        Vector::new("scope/operation beyond ASCII", &Accented { amount }).scope("\u{fc}berweisung"),
    ]
}

fn values() -> Vec<Vector> {
    vec![
        user("integer", 42),
        user("large integer", u128::MAX),
        user("boolean", true),
        user("string", "alice"),
        user("empty", ""),
        user("colon", "a:b"),
        user("colons alone", "::"),
        user("percent", "100%"),
        user("an escape as text", "a%3Ab"),
        user("another field as text", "42:tenant:7"),
        user("a payload as text", r#"42:{"amount":1}"#),
        user("quotes and controls, not escaped", "\"\\\n\0"),
        user("spaces", " a b "),
        user("beyond ASCII", "J\u{fc}rgen \u{1f600}"),
        user("composed", "\u{e9}"),
        user("with a combining character", "e\u{301}"),
        user(
            "escapes among characters beyond ASCII",
            "\u{e9}:\u{e9}%\u{e9}",
        ),
    ]
}

fn fields() -> Vec<Vector> {
    let labels = Labels {
        hebrew: 1,
        emoji: 2,
        pointer: 3,
        payload: 4,
    };
    let charge = |user| Charge { amount: 1, user };
    let batch = Batch {
        charges: vec![charge(1), charge(2)],
    };
    let stop = Command::Stop {
        session: 9,
        reason: "done",
    };
    vec![
        Vector::new("scope/operation and fields", &call())
            .scope("tool.call")
            .scope_member("run", "/run")
            .scope_member("tenant", "/tenant")
            .exclude(&["/attempt"]),
        Vector::new("scope/labels in UTF-16 order", &labels)
            .scope_member("a/b~c", "/a~1b~0c")
            .scope_member("\u{1f600}", "/\u{1f600}")
            .scope_member("\u{fb33}", "/\u{fb33}"),
        Vector::new("scope/field of a tuple", &Positional(42, "hello")).scope_member("user", "/0"),
        Vector::new("scope/nested scopes are members", &batch).scope("batch"),
        Vector::new("scope/nothing else", &AllInScope { session: "s-1" })
            .scope_member("session", "/session"),
        Vector::new("scope/in a variant", &stop).scope_member("session", "/Stop/session"),
    ]
}

fn call() -> Call {
    Call {
        tenant: "acme:eu",
        tool: "search",
        run: 7,
        attempt: 3,
    }
}

/// A vector whose request is, or holds at `pointer`, a call whose scope is the request's.
fn of_call<T: Serialize + IdempotencyKey>(name: &str, request: &T, pointer: &str) -> Vector {
    let within = |member| format!("{pointer}/{member}");
    Vector::new(format!("scope/within/{name}"), request)
        .scope("tool.call")
        .scope_member("run", &within("run"))
        .scope_member("tenant", &within("tenant"))
        .exclude(&[&within("attempt")])
}

fn within() -> Vec<Vector> {
    let (id, call_of_flat) = (9, call());
    let flat = Flat {
        id,
        call: call_of_flat,
    };
    let envelope = |body| Envelope { shard: 2, id, body };
    let nested = envelope(Newtype(call()));
    let twice = Envelope {
        shard: 2,
        id,
        body: Internal::Call(call()),
    };
    let two = Two {
        first: call(),
        second: Create { amount: 500 },
    };
    vec![
        of_call("a newtype", &Newtype(call()), ""),
        of_call("a transparent struct", &Transparent { call: call() }, ""),
        of_call("a flattened field", &flat, ""),
        of_call("an untagged variant", &Untagged::Call(call()), ""),
        of_call("an internally tagged variant", &Internal::Call(call()), ""),
        of_call("a delegate", &External::Request(call()), "/Request"),
        Vector::new("scope/within/no delegate", &External::Call(call()))
            .exclude(&["/Call/attempt"]),
        Vector::new("scope/within/two parameters", &two).exclude(&["/first/attempt"]),
        Vector::new("scope/within/a parameter, with a scope around it", &nested)
            .scope("queue>tool.call")
            .scope_member("run", "/body/run")
            .scope_member("shard", "/shard")
            .scope_member("tenant", "/body/tenant")
            .exclude(&["/body/attempt"]),
        Vector::new("scope/within/a tag in a parameter", &twice)
            .scope("queue>tool.call")
            .scope_member("run", "/body/run")
            .scope_member("shard", "/shard")
            .scope_member("tenant", "/body/tenant")
            .exclude(&["/body/attempt"]),
    ]
}
