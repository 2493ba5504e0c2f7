#!/bin/sh
# Types with random attributes: what serde makes of them, minus what is skipped, is what their keys are made
# of. One batch of types, or as many as RANDOM_TYPES_BATCHES says, from the seed RANDOM_TYPES_SEED on.
set -eu
cd "$(dirname "$0")"

# The versions that the workspace is tested with.
cp ../../Cargo.lock Cargo.lock
export CARGO_TARGET_DIR=../../target/random-types

first=${RANDOM_TYPES_SEED:-0}
for batch in $(seq "$first" $((first + ${RANDOM_TYPES_BATCHES:-1} - 1))); do
    echo "random types of seed $batch"
    RANDOM_TYPES_SEED=$batch cargo test --quiet
done
