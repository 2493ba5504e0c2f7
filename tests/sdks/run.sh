#!/bin/sh
# The code of the page on SDKs that own their client, run against a server on loopback.
set -eu
cd "$(dirname "$0")"

# The versions that the workspace is tested with.
cp ../../Cargo.lock Cargo.lock
export CARGO_TARGET_DIR=../../target/sdks

cargo test --quiet
cargo test --quiet --features stripe_uuid --test stripe_retries
