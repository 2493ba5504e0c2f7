//! Misuse of the derive is a compile error on the token at fault, which says what to do. The
//! expected diagnostics are the `.stderr` files in `ui`.
//!
//! After a change of the wording, run with `TRYBUILD=overwrite` and read the difference.

use trybuild::TestCases;

#[test]
fn misuse_is_explained_where_it_stands() {
    TestCases::new().compile_fail("ui/*.rs");
}

#[rustversion::attr(not(stable(1.95)), ignore = "each rustc has a wording of its own")]
#[test]
fn a_missing_impl_is_explained_at_the_type_of_the_field() {
    TestCases::new().compile_fail("ui/by_rustc/*.rs");
}
