//! The fuzz targets: each a function that takes any bytes, and panics where the crate breaks a promise.
//! The package `fuzz` runs them under libFuzzer, and `tests/fuzz.rs` for some thousand inputs as an
//! ordinary test.
//!
//! An oracle stands beside each target and uses nothing of the crate: [`crate::reference`] for JSON text,
//! `naive` for rules, a model in `encoder` for what is written by hand.

mod encoder;
mod explain;
mod json_text;
mod key;
mod naive;
mod record;
mod rules;
mod source;

use fastrand::Rng;

pub use self::json_text::{assert_known_reason, json_text};

/// What is fuzzed.
pub struct Target {
    /// The name of the binary under `fuzz`, and of the folder of inputs that were found.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub run: fn(&[u8]),
    /// Makes an input that gets beyond the first checks.
    pub input: fn(&mut Rng) -> Vec<u8>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "json_text",
        run: json_text::json_text,
        input: json_text::input,
    },
    Target {
        name: "rules",
        run: rules::rules,
        input: any_bytes,
    },
    Target {
        name: "encoder",
        run: encoder::encoder,
        input: any_bytes,
    },
    Target {
        name: "key",
        run: key::key,
        input: key::input,
    },
    Target {
        name: "explain",
        run: explain::explain,
        input: any_bytes,
    },
    Target {
        name: "canonical_bytes",
        run: explain::canonical_bytes,
        input: explain::input,
    },
    Target {
        name: "record",
        run: record::record,
        input: record::input,
    },
];

/// Runs a target by its name.
///
/// # Panics
///
/// Where there is no such target, or a promise is broken.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("it is a target").run)(data);
}

/// What a target takes that reads its choices from the bytes.
fn any_bytes(rng: &mut Rng) -> Vec<u8> {
    let length = 1 << rng.usize(..=9);
    std::iter::repeat_with(|| rng.u8(..)).take(length).collect()
}
