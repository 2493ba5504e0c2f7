//! Prints random inputs and the keys that `agentidemp::compat` gives for them, a JSON object a line:
//! what `tests/interop/check_published.py` compares with the package `agentidemp-py` 0.1.0.

use agentidemp::compat;
use agentidemp_tests::published::{Input, inputs};
use serde_json::json;

fn main() {
    for input in inputs(5000) {
        println!("{}", line(&input));
    }
}

fn line(input: &Input) -> serde_json::Value {
    let Input {
        scope,
        content,
        parts,
        namespace,
    } = input;
    json!({
        "scope": scope,
        "content": content,
        "parts": parts,
        "namespace": namespace.to_string(),
        "keys": {
            "sha256_hex": compat::sha256_hex(content),
            "scoped_sha256_hex": compat::scoped_sha256_hex(scope, content),
            "scoped_key": compat::scoped_key(scope, parts),
            "uuid_v5": compat::uuid_v5(namespace, content).to_string(),
        },
    })
}
