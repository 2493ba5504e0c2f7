//! What can be seen of a type by its spelling: pointers, options, and the types within.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// The pointers that are seen by their name. They do not count in the form of what they point to.
const POINTERS: [&str; 4] = ["Arc", "Box", "Cow", "Rc"];

/// `T` of `&T`, `Box<T>` and the like.
pub(crate) fn pointee(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Group(group) => Some(&group.elem),
        Type::Paren(paren) => Some(&paren.elem),
        Type::Reference(reference) => Some(&reference.elem),
        _ => {
            let last = last_segment(ty)?;
            let is_pointer = POINTERS.iter().any(|pointer| last.ident == pointer);
            arguments(&last.arguments).next().filter(|_| is_pointer)
        }
    }
}

/// `T` of `Option<T>`.
pub(crate) fn optional(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
    let is_option = last.ident == "Option";
    arguments(&last.arguments).next().filter(|_| is_option)
}

/// `PhantomData<T>` has one value, whatever `T` is.
pub(crate) fn is_phantom(last: &PathSegment) -> bool {
    last.ident == "PhantomData"
}

pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The types in `<A, B>`.
pub(crate) fn arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    let arguments = arguments.into_iter().flatten();
    arguments.filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
