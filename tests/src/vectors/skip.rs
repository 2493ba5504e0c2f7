//! What is left out: at the top, nested, in arrays and maps.

use std::collections::BTreeMap;

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Chat {
    model: &'static str,
    messages: Vec<Message>,
    metadata: Metadata,
    #[idem(skip)]
    timestamp: u64,
    #[idem(skip)]
    request_id: &'static str,
}

#[derive(Serialize, IdempotencyKey)]
struct Message {
    role: &'static str,
    content: &'static str,
    #[idem(skip)]
    id: u32,
}

#[derive(Serialize, IdempotencyKey)]
struct Metadata {
    user: &'static str,
    #[idem(skip)]
    trace: Trace,
}

#[derive(Serialize, IdempotencyKey)]
struct Trace {
    id: &'static str,
    parents: Vec<u32>,
}

#[derive(Serialize, IdempotencyKey)]
struct Oddly {
    kept: u8,
    #[idem(skip)]
    #[serde(rename = "a/b")]
    slash: u8,
    #[idem(skip)]
    #[serde(rename = "m~n")]
    tilde: u8,
    #[idem(skip)]
    #[serde(rename = "~1")]
    both: u8,
    #[idem(skip)]
    #[serde(rename = "")]
    empty: u8,
    #[idem(skip)]
    #[serde(rename = "\u{e9}")]
    accented: u8,
    #[idem(skip)]
    #[serde(rename = "0")]
    digit: u8,
}

#[derive(Serialize, IdempotencyKey)]
struct Four(#[idem(skip)] u8, u8, #[idem(skip)] u8, u8);

#[derive(Serialize, IdempotencyKey)]
struct Hops(Sent, Received);

#[derive(Serialize, IdempotencyKey)]
struct Sent {
    via: &'static str,
    #[idem(skip)]
    at: u64,
    #[idem(skip)]
    from: u16,
}

#[derive(Serialize, IdempotencyKey)]
struct Received {
    via: &'static str,
    #[idem(skip)]
    at: u64,
    from: u16,
}

#[derive(Serialize, IdempotencyKey)]
struct Attempts {
    by_host: BTreeMap<&'static str, Attempt>,
}

#[derive(Serialize, IdempotencyKey)]
struct Attempt {
    method: &'static str,
    #[idem(skip)]
    count: u32,
}

#[derive(Serialize, IdempotencyKey)]
struct Extended {
    prompt: &'static str,
    #[idem(skip_if = Option::is_none)]
    seed: Option<u64>,
}

#[derive(Serialize, IdempotencyKey)]
#[serde(tag = "type")]
enum Event {
    Call {
        tool: &'static str,
        #[idem(skip)]
        at: f64,
    },
}

#[derive(Serialize, IdempotencyKey)]
struct Everything {
    notes: Vec<Note>,
    count: u8,
}

#[derive(Serialize, IdempotencyKey)]
struct Note {
    #[idem(skip)]
    at: u64,
    #[idem(skip)]
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'static str>,
}

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = vec![chat(1_700_000_000, "r-1"), chat(1_700_000_009, "r-2")];
    vectors.extend(names());
    vectors.extend(elements());
    vectors
}

/// Two attempts of one request, which have one key.
fn chat(timestamp: u64, request_id: &'static str) -> Vector {
    let message = |role, content, id| Message { role, content, id };
    let chat = Chat {
        model: "m-1",
        messages: vec![
            message("user", "Hello", 17),
            message("assistant", "Hi. How can I help?", 18),
        ],
        metadata: Metadata {
            user: "u-1",
            trace: Trace {
                id: request_id,
                parents: vec![1, 2],
            },
        },
        timestamp,
        request_id,
    };
    Vector::new(format!("skip/an attempt at {timestamp}"), &chat).exclude(&[
        "/timestamp",
        "/request_id",
        "/messages/*/id",
        "/metadata/trace",
    ])
}

fn names() -> Vec<Vector> {
    let oddly = Oddly {
        kept: 0,
        slash: 1,
        tilde: 2,
        both: 3,
        empty: 4,
        accented: 5,
        digit: 6,
    };
    let attempt = |count| Attempt {
        method: "POST",
        count,
    };
    let attempts = Attempts {
        by_host: BTreeMap::from([("a.example", attempt(1)), ("b.example", attempt(2))]),
    };
    let extended = |seed| Extended {
        prompt: "Hello",
        seed,
    };
    let call = Event::Call {
        tool: "search",
        at: 12.5,
    };
    vec![
        Vector::new("skip/names with escapes", &oddly)
            .exclude(&["/a~1b", "/m~0n", "/~01", "/", "/\u{e9}", "/0"]),
        Vector::new("skip/in the values of a map", &attempts).exclude(&["/by_host/*/count"]),
        Vector::new("skip/under a condition that holds", &extended(None)).exclude(&["/seed"]),
        Vector::new(
            "skip/under a condition that does not hold",
            &extended(Some(7)),
        ),
        Vector::new("skip/in a variant", &call).exclude(&["/at"]),
        Vector::new("skip/paths that match nothing", &extended(Some(8))).exclude(&[
            "/absent",
            "/prompt/0",
            "/seed/*",
            "/absent/*/id",
        ]),
    ]
}

fn elements() -> Vec<Vector> {
    let note = |text| Note {
        at: 1,
        by: "me",
        text,
    };
    let everything = Everything {
        notes: vec![note(None), note(Some("kept")), note(None)],
        count: 3,
    };
    let via = "proxy";
    let (at, from) = (12, 443);
    let hops = Hops(Sent { via, at, from }, Received { via, at, from });
    vec![
        Vector::new(
            "skip/elements by their places in the body",
            &Four(0, 1, 2, 3),
        )
        .exclude(&["/0", "/2"]),
        Vector::new("skip/one element by its place, and all", &hops).exclude(&["/*/at", "/0/from"]),
        Vector::new("skip/all members of some elements", &everything)
            .exclude(&["/notes/*/at", "/notes/*/by"]),
    ]
}
