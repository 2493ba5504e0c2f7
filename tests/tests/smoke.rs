#![allow(dead_code)]
use agentidemp::{IdempotencyKey, Identity};
use std::collections::{BTreeMap, HashMap, HashSet};
#[derive(IdempotencyKey, Clone)]
struct CreateCharge<T> {
    amount: u64,
    currency: String,
    #[idem(scope)]
    user: T,
    #[idem(skip)]
    sent_at: std::time::SystemTime,
    r#type: Option<bool>,
    #[idem(skip_if = Option::is_none)]
    note: Option<String>,
}
#[derive(IdempotencyKey, Clone)]
enum E {
    Unit,
    New(u32),
    Tup(u8, f32),
    St {
        b: String,
        a: i128,
        #[idem(scope)]
        t: u32,
    },
    #[idem(rename = "x")]
    R(#[idem(skip)] std::time::Instant),
}
#[derive(IdempotencyKey, Clone)]
#[serde(tag = "t")]
enum I {
    Unit,
    New(Inner),
    St { b: String, a: i128 },
}
#[derive(IdempotencyKey, Clone)]
#[idem(scope = "op")]
struct Inner {
    z: HashMap<u8, E>,
    y: HashSet<Vec<BTreeMap<String, u8>>>,
    #[serde(flatten)]
    f: Flat,
}
#[derive(IdempotencyKey, Clone)]
struct Flat {
    q: u8,
    a: u8,
    #[serde(flatten)]
    more: Option<BTreeMap<String, u8>>,
}
fn show<T: IdempotencyKey>(t: T) -> String {
    match t.try_canonical_bytes() {
        Ok(b) => String::from_utf8(b).unwrap(),
        Err(e) => format!("{e:?} {e}"),
    }
}
#[test]
fn smoke() {
    let c = CreateCharge {
        amount: 500,
        currency: "e\"ur".into(),
        user: "a:%",
        sent_at: std::time::SystemTime::now(),
        r#type: None,
        note: None,
    };
    println!("{}", show(&c));
    for e in [
        E::Unit,
        E::New(3),
        E::Tup(1, 0.1),
        E::St {
            b: "x\u{1}".into(),
            a: -5,
            t: 9,
        },
        E::R(std::time::Instant::now()),
        E::Tup(1, f32::NAN),
    ] {
        println!("{}", show(e.clone()));
    }
    let inner = Inner {
        z: HashMap::from([(9, E::New(1)), (10, E::Unit)]),
        y: HashSet::from([
            vec![BTreeMap::from([
                ("b".into(), 1),
                ("\u{ffff}".into(), 2),
                ("\u{10000}".into(), 3),
            ])],
            vec![],
        ]),
        f: Flat {
            q: 1,
            a: 2,
            more: Some(BTreeMap::from([("z0".into(), 1)])),
        },
    };
    println!("{}", show(inner.clone()));
    let mut bad = inner.clone();
    bad.f.more = Some(BTreeMap::from([("q".into(), 1)]));
    println!("{}", show(bad));
    let mut bad = inner.clone();
    bad.z.insert(3, E::Tup(1, f32::INFINITY));
    println!("{}", show(I::New(bad)));
    println!("{}", show(I::New(inner)));
    println!("{}", show(I::St { b: "".into(), a: 1 }));
    println!("{}", show(I::Unit));
    let v = serde_json::json!({"b": [1, 2, {"x": 1.0, "a": null}], "a": {"q": 1e21, "r": -0.0}, "t": "x"});
    println!(
        "{}",
        String::from_utf8(
            Identity::new()
                .exclude(["t", "/b/1", "/b/*/a"])
                .scope_field("u", 1)
                .canonical_bytes(&v)
                .unwrap()
        )
        .unwrap()
    );
    println!("{:?}", Identity::new().exclude(["/*"]).canonical_bytes(&v));
}
