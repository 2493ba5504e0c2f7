//! [`Canonical`] for standard types: as serde_json writes them, sets sorted. What serde does not serialize,
//! such as `RangeToInclusive`, has no form on the wire, and so none here.
//!
//! Each other crate whose types have it by a feature has a file of its own, here or, where it is by their
//! `Serialize`, in `serde/foreign/`, and a row in `foreign.md`.

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "compact_str")]
mod compact_str;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "ordered-float")]
mod ordered_float;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "smol_str")]
mod smol_str;
#[cfg(feature = "url")]
mod url;

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use alloc::ffi::CString;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::{NonZero, Saturating, Wrapping};
use core::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo};
use core::time::Duration;

use super::{Canonical, Encoder, Scope, number};

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Canonical for $integer {
            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                number::encode_integer(*self, out);
            }

            fn encode_slice(values: &[Self], out: &mut Encoder<'_>) {
                number::encode_integers(values, out);
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

macro_rules! wide_integers {
    ($($integer:ty)*) => {$(
        impl Canonical for $integer {
            fn encode(&self, out: &mut Encoder<'_>) {
                if out.is_ready_for_128_bits() {
                    number::encode_integer(*self, out);
                }
            }

            fn encode_slice(values: &[Self], out: &mut Encoder<'_>) {
                number::encode_integers(values, out);
            }
        }
    )*};
}

wide_integers!(u128 i128);

macro_rules! non_zero_integers {
    ($($integer:ty)*) => {$(
        impl Canonical for NonZero<$integer> {
            fn encode(&self, out: &mut Encoder<'_>) {
                self.get().encode(out);
            }
        }
    )*};
}

non_zero_integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Canonical for $float {
            fn encode(&self, out: &mut Encoder<'_>) {
                number::encode_float(*self, out);
            }

            fn encode_slice(values: &[Self], out: &mut Encoder<'_>) {
                number::encode_floats(values, out);
            }
        }
    )*};
}

floats!(f32 f64);

impl Canonical for bool {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.literal(if *self { "true" } else { "false" });
    }
}

impl Canonical for str {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self);
    }
}

impl Canonical for String {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self);
    }
}

impl Canonical for char {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self.encode_utf8(&mut [0; 4]));
    }
}

macro_rules! as_display {
    ($($(#[$attribute:meta])* $text:ty),* $(,)?) => {$(
        $(#[$attribute])*
        impl Canonical for $text {
            fn encode(&self, out: &mut Encoder<'_>) {
                out.display(self);
            }
        }
    )*};
}

as_display!(
    fmt::Arguments<'_>,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    uuid::Uuid,
);

impl Canonical for () {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.unit();
    }
}

impl<T: ?Sized> Canonical for PhantomData<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.unit();
    }
}

impl<T: Canonical> Canonical for Option<T> {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Some(value) if out.is_ready_for_option() => value.encode(out),
            Some(_) => {}
            None => out.none(),
        }
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        if let Some(value) = self {
            value.encode_scope(scope);
        }
    }

    fn encode_payload(&self, out: &mut Encoder<'_>) {
        match self {
            Some(value) if out.is_ready_for_option() => value.encode_payload(out),
            Some(_) => {}
            None => out.none(),
        }
    }
}

impl<T: Canonical, E: Canonical> Canonical for Result<T, E> {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Ok(value) => out.sorted_object().member("Ok", value).finish(),
            Err(error) => out.sorted_object().member("Err", error).finish(),
        }
    }
}

impl<T: Canonical> Canonical for Bound<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::Included(value) => out.sorted_object().member("Included", value).finish(),
            Self::Excluded(value) => out.sorted_object().member("Excluded", value).finish(),
            Self::Unbounded => out.unit_variant("Unbounded"),
        }
    }
}

impl Canonical for Duration {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.sorted_object()
            .member("nanos", &self.subsec_nanos())
            .member("secs", &self.as_secs())
            .finish();
    }
}

impl<T: Canonical> Canonical for Range<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.sorted_object()
            .member("end", &self.end)
            .member("start", &self.start)
            .finish();
    }
}

impl<T: Canonical> Canonical for RangeInclusive<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.sorted_object()
            .member("end", self.end())
            .member("start", self.start())
            .finish();
    }
}

impl<T: Canonical> Canonical for RangeFrom<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.sorted_object().member("start", &self.start).finish();
    }
}

impl<T: Canonical> Canonical for RangeTo<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.sorted_object().member("end", &self.end).finish();
    }
}

