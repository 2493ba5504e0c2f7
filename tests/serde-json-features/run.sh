#!/bin/sh
# The keys of JSON values under each set of serde_json's features, which any other crate in a build
# can turn on.
set -eu
cd "$(dirname "$0")"

# The versions that the workspace is tested with.
cp ../../Cargo.lock Cargo.lock
export CARGO_TARGET_DIR=../../target/serde-json-features

check() {
    echo "serde_json with: ${1:-no features}"
    cargo test --quiet --features "$1"
}

check ""
check preserve_order
check arbitrary_precision
check float_roundtrip
check raw_value
check unbounded_depth
check agentidemp_serde_json
check arbitrary_precision,agentidemp_raw_value
check preserve_order,arbitrary_precision,float_roundtrip,unbounded_depth,agentidemp_raw_value
