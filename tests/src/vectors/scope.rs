//! The scope: the text before the payload that says what a key is valid for.

use std::fmt::Display;

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Charge<T: Display> {
    amount: u32,
    #[idem(scope)]
    user: T,
}

fn user<T: Display + Serialize + agentidemp::Canonical>(name: &str, user: T) -> Vector {
    let value = user.to_string();
    Vector::new(format!("scope/{name}"), &Charge { amount: 500, user }).scope("user", &value)
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
#[idem(scope = "POST:/v1/charges 100%")]
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

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = operations();
    vectors.extend(values());
    vectors.extend(fields());
    vectors
}

fn operations() -> Vec<Vector> {
    let amount = 500;
    vec![
        Vector::new("scope/operation", &Create { amount }).operation("charges.create"),
        Vector::new("scope/another operation", &Refund { amount }).operation("charges.refund"),
        Vector::new("scope/operation as written", &AsWritten { amount })
            .operation("POST:/v1/charges 100%"),
        Vector::new("scope/operation beyond ASCII", &Accented { amount })
            .operation("\u{fc}berweisung"),
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
    let call = Call {
        tenant: "acme:eu",
        tool: "search",
        run: 7,
        attempt: 3,
    };
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
        Vector::new("scope/operation and fields", &call)
            .operation("tool.call")
            .scope("run", "7")
            .scope("tenant", "acme:eu")
            .exclude(&["/attempt"]),
        Vector::new("scope/labels in UTF-16 order", &labels)
            .scope("a/b~c", "3")
            .scope("\u{1f600}", "2")
            .scope("\u{fb33}", "1"),
        Vector::new("scope/field of a tuple", &Positional(42, "hello"))
            .scope_outside_body("user", "42")
            .exclude(&["/0"]),
        Vector::new("scope/nested scopes are members", &batch).operation("batch"),
        Vector::new("scope/nothing else", &AllInScope { session: "s-1" }).scope("session", "s-1"),
        Vector::new("scope/in a variant", &stop)
            .scope_outside_body("session", "9")
            .exclude(&["/Stop/session"]),
    ]
}
