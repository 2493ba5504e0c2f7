//! [`Serializer`]: serde's data model over the [`Encoder`]. Objects and arrays are in
//! `compound.rs`.

use core::fmt::Display;

use serde_core::ser::{self, Serialize};

use super::compound::{Elements, Members, Struct, VariantElements, VariantMembers};
use super::refusal::{Refusal, outcome};
use super::{Serialized, number, raw_value};
use crate::canonical::{Canonical, Encoder, OpenArray, OpenObject};

/// A [`serde::Serializer`](ser::Serializer) that writes canonical form to an [`Encoder`].
///
/// It is human readable, as serde_json's is.
#[derive(Debug)]
pub struct Serializer<'a, 'e> {
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Serializer<'a, 'e> {
    pub(super) fn new(out: &'a mut Encoder<'e>) -> Self {
        Self { out }
    }

    #[inline]
    fn encode<T: Canonical + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        value.encode(self.out);
        outcome(self.out)
    }

    #[inline]
    fn members(self) -> Members<'a, 'e> {
        Members::new(OpenObject::collected(self.out), self.out)
    }

    fn elements(self) -> Elements<'a, 'e> {
        Elements::new(OpenArray::open(self.out), self.out)
    }
}

macro_rules! canonical {
    ($($method:ident($value:ty))*) => {$(
        #[inline]
        fn $method(self, value: $value) -> Result<(), Refusal> {
            self.encode(&value)
        }
    )*};
}

impl<'a, 'e> ser::Serializer for Serializer<'a, 'e> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = Elements<'a, 'e>;
    type SerializeTuple = Elements<'a, 'e>;
    type SerializeTupleStruct = Elements<'a, 'e>;
    type SerializeTupleVariant = VariantElements<'a, 'e>;
    type SerializeMap = Members<'a, 'e>;
    type SerializeStruct = Struct<'a, 'e>;
    type SerializeStructVariant = VariantMembers<'a, 'e>;

    canonical! {
        serialize_bool(bool)
        serialize_i8(i8)
        serialize_i16(i16)
        serialize_i32(i32)
        serialize_i64(i64)
        serialize_i128(i128)
        serialize_u8(u8)
        serialize_u16(u16)
        serialize_u32(u32)
        serialize_u64(u64)
        serialize_u128(u128)
        serialize_f32(f32)
        serialize_f64(f64)
        serialize_char(char)
        serialize_str(&str)
        serialize_bytes(&[u8])
    }

    fn serialize_none(self) -> Result<(), Refusal> {
        self.out.none();
        outcome(self.out)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        let some = Some(Serialized(value));
        self.out.behind_pointer(|out| some.encode(out));
        outcome(self.out)
    }

    fn serialize_unit(self) -> Result<(), Refusal> {
        self.encode(&())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refusal> {
        self.encode(&())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Refusal> {
        self.out.unit_variant(variant);
        outcome(self.out)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        self.out.behind_pointer(|out| super::encode(value, out));
        outcome(self.out)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        let mut object = self.out.sorted_object();
        object.member(variant, &Serialized(value)).finish();
        outcome(self.out)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Elements<'a, 'e>, Refusal> {
        Ok(self.elements())
    }

    fn serialize_tuple(self, _length: usize) -> Result<Elements<'a, 'e>, Refusal> {
        Ok(self.elements())
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Elements<'a, 'e>, Refusal> {
        Ok(self.elements())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<VariantElements<'a, 'e>, Refusal> {
        Ok(VariantElements::open(variant, self.out))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Members<'a, 'e>, Refusal> {
        Ok(self.members())
    }

    #[inline]
    fn serialize_struct(
        self,
        name: &'static str,
        _length: usize,
    ) -> Result<Struct<'a, 'e>, Refusal> {
        Ok(match name {
            number::TOKEN => Struct::text(name, number::encode, self.out),
            raw_value::TOKEN => Struct::text(name, raw_value::encode, self.out),
            _ => Struct::members(self.members()),
        })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<VariantMembers<'a, 'e>, Refusal> {
        Ok(VariantMembers::open(variant, self.out))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        self.out.display(value);
        outcome(self.out)
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}
