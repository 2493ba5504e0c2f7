//! Misuse of the derive is a compile error on the token at fault, which says what to do. The
//! expected diagnostics are the `.stderr` files in `ui`.
//!
//! After a change of the wording, run with `TRYBUILD=overwrite` and read the difference.

#[test]
fn misuse_is_explained_where_it_stands() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
