//! Depth: a hundred levels, and as many as there can be.

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

const LEVELS: usize = 100;

#[derive(Serialize, IdempotencyKey)]
#[serde(transparent)]
struct Arrays {
    inner: Vec<Arrays>,
}

#[derive(Serialize, IdempotencyKey)]
struct Objects {
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<Box<Objects>>,
}

/// An agent, and who works for it.
#[derive(Serialize, IdempotencyKey)]
struct Agent {
    name: String,
    team: Vec<Agent>,
    budget: f64,
}

pub(super) fn vectors() -> Vec<Vector> {
    let arrays = (1..LEVELS).fold(Arrays { inner: Vec::new() }, |inner, _| Arrays {
        inner: vec![inner],
    });
    let objects = (1..LEVELS).fold(Objects { inner: None }, |inner, _| Objects {
        inner: Some(Box::new(inner)),
    });
    let agents = (1..LEVELS / 2).fold(agent(0, Vec::new()), |inner, level| {
        agent(level, vec![inner])
    });
    vec![
        Vector::new("nesting/100 arrays", &arrays),
        Vector::new("nesting/100 objects", &objects),
        Vector::new("nesting/50 objects in arrays", &agents),
        Vector::of_body(
            "nesting/128 arrays",
            "{}",
            &["[".repeat(128), "]".repeat(128)].concat(),
        ),
        Vector::of_body(
            "nesting/64 objects in arrays, and others beside them",
            "{}",
            &[r#"[{},[],{"a":"#.repeat(64), "1".into(), "}]".repeat(64)].concat(),
        ),
    ]
}

fn agent(level: usize, team: Vec<Agent>) -> Agent {
    Agent {
        name: format!("agent {level}"),
        team,
        budget: 0.5,
    }
}
