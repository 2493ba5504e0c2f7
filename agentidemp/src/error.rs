//! The errors of this crate: [`Error`], where a value has no canonical form, and
//! [`ParseKeyError`], where a string is no key.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::pointer;
use crate::printable::Harmless;

/// Why a value has no canonical form, and where in the value.
///
/// [`Display`](fmt::Display) gives the place as a JSON Pointer, then the reason. At the top of the
/// value the pointer is empty, and only the reason is given.
///
/// ```
/// use agentidemp::IdempotencyKey;
///
/// #[derive(IdempotencyKey)]
/// struct Sampling {
///     temperature: f64,
/// }
///
/// let error = Sampling { temperature: f64::NAN }.try_idempotency_key().unwrap_err();
/// assert_eq!(error.to_string(), "/temperature: NaN has no canonical form");
/// assert_eq!(error.pointer(), "/temperature");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    pointer: String,
    kind: ErrorKind,
    reason: Cow<'static, str>,
    offset: Option<usize>,
}

/// What kind of thing went wrong: the part of an [`Error`] that a program can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A float is NaN or infinite. JSON has no text for it, and as `null` it would share a key
    /// with `None` (RFC 8785 section 3.2.2.3).
    NotFinite,
    /// Two members of one object have one name, so the value is ambiguous on the wire
    /// (RFC 8785 section 3.1).
    DuplicateMember,
    /// A map key is neither a string nor a char, bool, integer, unit variant or newtype of those.
    InvalidMemberName,
    /// A path is not UTF-8.
    NotUtf8,
    /// A value that is not an object stands where the members of an object are merged: in a
    /// flattened field, or in a variant of an internally tagged enum.
    NotMergeable,
    /// A value that is no array stands where the elements of an array have no order.
    NotAnArray,
    /// A text is no JSON (RFC 8259): [`Error::offset`] says where.
    InvalidJson,
    /// Objects and arrays nest deeper than 128 levels, as deep as serde_json reads; or more than 512
    /// pointers nest within each other.
    TooDeep,
    /// A decimal in JSON text says more than its double: two amounts would share a key.
    Imprecise,
    /// A [`Display`](fmt::Display) implementation reported an error.
    Display,
    /// A scope is malformed: an operation is empty, does not come first, or holds `:`, `%` or `>`; two
    /// values at the top level of the payload name one each; or labels are empty, repeat, are out of
    /// order, or hold `:` or `%`.
    InvalidScope,
    /// An exclusion is no JSON Pointer (RFC 6901 section 3).
    InvalidPointer,
    /// What an allow-list names, or a scope member, is not in the payload.
    Absent,
    /// A secret for keyed keys is empty.
    InvalidSecret,
    /// Exclusions left nothing of the payload, so that all payloads would share one key.
    NothingLeft,
    /// A hand-written `Canonical` broke the contract of the `Encoder`: each call of
    /// `Canonical::encode` writes exactly one value and finishes what it opens.
    Misuse,
    /// The value was refused: by a hand-written `Canonical`, by a `Serialize` implementation, or as
    /// it has no form on the wire, such as a variant that serde skips.
    Custom,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            inner: Box::new(Inner {
                pointer: String::new(),
                kind,
                reason: reason.into(),
                offset: None,
            }),
        }
    }

    /// The same error, at a byte of a JSON text.
    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.inner.offset = Some(offset);
        self
    }

    pub(crate) fn too_many_pointers() -> Self {
        Self::new(
            ErrorKind::TooDeep,
            "more than 512 pointers, options or newtypes nest within each other",
        )
    }

    pub(crate) fn too_deep() -> Self {
        Self::new(
            ErrorKind::TooDeep,
            "objects and arrays nest deeper than 128 levels",
        )
    }

    pub(crate) fn display() -> Self {
        Self::new(
            ErrorKind::Display,
            "the `Display` implementation reported an error",
        )
    }

    pub(crate) fn nothing_left() -> Self {
        Self::new(
            ErrorKind::NothingLeft,
            "everything is excluded, so that all payloads would share one key",
        )
    }

    /// The same error, within the member `name` of the value.
    pub(crate) fn within(self, name: &str) -> Self {
        let mut failure = Failure::from(self);
        failure.add_segment(name);
        failure.into_error()
    }

    /// Where in the value, as a JSON Pointer (RFC 6901): `/messages/0/content`.
    ///
    /// Empty where the value as a whole is the reason. In a scope the pointer is the label of the
    /// scope field, as if it were a member.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.inner.pointer
    }

    /// Where in the JSON text, counted in bytes from 0, if the value was read from one.
    ///
    /// Of a body this is the offset in the body; of a text within a value, such as a `RawValue`, the
    /// offset in that text.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.inner.offset
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The text without the place.
    #[cfg(feature = "explain")]
    pub(crate) fn reason(&self) -> &str {
        &self.inner.reason
    }

    /// What to do about it: one sentence, without a full stop.
    #[must_use]
    pub fn help(&self) -> &'static str {
        // For some kinds the command has words of its own: `bin/agentidemp/failure.rs`.
        match self.inner.kind {
            ErrorKind::NotFinite => {
                "make the number finite before the request is built, or take the field out with `#[idem(skip)]`"
            }
            ErrorKind::DuplicateMember => {
                "rename one of the two, or take one out with `#[idem(skip)]`"
            }
            ErrorKind::InvalidMemberName => {
                "use a string, char, bool, integer or unit variant as the map's key"
            }
            ErrorKind::NotUtf8 => {
                "turn the path into text in a way of your own with `#[idem(with = path)]`"
            }
            ErrorKind::NotMergeable => {
                "flatten or tag only structs and maps, or nest the value under a name of its own"
            }
            ErrorKind::NotAnArray => "mark only arrays as unordered",
            ErrorKind::InvalidJson => {
                "pass the body as it was sent: one JSON value in UTF-8, whole and not compressed"
            }
            ErrorKind::TooDeep => "nest the value less deeply, or exclude what is deep",
            ErrorKind::Imprecise => {
                "send the number as a string, or with no more digits than a double has: 15 always do"
            }
            ErrorKind::Display => "look into the `Display` implementation of the type",
            ErrorKind::InvalidScope => {
                "name the operation first and without `:`, `%` and `>`, let one value within name another, and give each scope field a label of its own without `:` and `%`, in ascending order"
            }
            ErrorKind::InvalidPointer => {
                "start a JSON Pointer with `/`, and write `~` as `~0` and `/` as `~1` within a segment"
            }
            ErrorKind::Absent => {
                "correct the pointer, or send the member: all requests without it would share a key"
            }
            ErrorKind::InvalidSecret => "give the secret at least 32 random bytes",
            ErrorKind::NothingLeft => "exclude less: what stays is what tells two requests apart",
            ErrorKind::Misuse => {
                "write exactly one value in each `Canonical::encode`, and call `finish` on each builder"
            }
            ErrorKind::Custom => "look into the implementation that refused the value",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.inner.pointer.is_empty() {
            write!(f, "{}: ", pointer::Shown(&self.inner.pointer))?;
        }
        write!(f, "{}", Harmless(&self.inner.reason))?;
        match self.inner.offset {
            Some(offset) => write!(f, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

/// An [`Error`] on its way out of the value: each level that it leaves adds its segment.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Error,
    /// Innermost first.
    segments: Vec<String>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            segments: Vec::new(),
        }
    }
}