macro_rules! pointers {
    ($(<$parameter:ident $(: $bound:ident)?> $pointer:ty),*) => {$(
        impl<$parameter: Canonical + ?Sized $(+ $bound)?> Canonical for $pointer {
            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                out.behind_pointer(|out| (**self).encode(out));
            }

            fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
                scope.follow(&**self);
            }

            fn encode_payload(&self, out: &mut Encoder<'_>) {
                out.behind_pointer(|out| (**self).encode_payload(out));
            }
        }
    )*};
}

pointers!(<T> &T, <T> &mut T, <T> Box<T>, <T> Rc<T>, <T> Arc<T>, <T: ToOwned> Cow<'_, T>);

macro_rules! wrappers {
    ($($wrapper:ident)*) => {$(
        impl<T: Canonical> Canonical for $wrapper<T> {
            fn encode(&self, out: &mut Encoder<'_>) {
                self.0.encode(out);
            }

            fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
                self.0.encode_scope(scope);
            }

            fn encode_payload(&self, out: &mut Encoder<'_>) {
                self.0.encode_payload(out);
            }
        }
    )*};
}

wrappers!(Reverse Saturating Wrapping);

impl<T: Canonical> Canonical for [T] {
    fn encode(&self, out: &mut Encoder<'_>) {
        T::encode_slice(self, out);
    }
}

impl<T: Canonical, const N: usize> Canonical for [T; N] {
    fn encode(&self, out: &mut Encoder<'_>) {
        T::encode_slice(self, out);
    }
}

impl<K: Canonical, V: Canonical> Canonical for BTreeMap<K, V> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.object().entries(self).finish();
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        T::encode_slice(self, out);
    }
}

macro_rules! collections {
    ($($collection:ident: $builder:ident),* $(,)?) => {$(
        impl<T: Canonical> Canonical for $collection<T> {
            fn encode(&self, out: &mut Encoder<'_>) {
                out.$builder().elements(self).finish();
            }
        }
    )*};
}

collections! {
    VecDeque: array,
    LinkedList: array,
    BTreeSet: set,
}

macro_rules! tuples {
    ($($name:ident)*; $($index:tt)*) => {
        impl<$($name: Canonical),*> Canonical for ($($name,)*) {
            fn encode(&self, out: &mut Encoder<'_>) {
                let mut array = out.array();
                $(array.element(&self.$index);)*
                array.finish();
            }
        }
    };
}

tuples!(A; 0);
tuples!(A B; 0 1);
tuples!(A B C; 0 1 2);
tuples!(A B C D; 0 1 2 3);
tuples!(A B C D E; 0 1 2 3 4);
tuples!(A B C D E F; 0 1 2 3 4 5);
tuples!(A B C D E F G; 0 1 2 3 4 5 6);
tuples!(A B C D E F G H; 0 1 2 3 4 5 6 7);
tuples!(A B C D E F G H I; 0 1 2 3 4 5 6 7 8);
tuples!(A B C D E F G H I J; 0 1 2 3 4 5 6 7 8 9);
tuples!(A B C D E F G H I J K; 0 1 2 3 4 5 6 7 8 9 10);
tuples!(A B C D E F G H I J K L; 0 1 2 3 4 5 6 7 8 9 10 11);
tuples!(A B C D E F G H I J K L M; 0 1 2 3 4 5 6 7 8 9 10 11 12);
tuples!(A B C D E F G H I J K L M N; 0 1 2 3 4 5 6 7 8 9 10 11 12 13);
tuples!(A B C D E F G H I J K L M N O; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
tuples!(A B C D E F G H I J K L M N O P; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

impl Canonical for CStr {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.to_bytes().encode(out);
    }
}

impl Canonical for CString {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.as_c_str().encode(out);
    }
}

impl Canonical for crate::Key {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self);
    }
}

#[cfg(feature = "std")]
mod with_std {
    use std::collections::{HashMap, HashSet};
    use std::path::{Path, PathBuf};

    use super::{Canonical, Encoder};
    use crate::{Error, ErrorKind};

    impl<T: Canonical, S> Canonical for HashSet<T, S> {
        fn encode(&self, out: &mut Encoder<'_>) {
            out.set().elements(self).finish();
        }
    }

    impl<K: Canonical, V: Canonical, S> Canonical for HashMap<K, V, S> {
        fn encode(&self, out: &mut Encoder<'_>) {
            out.object().entries(self).finish();
        }
    }

    impl Canonical for Path {
        fn encode(&self, out: &mut Encoder<'_>) {
            match self.to_str() {
                Some(text) => out.string(text),
                None => out.fail(Error::new(ErrorKind::NotUtf8, "the path is not UTF-8")),
            }
        }
    }

    impl Canonical for PathBuf {
        fn encode(&self, out: &mut Encoder<'_>) {
            self.as_path().encode(out);
        }
    }
}
