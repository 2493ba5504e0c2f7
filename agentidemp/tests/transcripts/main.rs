//! The transcripts in this folder and in the README are what the command prints.
//!
//! `TRYCMD=overwrite cargo test --features cli --test transcripts` writes them anew.
#![allow(clippy::expect_used)]

use std::env;
use std::path::Path;

#[test]
fn the_command_prints_what_the_transcripts_say() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("tests/transcripts");
    env::set_current_dir(folder.join("bodies")).expect("the bodies are there");
    trycmd::TestCases::new()
        .register_bin("agentidemp", Path::new(env!("CARGO_BIN_EXE_agentidemp")))
        .env("COLUMNS", "80")
        .case(folder.join("*.md"))
        .case(package.join("../README.md"));
}
