//! What a [`Serializer`](super::Serializer) gives for objects and arrays.

use core::mem;

use serde_core::ser::{self, Serialize};

use super::refusal::{Refusal, outcome};
use super::{Serialized, encode};
use crate::canonical::{Encoder, OpenArray, OpenObject};

/// An open array.
#[derive(Debug)]
pub struct Elements<'a, 'e> {
    open: OpenArray<'e>,
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Elements<'a, 'e> {
    pub(super) fn new(open: OpenArray<'e>, out: &'a mut Encoder<'e>) -> Self {
        Self { open, out }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.open.element(&Serialized(value), self.out);
        outcome(self.out)
    }

    fn finish(mut self) -> Result<(), Refusal> {
        self.open.finish(self.out);
        outcome(self.out)
    }
}

macro_rules! elements {
    ($($interface:ident::$method:ident)*) => {$(
        impl ser::$interface for Elements<'_, '_> {
            type Ok = ();
            type Error = Refusal;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
                self.element(value)
            }

            fn end(self) -> Result<(), Refusal> {
                self.finish()
            }
        }
    )*};
}

elements! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
}

/// An open object.
#[derive(Debug)]
pub struct Members<'a, 'e> {
    open: OpenObject<'e>,
    next: Next,
    out: &'a mut Encoder<'e>,
}

/// What comes next of a map, whose keys and values serde may give one by one.
#[derive(Debug, Default)]
enum Next {
    #[default]
    Key,
    /// The name of the value is written.
    Value,
    /// A value that is left out with its key.
    LeftOutValue,
}

impl<'a, 'e> Members<'a, 'e> {
    #[inline]
    pub(super) fn new(open: OpenObject<'e>, out: &'a mut Encoder<'e>) -> Self {
        Self {
            open,
            next: Next::Key,
            out,
        }
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Refusal> {
        self.open.member(name, &Serialized(value), self.out);
        outcome(self.out)
    }

    fn finish(mut self) -> Result<(), Refusal> {
        self.open.finish(self.out);
        outcome(self.out)
    }
}

impl ser::SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        if !matches!(self.next, Next::Key) {
            self.out.refuse("a map has a key without a value");
            return outcome(self.out);
        }
        let open = self.open.begin_entry(&Serialized(key), self.out);
        self.next = if open {
            Next::Value
        } else {
            Next::LeftOutValue
        };
        outcome(self.out)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        match mem::take(&mut self.next) {
            Next::Key => self.out.refuse("a map has a value without a key"),
            Next::Value => {
                encode(value, self.out);
                self.open.end_member("", self.out);
            }
            Next::LeftOutValue => {}
        }
        outcome(self.out)
    }

    fn end(self) -> Result<(), Refusal> {
        if !matches!(self.next, Next::Key) {
            self.out.refuse("a map has a key without a value");
        }
        self.finish()
    }
}

/// An open struct.
#[derive(Debug)]
pub struct Struct<'a, 'e>(Fields<'a, 'e>);

/// The fields of a struct: an object's members, or the text of one of the two structs by which
/// serde_json says that it means something else.
#[derive(Debug)]
enum Fields<'a, 'e> {
    Members(Members<'a, 'e>),
    Text(TextField<'a, 'e>),
}

/// A text that stands for a value, a number or JSON: the one field of its struct.
#[derive(Debug)]
struct TextField<'a, 'e> {
    /// The name of the field.
    token: &'static str,
    encode: fn(&str, &mut Encoder<'_>),
    is_written: bool,
    out: &'a mut Encoder<'e>,
}

impl<'a, 'e> Struct<'a, 'e> {
    #[inline]
    pub(super) fn members(members: Members<'a, 'e>) -> Self {
        Self(Fields::Members(members))
    }

    /// A text in the field `token`, which `encode` writes.
    pub(super) fn text(
        token: &'static str,
        encode: fn(&str, &mut Encoder<'_>),
        out: &'a mut Encoder<'e>,
    ) -> Self {
        Self(Fields::Text(TextField {
            token,
            encode,
            is_written: false,
            out,
        }))
    }
}

impl TextField<'_, '_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Refusal> {
        if name != self.token {
            self.out
                .refuse("a number or JSON text of serde_json has a member beside it");
            return outcome(self.out);
        }
        let text = self.out.text_of(|out| encode(value, out));
        if !self.out.has_failed() {
            (self.encode)(&text, self.out);
        }
        self.is_written = true;
        outcome(self.out)
    }

