//! Prints random vectors in the form of `agentidemp/vectors/v1.json`, for the ports to check: as many as the
//! first argument says, by the seed that is the second one.

use std::env;

use agentidemp_tests::vectors;

fn main() {
    let mut arguments = env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"));
    let count = arguments.next().unwrap_or(4000);
    let seed = arguments.next().unwrap_or(1);
    let file = vectors::random(count.try_into().expect("a count"), seed);
    print!("{}", file.write());
}
