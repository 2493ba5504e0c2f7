//! The vectors of version 1 of the format: requests and their keys, for ports to other languages.
//!
//! Each topic has a module with the requests as typed values. How a vector is made of a request is
//! in `vector.rs`, and how the vectors are kept in `agentidemp/vectors/v1.json` is in `file.rs`.

mod document;
mod enums;
pub mod file;
mod hex;
mod keyed;
mod names;
mod nesting;
mod numbers;
mod random;
mod refused;
mod rules;
mod scope;
mod sets;
mod shapes;
mod skip;
mod spelling;
mod strings;
mod vector;

pub use self::document::Document;
pub use self::random::random;
pub use self::refused::{Refused, RefusedIdentity, refused, refused_identities};
pub use self::vector::Vector;

/// All vectors, as the code of today makes them.
#[must_use]
pub fn all() -> Vec<Vector> {
    let topics = [
        numbers::vectors(),
        strings::vectors(),
        names::vectors(),
        shapes::vectors(),
        nesting::vectors(),
        enums::vectors(),
        sets::vectors(),
        skip::vectors(),
        scope::vectors(),
        spelling::vectors(),
        rules::vectors(),
        keyed::vectors(),
    ];
    topics
        .into_iter()
        .flatten()
        .map(Vector::with_checksum)
        .collect()
}