    fn finish(self) -> Result<(), Refusal> {
        if !self.is_written {
            self.out
                .refuse("a number or JSON text of serde_json is absent");
        }
        outcome(self.out)
    }
}

impl ser::SerializeStruct for Struct<'_, '_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        match &mut self.0 {
            Fields::Members(members) => members.member(name, value),
            Fields::Text(text) => text.field(name, value),
        }
    }

    fn end(self) -> Result<(), Refusal> {
        match self.0 {
            Fields::Members(members) => members.finish(),
            Fields::Text(text) => text.finish(),
        }
    }
}

/// An open tuple variant: an object with one member, whose value is an array.
#[derive(Debug)]
pub struct VariantElements<'a, 'e> {
    variant: OpenVariant<'e, OpenArray<'e>>,
    out: &'a mut Encoder<'e>,
}

/// An open struct variant: an object with one member, whose value is an object.
#[derive(Debug)]
pub struct VariantMembers<'a, 'e> {
    variant: OpenVariant<'e, OpenObject<'e>>,
    out: &'a mut Encoder<'e>,
}

#[derive(Debug)]
struct OpenVariant<'e, F> {
    name: &'static str,
    object: OpenObject<'e>,
    /// None where the content is left out, or has failed.
    content: Option<F>,
    /// Whether serde keeps what is around the variant in a buffer.
    is_buffered_around: bool,
}

impl<'e, F> OpenVariant<'e, F> {
    fn open(name: &'static str, out: &mut Encoder<'e>, open: fn(&mut Encoder<'e>) -> F) -> Self {
        let is_buffered_around = out.buffer_if_merged();
        let mut object = OpenObject::streamed(out);
        let content = object.begin_member(name, out).then(|| open(out));
        Self {
            name,
            object,
            content,
            is_buffered_around,
        }
    }

    /// Ends a step within the content. If it has failed, this is the last step that is sure to come,
    /// so the failure leaves the content here.
    fn outcome(&mut self, out: &mut Encoder<'e>) -> Result<(), Refusal> {
        if out.has_failed() && self.content.take().is_some() {
            self.object.end_member(self.name, out);
        }
        outcome(out)
    }

    fn finish(
        mut self,
        out: &mut Encoder<'e>,
        finish: fn(&mut F, &mut Encoder<'e>),
    ) -> Result<(), Refusal> {
        if let Some(mut content) = self.content {
            finish(&mut content, out);
            self.object.end_member(self.name, out);
        }
        out.restore_buffered(self.is_buffered_around);
        self.object.finish(out);
        outcome(out)
    }
}

impl<'a, 'e> VariantElements<'a, 'e> {
    pub(super) fn open(name: &'static str, out: &'a mut Encoder<'e>) -> Self {
        Self {
            variant: OpenVariant::open(name, out, OpenArray::open),
            out,
        }
    }
}

impl ser::SerializeTupleVariant for VariantElements<'_, '_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        if let Some(array) = &mut self.variant.content {
            array.element(&Serialized(value), self.out);
        }
        self.variant.outcome(self.out)
    }

    fn end(self) -> Result<(), Refusal> {
        self.variant.finish(self.out, OpenArray::finish)
    }
}

impl<'a, 'e> VariantMembers<'a, 'e> {
    pub(super) fn open(name: &'static str, out: &'a mut Encoder<'e>) -> Self {
        Self {
            variant: OpenVariant::open(name, out, OpenObject::collected),
            out,
        }
    }
}

impl ser::SerializeStructVariant for VariantMembers<'_, '_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        if let Some(object) = &mut self.variant.content {
            object.member(name, &Serialized(value), self.out);
        }
        self.variant.outcome(self.out)
    }

    fn end(self) -> Result<(), Refusal> {
        self.variant.finish(self.out, OpenObject::finish)
    }
}
