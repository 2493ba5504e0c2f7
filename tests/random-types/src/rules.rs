//! Identities with random rules.

use agentidemp::Identity;
use fastrand::Rng;

/// Names that the members of the types have.
const NAMES: &[&str] = &[
    "*",
    "*",
    "0",
    "1",
    "a",
    "b",
    "A",
    "user_id",
    "userId",
    "x1",
    "10",
    "kind",
    "content",
    "é",
    "type",
    "within",
    "HttpError",
    "R2d2",
];

/// Rules of each kind but `json`, for which there are few strings.
pub(crate) fn identity(rng: &mut Rng) -> Identity {
    let mut identity = Identity::new();
    if rng.bool() {
        identity = identity.exclude(pointers(rng));
    }
    if rng.u8(..3) == 0 {
        identity = identity.exclude_everywhere([name(rng)]);
    }
    if rng.u8(..4) == 0 {
        identity = identity.only(pointers(rng));
    }
    if rng.u8(..4) == 0 {
        identity = identity.unordered(pointers(rng));
    }
    if rng.u8(..6) == 0 {
        identity = identity.scope_member("member", pointers(rng).remove(0));
    }
    identity
}

fn pointers(rng: &mut Rng) -> Vec<String> {
    (0..rng.usize(1..3)).map(|_| pointer(rng)).collect()
}

fn pointer(rng: &mut Rng) -> String {
    (0..rng.usize(1..4))
        .map(|_| format!("/{}", name(rng)))
        .collect()
}

fn name(rng: &mut Rng) -> &'static str {
    NAMES[rng.usize(..NAMES.len())]
}
