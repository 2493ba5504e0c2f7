//! [`Rules`]: what is left out of a payload, which of its arrays have no order, which of its strings are
//! JSON text, and which of its values are the scope. A tree that the encoder walks along with the payload:
//! [`AppliedRules`].
//!
//! What a rule is for is said in `identity.rs`.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::state::State;
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

/// What becomes of a member or element.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Treatment<'e> {
    /// It is written as it is.
    Whole,
    /// It is written as its rules say.
    Ruled(&'e Node),
    /// It is not written: it is the scope member of this number.
    ScopeMember(usize),
    /// It is not written.
    LeftOut,
}

/// The rules as they are applied to one payload.
#[derive(Debug)]
pub(super) struct AppliedRules<'e> {
    rules: Option<&'e Rules>,
    /// The rules for the value that comes next.
    of_value: Option<&'e Node>,
    /// Which of the places on the allow-list are there.
    present: Vec<bool>,
    /// The scope members that have been found.
    scope_members: Vec<Option<String>>,
    /// The number and the name of the scope member that is being written.
    scope_member: Option<(usize, String)>,
    /// Whether an exclusion has matched.
    has_left_out: bool,
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
    /// raw hash instead of 5.5 (Sapphire Rapids, `cargo bench -p agentidemp-bench --bench key -- '64 small'`).
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
    pub(crate) fn member<'e>(&'e self, within: Option<&'e Node>, name: &str) -> Treatment<'e> {
        let is_left_out = self.everywhere.contains(name)
            || within.is_some_and(|node| node.is_root) && self.names.contains(name);
        if is_left_out {
            return Treatment::LeftOut;
        }
        self.part(within, name)
    }

    /// What counts of an element of the value that `within` is for.
    #[inline]
    pub(crate) fn element<'e>(&'e self, within: Option<&'e Node>, index: usize) -> Treatment<'e> {
        match within {
            None => Treatment::Whole,
            Some(_) => self.part(within, itoa::Buffer::new().format(index)),
        }
    }

    fn part<'e>(&'e self, within: Option<&'e Node>, name: &str) -> Treatment<'e> {
        let Some(node) = within else {
            return Treatment::Whole;
        };
        let is_open = self.listed == 0 || node.kept == Kept::Whole;
        match node.members.get(name).or(node.others.as_deref()) {
            None if is_open => Treatment::Whole,
            None => Treatment::LeftOut,
            Some(child) if child.excluded => Treatment::LeftOut,
            Some(child) if !is_open && child.kept == Kept::No => Treatment::LeftOut,
            Some(Node {
                scope_member: Some(number),
                ..
            }) => Treatment::ScopeMember(*number),
            Some(child) => Treatment::Ruled(child),
        }
    }
}

impl<'e> AppliedRules<'e> {
    #[inline]
    pub(super) fn new(rules: Option<&'e Rules>) -> Self {
        let rules = rules.filter(|rules| !rules.is_empty());
        Self {
            rules,
            of_value: rules.map(Rules::root),
            present: vec![false; rules.map_or(0, Rules::listed)],
            scope_members: vec![None; rules.map_or(0, Rules::scope_members)],
            scope_member: None,
            has_left_out: false,
        }
    }

    #[inline]
    pub(super) fn are_none(&self) -> bool {
        self.rules.is_none()
    }

    /// The rules for the value that comes next.
    #[inline]
    pub(super) fn of_value(&self) -> Option<&'e Node> {
        self.of_value
    }

    /// Takes the rules of an object for a value that goes up in it.
    pub(super) fn merge_into(&mut self, object: Option<&'e Node>) {
        self.of_value = object;
    }

    /// What becomes of a member of the value that `within` is for.
    #[inline]
    pub(super) fn member(&self, within: Option<&'e Node>, name: &str) -> Treatment<'e> {
        self.rules
            .map_or(Treatment::Whole, |rules| rules.member(within, name))
    }

    /// What becomes of an element of the value that `within` is for.
    #[inline]
    pub(super) fn element(&self, within: Option<&'e Node>, index: usize) -> Treatment<'e> {
        self.rules
            .map_or(Treatment::Whole, |rules| rules.element(within, index))
    }

    /// Begins a member or element. `Open` is the state where it is left out.
    #[inline]
    pub(super) fn begin(&mut self, treatment: Treatment<'e>, name: &str) -> State {
        self.of_value = None;
        match treatment {
            Treatment::Whole => State::Value,
            Treatment::Ruled(node) => self.begin_ruled(node),
            Treatment::ScopeMember(number) => {
                self.scope_member = Some((number, name.to_owned()));
                State::ScopeMember
            }
            Treatment::LeftOut => {
                self.has_left_out = true;
                State::Open
            }
        }
    }

    /// Begins the payload itself, which rules can be for.
    pub(super) fn begin_payload(&mut self) -> State {
        match self.rules {
            Some(rules) => self.begin_ruled(rules.root()),
            None => State::Value,
        }
    }

    fn begin_ruled(&mut self, node: &'e Node) -> State {
        for place in &node.present {
            self.present[*place] = true;
        }
        self.of_value = Some(node);
        match node.reading {
            Reading { json: true, .. } => State::JsonText,
            Reading {
                unordered: true, ..
            } => State::Unordered,
            Reading { .. } => State::Value,
        }
    }

    /// Begins the value that a JSON text is.
    pub(super) fn begin_json_text(&self) -> State {
        match self.of_value {
            Some(node) if node.reading.unordered => State::Unordered,
            _ => State::Value,
        }
    }

    /// Keeps the value of the scope member that is being written.
    pub(super) fn keep_scope_member(&mut self, text: &str) -> Result<(), Error> {
        let Some((number, _)) = self.scope_member else {
            return Ok(());
        };
        if self.scope_members[number].replace(text.into()).is_some() {
            let reason = "the member of the scope is there twice";
            return Err(Error::new(ErrorKind::InvalidScope, reason));
        }
        Ok(())
    }

    /// Ends the scope member that is being written, if there is one, and gives its name.
    pub(super) fn end_scope_member(&mut self) -> Option<String> {
        Some(self.scope_member.take()?.1)
    }

    /// The scope members of a payload that is written, in the order of their rules.
    pub(super) fn take_scope_members(&mut self) -> Vec<Option<String>> {
        mem::take(&mut self.scope_members)
    }

    /// The number of a place on the allow-list that is not there.
    pub(super) fn absent(&self) -> Option<usize> {
        self.present.iter().position(|is_present| !is_present)
    }

    /// Whether an empty value is the payload as a whole, which exclusions have emptied.
    pub(super) fn have_emptied(&self, value: Option<&Node>) -> bool {
        self.has_left_out && value.is_some_and(|node| node.is_root)
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
