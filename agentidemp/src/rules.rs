//! [`Rules`]: what is left out of a payload, which of its arrays have no order, which of its strings are
//! JSON text, and which of its values are the scope. A tree that is walked along with the payload.
//!
//! What a rule is for is said in `identity.rs`.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::pointer::unescape_segment;
use crate::printable::Quoted;
use crate::{Error, ErrorKind};

/// How many segments a pointer may have: as deep as a payload nests.
const MAX_SEGMENTS: usize = 128;

/// As many values as are told apart, and as many bytes of their names. Pointers that cross each other,
/// as `/a/*` and `/*/b` do, are merged, which can double the tree with each of them.
const MAX_NODES: usize = 10_000;
const MAX_BYTES: usize = 1 << 20;

/// The rules for a payload.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    root: Node,
    /// Names of the payload's own members that are left out.
    names: BTreeSet<String>,
    /// Names that are left out at every depth.
    everywhere: BTreeSet<String>,
    /// How many allow-listed places there are; with none, everything counts.
    listed: usize,
    /// How many scope members there are.
    scope_members: usize,
    size: Size,
}

/// The rules for one value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    is_root: bool,
    excluded: bool,
    reading: Reading,
    scope_member: Option<usize>,
    kept: Kept,
    /// The allow-listed places that this value being there makes present.
    present: Vec<usize>,
    members: BTreeMap<String, Node>,
    /// For the members that are not in `members`: those have been merged with this.
    others: Option<Box<Node>>,
}

/// How a value is read.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    unordered: bool,
    json: bool,
}

/// What an allow-list says of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    #[default]
    No,
    /// Something within it is listed, or is the scope.
    InPart,
    /// It is listed, or something around it is.
    Whole,
}

/// What a rule says of the value that a pointer leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    Exclude,
    Only,
    Unordered,
    Json,
    ScopeMember,
}

/// How much of a member or element is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'e> {
    /// All of it, as it is.
    Whole,
    /// What its rules say.
    Ruled(&'e Node),
    /// Nothing: it is the scope member of this number.
    Scope(usize),
    Nothing,
}

/// A segment of a path.
#[derive(Debug, Clone)]
enum Segment {
    Name(String),
    /// Any one member or element: `*`.
    Any,
}

/// How large a tree has become.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

impl Rules {
    pub(crate) fn new() -> Self {
        let mut rules = Self::default();
        rules.root.is_root = true;
        rules
    }

    /// Adds a rule for what a JSON Pointer leads to.
    ///
    /// # Errors
    ///
    /// Where it is no pointer, or there are too many rules.
    pub(crate) fn add(&mut self, rule: Rule, pointer: &str) -> Result<(), Error> {
        let path = parse_pointer(pointer)?;
        let number = match rule {
            Rule::Only => self.listed,
            _ => self.scope_members,
        };
        if let Rule::Only = rule {
            self.listed += 1;
            // Up to the first `*`: behind it there may be nothing.
            let fixed = path
                .iter()
                .take_while(|segment| matches!(segment, Segment::Name(_)));
            let fixed: Vec<_> = fixed.cloned().collect();
            let mark = |node: &mut Node| {
                node.present.push(number);
                Ok(())
            };
            self.root
                .insert(&fixed, Kept::InPart, &mark, &mut self.size)?;
        }
        if let Rule::ScopeMember = rule {
            self.scope_members += 1;
        }
        let kept = match rule {
            Rule::Only | Rule::ScopeMember => Kept::InPart,
            _ => Kept::No,
        };
        self.root.insert(
            &path,
            kept,
            &|node| node.apply(rule, number),
            &mut self.size,
        )
    }

    /// Leaves out a member of the payload, by its name.
    pub(crate) fn exclude_name(&mut self, name: &str) -> Result<(), Error> {
        self.size.grow(name)?;
        self.names.insert(name.to_owned());
        Ok(())
    }

    /// Leaves out the members of a name, at every depth.
    pub(crate) fn exclude_everywhere(&mut self, name: &str) -> Result<(), Error> {
        self.size.grow(name)?;
        self.everywhere.insert(name.to_owned());
        Ok(())
    }

    /// Whether nothing is said of any value. Where none is looked up then, 64 integers took 4.9 times the
    /// raw hash instead of 5.5 (Sapphire Rapids, `cargo bench -p agentidemp-tests --bench key -- '64 small'`).
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.everywhere.is_empty() && self.root.is_bare()
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// Whether the payload as a whole is left out.
    pub(crate) fn exclude_everything(&self) -> bool {
        self.root.excluded
    }

    /// How many places are on the allow-list.
    pub(crate) fn listed(&self) -> usize {
        self.listed
    }

    pub(crate) fn scope_members(&self) -> usize {
        self.scope_members
    }

    /// What counts of a member of the value that `within` is for.
    #[inline]
    pub(crate) fn member<'e>(&'e self, within: Option<&'e Node>, name: &str) -> Part<'e> {
        let is_left_out = self.everywhere.contains(name)
            || within.is_some_and(|node| node.is_root) && self.names.contains(name);
        if is_left_out {
            return Part::Nothing;
        }
        self.part(within, name)
    }

    /// What counts of an element of the value that `within` is for.
    #[inline]
    pub(crate) fn element<'e>(&'e self, within: Option<&'e Node>, index: usize) -> Part<'e> {
        match within {
            None => Part::Whole,
            Some(_) => self.part(within, itoa::Buffer::new().format(index)),
        }
    }