impl Failure {
    /// Says that the failure lies within the member or element `name`.
    pub(crate) fn add_segment(&mut self, name: &str) {
        self.segments.push(pointer::escape_segment(name));
    }

    /// Another error at the same place.
    pub(crate) fn with_error(self, error: Error) -> Self {
        Self { error, ..self }
    }

    pub(crate) fn error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn into_error(self) -> Error {
        let mut error = self.error;
        for segment in self.segments.iter().rev() {
            error.inner.pointer.push('/');
            error.inner.pointer.push_str(segment);
        }
        error
    }
}

/// Why a string is no [`Key`](crate::Key).
///
/// ```
/// use agentidemp::Key;
///
/// let error = "550e8400-e29b-41d4-a716-446655440000".parse::<Key>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a key starts with `ik_`, followed by 64 or 32 lower-case hex digits or a version 5 UUID"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseKeyError {
    pub(crate) problem: ParseKeyProblem,
}

/// What is wrong with a string that is no key: the part of a [`ParseKeyError`] that a program can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseKeyErrorKind {
    /// It does not start with `ik_`: it is a key of somebody else, such as a bare UUID.
    Prefix,
    /// No form of a key is of this length.
    Length,
    /// There is something else than a lower-case hex digit, or than a hyphen in a UUID.
    Digit,
    /// The UUID is not of version 5.
    UuidVersion,
}

impl ParseKeyError {
    /// What is wrong with the string.
    #[must_use]
    pub fn kind(&self) -> ParseKeyErrorKind {
        match self.problem {
            ParseKeyProblem::Prefix => ParseKeyErrorKind::Prefix,
            ParseKeyProblem::Length(_) => ParseKeyErrorKind::Length,
            ParseKeyProblem::Digit { .. } | ParseKeyProblem::Hyphen { .. } => {
                ParseKeyErrorKind::Digit
            }
            ParseKeyProblem::UuidVersion => ParseKeyErrorKind::UuidVersion,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParseKeyProblem {
    Prefix,
    Length(usize),
    Digit { at: usize },
    Hyphen { at: usize },
    UuidVersion,
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            ParseKeyProblem::Prefix => f.write_str(
                "a key starts with `ik_`, followed by 64 or 32 lower-case hex digits or a version 5 UUID",
            ),
            ParseKeyProblem::Length(length) => {
                write!(f, "a key has 67, 35 or 39 characters, not {length} bytes")
            }
            ParseKeyProblem::Digit { at } => {
                write!(f, "byte {at} of the key is no lower-case hex digit")
            }
            ParseKeyProblem::Hyphen { at } => {
                write!(f, "byte {at} of the key is no hyphen, as in a UUID's text")
            }
            ParseKeyProblem::UuidVersion => {
                f.write_str("the UUID in the key is not of version 5 and the RFC 9562 variant")
            }
        }
    }
}

impl core::error::Error for ParseKeyError {}
