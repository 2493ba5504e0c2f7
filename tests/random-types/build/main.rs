//! Writes types with random attributes as Rust source, once as they are and once as their twins.
//!
//! A twin has serde's attributes alone, and says by them what the type says by `#[idem(..)]`: so serde_json
//! writes of it what the key of the type is made of. How a type is chosen is in `choose.rs`, how it is
//! spelled in `source.rs`.

mod choose;
mod members;
mod source;
mod types;

use std::path::Path;
use std::{env, fs};

use fastrand::Rng;

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=RANDOM_TYPES_SEED");
    let seed = env::var("RANDOM_TYPES_SEED").unwrap_or_default();
    let mut rng = Rng::with_seed(seed.parse().unwrap_or_default());
    let batch = choose::batch(&mut rng);
    let folder = env::var_os("OUT_DIR").expect("cargo says where");
    let path = Path::new(&folder).join("types.rs");
    fs::write(path, source::of(&batch)).expect("it can be written to");
}
