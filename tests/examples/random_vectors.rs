//! Prints random vectors in the form of `tests/vectors/v1.json`, for the ports to check.

use agentidemp_tests::vectors::{self, file::File};

fn main() {
    let file = File {
        vectors: vectors::random(2000),
        ..File::current()
    };
    print!("{}", file.write());
}
