#!/bin/sh
# The keys of other crates' types under each set of the features that change what they write, which
# any crate in a build can turn on.
set -eu
cd "$(dirname "$0")"

# The versions that the workspace is tested with.
cp ../../Cargo.lock Cargo.lock
export CARGO_TARGET_DIR=../../target/foreign-features

check() {
    echo "foreign types with: ${1:-no features}"
    cargo test --quiet --features "$1"
}

check ""
check time_readable
check decimal_str
check decimal_float
check decimal_digits
