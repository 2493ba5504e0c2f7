#!/bin/sh
# What users can name is what agentidemp.txt says, so that nothing is public by accident and nothing goes away
# unseen. `BLESS=1` writes the file anew; read the difference.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}
# The versions that the workspace is tested with.
cp ../../Cargo.lock Cargo.lock
mkdir -p "$target/public-api"
target=$(cd "$target" && pwd)

# Its JSON is not stable, and does not have to be: the format is checked when it is read.
(cd ../.. && RUSTDOC="$PWD/tests/public-api/rustdoc" CARGO_TARGET_DIR=$target \
    cargo rustdoc --quiet --package agentidemp --lib --all-features -- -Z unstable-options --output-format json)
CARGO_TARGET_DIR=$target/public-api \
    cargo run --quiet -- "$target/doc/agentidemp.json" >"$target/public-api/agentidemp.txt"

if [ -n "${BLESS:-}" ]; then
    cp "$target/public-api/agentidemp.txt" agentidemp.txt
fi
if ! diff -u agentidemp.txt "$target/public-api/agentidemp.txt"; then
    echo 'the public interface has changed: if that is meant, run tests/public-api/run.sh with BLESS=1' >&2
    exit 1
fi
echo "$(wc -l <agentidemp.txt) public items, as they were"
