//! Canonical text as bytes: how strings, names and digits are written, and the blocks in which they
//! reach the hash. Nothing here knows a Rust type or a request.
//!
//! All that is written goes through `writer.rs`; strings come from `string.rs`, with the escapes of `escape.rs`. JSON
//! text is read by `reader.rs`; `outline.rs` finds the order of its members, and `decimal.rs` looks at its numbers.

pub(crate) mod decimal;
mod digits;
mod escape;
mod name;
pub(crate) mod outline;
pub(crate) mod reader;
pub(crate) mod short;
pub(crate) mod string;
mod writer;

pub(crate) use self::digits::{FloatText, digits_of};
pub use self::name::Name;
pub(crate) use self::string::{cmp_names, cmp_utf16};
pub(crate) use self::writer::{Drain, Writer};
