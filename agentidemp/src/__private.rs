//! What the code that the derive generates needs, and the command, and nobody else. No part of the public
//! API.

pub use core::clone::Clone;
pub use core::convert::Into;
pub use core::unimplemented;
pub use serde_core::Serialize;

pub use crate::canonical::object::member;
use crate::canonical::{Canonical, Encoder, Object};
pub use crate::printable::Harmless;
pub use crate::serde::{Refusal, Serialized, Serializer};
pub use crate::text::Name;

/// An object whose members are given in canonical order.
#[inline]
pub fn sorted_object<'a, 'e>(out: &'a mut Encoder<'e>) -> Object<'a, 'e> {
    out.sorted_object()
}

/// A variant without content: its name.
pub fn unit_variant(name: &str, out: &mut Encoder<'_>) {
    out.unit_variant(name);
}

/// A variant with content: an object with the variant's name as its one member.
pub fn variant(name: &str, content: &impl Canonical, out: &mut Encoder<'_>) {
    out.sorted_object().member(name, content).finish();
}

/// As [`variant`], where the content is a tuple or a struct.
pub fn compound_variant(name: &str, content: &impl Canonical, out: &mut Encoder<'_>) {
    out.variant_content(|out| variant(name, content, out));
}

/// What a closure gives for a field. The type of its parameter is known from here.
pub fn call<'a, T: ?Sized, U>(closure: impl FnOnce(&'a T) -> U, value: &'a T) -> U {
    closure(value)
}

/// The members of a variant of an internally tagged enum.
pub fn merge_tagged(object: &mut Object<'_, '_>, content: &(impl Canonical + ?Sized)) {
    object.merge_tagged(content);
}

/// A variant that `#[serde(skip)]` takes out.
#[cold]
pub fn skipped_variant(variant: &str, out: &mut Encoder<'_>) {
    out.refuse(alloc::format!(
        "the variant `{variant}` is marked `#[serde(skip)]`, so that it has no form on the wire"
    ));
}

/// A value whose scope is that of the request: written without it.
pub struct Payload<'a, T: ?Sized>(pub &'a T);

impl<T: Canonical + ?Sized> Canonical for Payload<'_, T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.0.encode_payload(out);
    }
}

/// A value of which an array has no order.
pub struct Unordered<'a, T: ?Sized>(pub &'a T);

impl<T: Canonical + ?Sized> Canonical for Unordered<'_, T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.expect_unordered();
        self.0.encode(out);
    }
}

/// A value of which a string holds JSON text.
pub struct Json<'a, T: ?Sized>(pub &'a T);

impl<T: Canonical + ?Sized> Canonical for Json<'_, T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.expect_json_text();
        self.0.encode(out);
    }
}

/// The value that a function writes.
pub struct FromFn<F>(pub F);

impl<F: Fn(&mut Encoder<'_>)> Canonical for FromFn<F> {
    fn encode(&self, out: &mut Encoder<'_>) {
        (self.0)(out);
    }
}

/// The value that a function as in `#[serde(serialize_with = "...")]` serializes.
pub struct SerializeWith<F>(pub F);

impl<F> Canonical for SerializeWith<F>
where
    F: Fn(Serializer<'_, '_>) -> Result<(), Refusal>,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        crate::serde::encode_with(&self.0, out);
    }
}
