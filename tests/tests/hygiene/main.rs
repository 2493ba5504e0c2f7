//! The generated code means the same wherever it stands, and gives no warning there. Each module is
//! a place of its own.

#![deny(warnings)]

mod by_macro;
mod no_prelude;
mod shadowed;
/// Public, so that it needs documentation.
pub mod strict;
