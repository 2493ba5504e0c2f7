//! Random types, of which the seed is in the environment when they are built.

#![allow(dead_code, non_snake_case, non_camel_case_types, uncommon_codepoints)]

include!(concat!(env!("OUT_DIR"), "/types.rs"));

#[test]
fn the_key_of_a_type_is_made_of_what_its_twin_writes() {
    let values = std::env::var("RANDOM_TYPES_VALUES").ok();
    assert_laws(values.map_or(200, |values| values.parse().expect("it is a number")));
}
