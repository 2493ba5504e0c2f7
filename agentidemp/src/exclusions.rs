//! [`Exclusions`]: which parts of a payload are left out, as a tree that is walked along with it.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::pointer::unescape_segment;
use crate::{Error, ErrorKind};

/// How many segments a pointer may have: as deep as serde_json reads. The tree is made and dropped level by level,
/// on the stack.
const MAX_SEGMENTS: usize = 128;

/// As many values as are told apart. Pointers that cross each other, as `/a/*` and `/*/b` do, are
/// merged, which can double the tree with each of them.
const MAX_SIZE: usize = 10_000;

/// What is left out within one value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exclusions {
    /// Whether the value is the payload as a whole.
    of_payload: bool,
    /// Whether the value is left out itself.
    whole: bool,
    members: BTreeMap<String, Exclusions>,
    /// For the members that are not in `members`: those have been merged with this.
    others: Option<Box<Exclusions>>,
}

/// How much of a member or element is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'e> {
    Whole,
    Rest(&'e Exclusions),
    Nothing,
}

impl<'e> Part<'e> {
    #[inline]
    pub(crate) fn member(within: Option<&'e Exclusions>, name: &str) -> Self {
        within.map_or(Self::Whole, |exclusions| exclusions.part(name))
    }

    #[inline]
    pub(crate) fn element(within: Option<&'e Exclusions>, index: usize) -> Self {
        within.map_or(Self::Whole, |exclusions| {
            exclusions.part(itoa::Buffer::new().format(index))
        })
    }
}

/// A segment of a path to what is left out.
#[derive(Debug, Clone)]
enum Segment {
    Name(String),
    /// Any one member or element: `*`.
    Any,
}

impl Exclusions {
    pub(crate) fn of_payload() -> Self {
        Self {
            of_payload: true,
            ..Self::default()
        }
    }

    pub(crate) fn are_of_payload(&self) -> bool {
        self.of_payload
    }

    /// Whether the payload as a whole is left out.
    pub(crate) fn exclude_everything(&self) -> bool {
        self.whole
    }

    /// Adds a JSON Pointer, or the name of a member of the payload.
    pub(crate) fn add(&mut self, path: &str) -> Result<(), Error> {
        if path.contains('/') || path.is_empty() {
            self.insert(&parse_pointer(path)?);
        } else {
            self.insert(&[Segment::Name(path.to_owned())]);
        }
        if self.size() > MAX_SIZE {
            return Err(malformed(
                "the pointers cross each other with `*` in too many ways".into(),
            ));
        }
        Ok(())
    }

    /// How many values it tells apart.
    fn size(&self) -> usize {
        let within = self.members.values().chain(self.others.as_deref());
        1 + within.map(Self::size).sum::<usize>()
    }

    fn insert(&mut self, path: &[Segment]) {
        let Some((first, rest)) = path.split_first() else {
            self.whole = true;
            return;
        };
        match first {
            Segment::Name(name) => {
                if !self.members.contains_key(name) {
                    let others = self.others.as_deref().cloned().unwrap_or_default();
                    self.members.insert(name.clone(), others);
                }
                if let Some(member) = self.members.get_mut(name) {
                    member.insert(rest);
                }
            }
            Segment::Any => {
                for member in self.members.values_mut() {
                    member.insert(rest);
                }
                self.others.get_or_insert_default().insert(rest);
            }
        }
    }

    fn part(&self, name: &str) -> Part<'_> {
        match self.members.get(name).or(self.others.as_deref()) {
            None => Part::Whole,
            Some(member) if member.whole => Part::Nothing,
            Some(member) => Part::Rest(member),
        }
    }
}

/// Reads a JSON Pointer (RFC 6901 section 3).
fn parse_pointer(text: &str) -> Result<Vec<Segment>, Error> {
    let mut segments = text.split('/');
    if segments.next() != Some("") {
        return Err(malformed(alloc::format!(
            "the pointer {text:?} does not start with `/`"
        )));
    }
    let segments: Vec<_> = segments.map(parse_segment).collect::<Result<_, _>>()?;
    if segments.len() > MAX_SEGMENTS {
        return Err(malformed(alloc::format!(
            "a pointer has more than {MAX_SEGMENTS} segments"
        )));
    }
    Ok(segments)
}

/// Reads a segment of a JSON Pointer (RFC 6901 section 4).
fn parse_segment(text: &str) -> Result<Segment, Error> {
    if text == "*" {
        return Ok(Segment::Any);
    }
    unescape_segment(text).map(Segment::Name).ok_or_else(|| {
        malformed(alloc::format!(
            "`~` is followed by neither `0` nor `1` in the segment {text:?}"
        ))
    })
}

fn malformed(reason: String) -> Error {
    Error::new(ErrorKind::InvalidPointer, reason)
}