    fn part<'e>(&'e self, within: Option<&'e Node>, name: &str) -> Part<'e> {
        let Some(node) = within else {
            return Part::Whole;
        };
        let is_open = self.listed == 0 || node.kept == Kept::Whole;
        match node.members.get(name).or(node.others.as_deref()) {
            None if is_open => Part::Whole,
            None => Part::Nothing,
            Some(child) if child.excluded => Part::Nothing,
            Some(child) if !is_open && child.kept == Kept::No => Part::Nothing,
            Some(Node {
                scope_member: Some(number),
                ..
            }) => Part::Scope(*number),
            Some(child) => Part::Ruled(child),
        }
    }
}

impl Node {
    /// Whether no rule is for the value or for any within.
    fn is_bare(&self) -> bool {
        let Self {
            is_root: _,
            excluded,
            reading: Reading { unordered, json },
            scope_member,
            kept,
            present,
            members,
            others,
        } = self;
        !(*excluded || *unordered || *json)
            && scope_member.is_none()
            && *kept == Kept::No
            && present.is_empty()
            && members.is_empty()
            && others.is_none()
    }

    pub(crate) fn is_root(&self) -> bool {
        self.is_root
    }

    pub(crate) fn is_unordered(&self) -> bool {
        self.reading.unordered
    }

    pub(crate) fn is_json(&self) -> bool {
        self.reading.json
    }

    /// The allow-listed places that this value being there makes present.
    pub(crate) fn present(&self) -> &[usize] {
        &self.present
    }

    fn apply(&mut self, rule: Rule, number: usize) -> Result<(), Error> {
        match rule {
            Rule::Exclude => self.excluded = true,
            Rule::Only => self.keep_whole(),
            Rule::Unordered => self.reading.unordered = true,
            Rule::Json => self.reading.json = true,
            // Which of the two it is would depend on their order.
            Rule::ScopeMember if self.scope_member.is_some() => {
                let reason = "two members of the scope can be one value";
                return Err(Error::new(ErrorKind::InvalidScope, reason));
            }
            Rule::ScopeMember => self.scope_member = Some(number),
        }
        Ok(())
    }

    fn keep_whole(&mut self) {
        self.kept = Kept::Whole;
        for child in self.members.values_mut() {
            child.keep_whole();
        }
        if let Some(others) = &mut self.others {
            others.keep_whole();
        }
    }

    fn insert(
        &mut self,
        path: &[Segment],
        kept: Kept,
        apply: &impl Fn(&mut Self) -> Result<(), Error>,
        size: &mut Size,
    ) -> Result<(), Error> {
        self.kept = self.kept.max(kept);
        let Some((first, rest)) = path.split_first() else {
            return apply(self);
        };
        match first {
            Segment::Name(name) => {
                if !self.members.contains_key(name) {
                    let child = self.new_child(size)?;
                    size.grow(name)?;
                    self.members.insert(name.clone(), child);
                }
                match self.members.get_mut(name) {
                    Some(member) => member.insert(rest, kept, apply, size),
                    None => Ok(()),
                }
            }
            Segment::Any => {
                if self.others.is_none() {
                    self.others = Some(Box::new(self.new_child(size)?));
                }
                let members = self.members.values_mut();
                for member in members.chain(self.others.as_deref_mut()) {
                    member.insert(rest, kept, apply, size)?;
                }
                Ok(())
            }
        }
    }

    /// A child that has no rules but those for any member.
    fn new_child(&self, size: &mut Size) -> Result<Self, Error> {
        let mut child = if let Some(others) = &self.others {
            others.count(size)?;
            (**others).clone()
        } else {
            size.grow("")?;
            Self::default()
        };
        if self.kept == Kept::Whole {
            child.kept = Kept::Whole;
        }
        Ok(child)
    }

    /// Adds the size of a tree that is about to be copied.
    fn count(&self, size: &mut Size) -> Result<(), Error> {
        size.grow("")?;
        for (name, child) in &self.members {
            size.grow(name)?;
            child.count(size)?;
        }
        self.others
            .as_deref()
            .map_or(Ok(()), |others| others.count(size))
    }
}

impl Size {
    fn grow(&mut self, name: &str) -> Result<(), Error> {
        self.nodes += 1;
        self.bytes += name.len();
        if self.nodes <= MAX_NODES && self.bytes <= MAX_BYTES {
            return Ok(());
        }
        Err(malformed(alloc::format!(
            "the rules tell more than {MAX_NODES} values or {MAX_BYTES} bytes of names apart; pointers that cross each other with `*` multiply"
        )))
    }
}

/// Reads a JSON Pointer (RFC 6901 section 3).
fn parse_pointer(text: &str) -> Result<Vec<Segment>, Error> {
    let mut segments = text.split('/');
    if segments.next() != Some("") {
        return Err(malformed(alloc::format!(
            "the pointer {} does not start with `/`",
            Quoted(text)
        )));
    }
    if segments.clone().count() > MAX_SEGMENTS {
        return Err(malformed(alloc::format!(
            "a pointer has more than {MAX_SEGMENTS} segments"
        )));
    }
    segments.map(parse_segment).collect()
}

/// Reads a segment of a JSON Pointer (RFC 6901 section 4).
fn parse_segment(text: &str) -> Result<Segment, Error> {
    match text {
        "*" => Ok(Segment::Any),
        "**" => Err(malformed(
            "`**` is no segment: a name at every depth is left out by `exclude_everywhere`".into(),
        )),
        _ => unescape_segment(text).map(Segment::Name).ok_or_else(|| {
            malformed(alloc::format!(
                "`~` is followed by neither `0` nor `1` in the segment {}",
                Quoted(text)
            ))
        }),
    }
}

fn malformed(reason: String) -> Error {
    Error::new(ErrorKind::InvalidPointer, reason)
}
