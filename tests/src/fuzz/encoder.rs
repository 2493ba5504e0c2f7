//! Requests that are written by hand, with misuse and caught panics, against a model of what they write.
//!
//! The model says of each request one of three things: its text, that it has no key, or that its own
//! panic comes out. A request that is misused has no key, whatever else it does.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, IdempotencyKey, Identity, Scope, sha256_hex};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use super::source::Source;

/// A request has the text that the model says, or none.
pub(super) fn encoder(data: &[u8]) {
    let source = &mut Source::new(data);
    let request = Request {
        scope: level(source, 2),
        payload: node(source, 5),
    };
    assert_as_modelled(&request);
    // By its `Serialize` alone, which can do less.
    let mut model = Model::default();
    let expected = model.request_of(|model| model.serialized(&request.payload, Place::Value));
    let outcome = caught(|| Identity::new().canonical_bytes(&request.payload).ok());
    assert_outcome(outcome, &expected, &request);
}

fn assert_as_modelled(request: &Request) {
    let expected = Model::default().request(request);
    let outcome = caught(|| request.try_canonical_bytes().ok());
    assert_outcome(outcome, &expected, request);
    let key = caught(|| request.try_idempotency_key().ok());
    let expected_key = match &expected {
        Outcome::Text(text) => Some(sha256_hex(text.as_bytes())),
        _ => None,
    };
    assert_eq!(key.flatten(), expected_key, "{request:?}");
}

fn assert_outcome(outcome: Option<Option<Vec<u8>>>, expected: &Outcome, request: &Request) {
    let outcome =
        outcome.map(|bytes| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let is_as_expected = match (&outcome, expected) {
        (Some(Some(text)), Outcome::Text(expected)) => text == expected,
        (Some(None), Outcome::Refused | Outcome::RefusedOrPanicked) => true,
        (None, Outcome::Panicked | Outcome::RefusedOrPanicked) => true,
        _ => false,
    };
    assert!(is_as_expected, "{request:?}\n{outcome:?}\n{expected:?}");
}

/// None where it panics. The panics here are no messages for people, and no hook hears of them.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What marks a panic as one on purpose.
struct OnPurpose;

fn panic_on_purpose() -> ! {
    resume_unwind(Box::new(OnPurpose))
}

/// As [`caught`], and a panic that is not on purpose goes on.
fn caught_on_purpose<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Some(value),
        Err(payload) if payload.is::<OnPurpose>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

#[derive(Debug)]
struct Request {
    scope: Level,
    payload: Node,
}

/// What is called on the encoder for one value.
#[derive(Debug)]
enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    NotFinite,
    Text(String),
    Display(Shown),
    Optional(Option<Box<Node>>),
    Array(Vec<Step<Node>>),
    Set(Vec<Step<Node>>),
    Object(Vec<Step<Member>>),
    /// The payload of a request within.
    OfValue(Value),
    /// By its `Serialize`.
    Serialized(Box<Node>),
    /// Any number of values, where there should be one.
    Values(Vec<Node>),
    /// An object, array or set that is not finished.
    Unfinished(Box<Node>),
    Refused,
    Panics,
    Caught(Box<Node>),
}

#[derive(Debug)]
enum Member {
    Named(String, Node),
    Entry(Node, Node),
    Flattened(Node),
}

/// A call on a builder, whose panic is caught or not.
#[derive(Debug)]
struct Step<T> {
    is_caught: bool,
    what: T,
}

/// A text in pieces, which may end in an error or a panic.
#[derive(Debug)]
struct Shown {
    pieces: Vec<String>,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    Error,
    Panic,
}

/// The scope of a request, or of one within it.
#[derive(Debug)]
struct Level {
    parts: Vec<Step<Part>>,
}

#[derive(Debug)]
enum Part {
    Operation(String),
    Within(Level),
    Field(&'static str, Shown),
    Panics,
}

fn node(source: &mut Source<'_>, levels: usize) -> Node {
    let inner = |source: &mut Source<'_>| Box::new(node(source, levels.saturating_sub(1)));
    match source.below(if levels == 0 { 10 } else { 28 }) {
        0 => Node::Null,
        1 => Node::Bool(true),
        2 | 3 => Node::Integer(source.integer()),
        4 => Node::Float(source.float()),
        5..8 => Node::Text(source.text()),
        8 => Node::Display(shown(source)),
        9 => match source.below(24) {
            0 => Node::NotFinite,
            1 => Node::Refused,
            2 | 3 => Node::Panics,
            4 => Node::Values(Vec::new()),
            _ => Node::OfValue(source.value(2)),
        },
        10..13 => Node::Array(source.many(4, |source| step(source, |source| *inner(source)))),
        13..15 => Node::Set(source.many(4, |source| step(source, |source| *inner(source)))),
        15..22 => Node::Object(source.many(4, |source| {
            step(source, |source| member(source, levels - 1))
        })),
        22 => Node::Optional(source.once_in(2).then(|| inner(source))),
        23 => Node::Serialized(inner(source)),
        24 | 25 => Node::Caught(inner(source)),
        26 => match source.below(8) {
            0 => Node::Unfinished(inner(source)),
            _ => Node::Values(source.many(2, |source| *inner(source))),
        },
        // The value, and a fallback where it panics.
        _ => Node::Values(vec![Node::Caught(inner(source)), Node::Values(Vec::new())]),
    }
}

fn member(source: &mut Source<'_>, levels: usize) -> Member {
    match source.below(8) {
        0 => Member::Entry(node(source, 0), node(source, levels)),
        1 | 2 => Member::Flattened(node(source, levels)),
        _ => Member::Named(source.name(), node(source, levels)),
    }
}

fn step<T>(source: &mut Source<'_>, make: impl FnOnce(&mut Source<'_>) -> T) -> Step<T> {
    Step {
        is_caught: source.once_in(6),
        what: make(source),
    }
}

fn shown(source: &mut Source<'_>) -> Shown {
    let end = match source.below(16) {
        0 => End::Error,
        1 => End::Panic,
        _ => End::Well,
    };
    Shown {
        pieces: source.many(2, Source::text),
        end,
    }
}

const LABELS: &[&str] = &["a", "b", "user", "\u{fb33}", "\u{1f600}", "", "a:"];

fn level(source: &mut Source<'_>, levels: usize) -> Level {
    let part = |source: &mut Source<'_>| match source.below(8) {
        0..2 => Part::Operation(source.pick(&["a", "b.c", "d", "{", "", "a:"]).to_owned()),
        2..5 if levels > 0 => Part::Within(level(source, levels - 1)),
        5 if source.once_in(2) => Part::Panics,
        _ => Part::Field(source.pick(LABELS), shown(source)),
    };
    Level {
        parts: source.many(3, |source| step(source, part)),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            f.write_str(piece)?;
        }
        match self.end {
            End::Well => Ok(()),
            End::Error => Err(fmt::Error),
            End::Panic => panic_on_purpose(),
        }
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }
}

impl Eq for Shown {}

/// Does a call, and goes on after it where it says so.
fn take<T>(step: &Step<T>, call: impl FnOnce(&T)) {
    if step.is_caught {
        let _ = caught_on_purpose(|| call(&step.what));
    } else {
        call(&step.what);
    }
}

impl Canonical for Node {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::Null => ().encode(out),
            Self::Bool(value) => value.encode(out),
            Self::Integer(value) => value.encode(out),
            Self::Float(value) => value.encode(out),
            Self::NotFinite => f64::NAN.encode(out),
            Self::Text(text) => text.encode(out),
            Self::Display(shown) => out.display(shown),
            Self::Optional(value) => value.encode(out),
            Self::Array(_) | Self::Set(_) | Self::Object(_) => build(self, out, true),
            Self::OfValue(value) => Identity::new().of(value).encode(out),
            Self::Serialized(node) => agentidemp::by_serialize::encode(node, out),
            Self::Values(nodes) => nodes.iter().for_each(|node| node.encode(out)),
            Self::Unfinished(node) => build(node, out, false),
            Self::Refused => out.refuse("refused"),
            Self::Panics => panic_on_purpose(),
            Self::Caught(node) => {
                let _ = caught_on_purpose(|| node.encode(out));
            }
        }
    }
}

/// Writes an object, array or set, and finishes it or not.
fn build(node: &Node, out: &mut Encoder<'_>, is_finished: bool) {
    macro_rules! built {
        ($builder:expr, $steps:expr, $call:expr) => {{
            let mut builder = $builder;
            for step in $steps {
                take(step, |what| $call(&mut builder, what));
            }
            if is_finished {
                builder.finish();
            }
        }};
    }
    match node {
        Node::Array(steps) => built!(
            out.array(),
            steps,
            |array: &mut agentidemp::canonical::Array<'_, '_>, node| {
                array.element(node);
            }
        ),
        Node::Set(steps) => built!(
            out.set(),
            steps,
            |set: &mut agentidemp::canonical::Set<'_, '_>, node| {
                set.element(node);
            }
        ),
        Node::Object(steps) => {
            built!(
                out.object(),
                steps,
                |object: &mut agentidemp::canonical::Object<'_, '_>, member: &Member| {
                    match member {
                        Member::Named(name, value) => object.member(name, value),
                        Member::Entry(name, value) => object.entry(name, value),
                        Member::Flattened(value) => object.flatten(value),
                    };
                }
            );
        }
        // There is nothing that could stay open.
        scalar => scalar.encode(out),
    }
}

impl Canonical for Request {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.payload.encode(out);
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        self.scope.encode_scope(scope);
    }
}

impl IdempotencyKey for Request {}

impl Canonical for Level {
    fn encode(&self, out: &mut Encoder<'_>) {
        ().encode(out);
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        for step in &self.parts {
            let call = |scope: &mut Scope<'_, '_>| match &step.what {
                Part::Operation(name) => drop(scope.operation(name)),
                Part::Within(level) => drop(scope.delegate(level)),
                Part::Field(label, value) => drop(scope.field(label, value)),
                Part::Panics => panic_on_purpose(),
            };
            if step.is_caught {
                let _ = caught_on_purpose(|| call(scope));
            } else {
                call(scope);
            }
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::NotFinite => serializer.serialize_f64(f64::INFINITY),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Display(shown) => serializer.collect_str(shown),
            Self::Optional(value) => value.serialize(serializer),
            Self::Array(steps) | Self::Set(steps) => {
                let mut sequence = serializer.serialize_seq(None)?;
                for step in steps {
                    let mut result = Ok(());
                    take(step, |node| result = sequence.serialize_element(node));
                    // An error that is caught is not gone.
                    if !step.is_caught {
                        result?;
                    }
                }
                sequence.end()
            }
            Self::Object(steps) => {
                let mut map = serializer.serialize_map(None)?;
                for step in steps {
                    let mut result = Ok(());
                    take(step, |member| result = serialize_member(member, &mut map));
                    if !step.is_caught {
                        result?;
                    }
                }
                map.end()
            }
            Self::OfValue(value) => value.serialize(serializer),
            Self::Serialized(node) => node.serialize(serializer),
            Self::Unfinished(_) => {
                let map = serializer.serialize_map(None)?;
                drop(map);
                Err(S::Error::custom("it is not finished"))
            }
            Self::Values(_) | Self::Refused => Err(S::Error::custom("refused")),
            Self::Panics => panic_on_purpose(),
            Self::Caught(node) => node.serialize(serializer),
        }
    }
}

fn serialize_member<M: SerializeMap>(member: &Member, map: &mut M) -> Result<(), M::Error> {
    match member {
        Member::Named(name, value) => map.serialize_entry(name, value),
        Member::Entry(name, value) => {
            map.serialize_key(name)?;
            map.serialize_value(value)
        }
        // A name without a value.
        Member::Flattened(value) => map.serialize_key(value),
    }
}

/// What comes of a request.
#[derive(Debug)]
enum Outcome {
    Text(String),
    Refused,
    Panicked,
    /// After a refusal, nothing says whether what comes next is called at all.
    RefusedOrPanicked,
}

/// Where a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Value,
    Name,
    /// The members of the object around it.
    Members,
}

/// The value that was written, if one was.
type Written = Option<Value>;

/// A panic on its way out, and what was written before it.
struct Panicking(Written);

#[derive(Debug, Default)]
struct Model {
    /// Whether the contract was broken or a value refused, which nothing mends.
    is_refused: bool,
}

impl Model {
    fn request(&mut self, request: &Request) -> Outcome {
        let mut scope = ScopeText::default();
        let is_scoped = self.level(&request.scope, &mut scope);
        let prefix = scope.text();
        match (is_scoped, prefix) {
            (Ok(_), prefix) => {
                match self.request_of(|model| model.node(&request.payload, Place::Value)) {
                    Outcome::Text(text) => Outcome::Text(prefix + &text),
                    outcome => outcome,
                }
            }
            (Err(_), _) if self.is_refused => Outcome::RefusedOrPanicked,
            (Err(_), _) => Outcome::Panicked,
        }
    }

    fn request_of(
        &mut self,
        payload: impl FnOnce(&mut Self) -> Result<Written, Panicking>,
    ) -> Outcome {
        let payload = payload(self);
        match payload {
            Err(_) if self.is_refused => Outcome::RefusedOrPanicked,
            Err(_) => Outcome::Panicked,
            // A panic may have come before the refusal was seen.
            _ if self.is_refused => Outcome::RefusedOrPanicked,
            Ok(None) => Outcome::Refused,
            Ok(Some(value)) => Outcome::Text(jcs_of(&value)),
        }
    }

    fn refuse<T>(&mut self) -> Result<Option<T>, Panicking> {
        self.is_refused = true;
        Ok(None)
    }

    fn node(&mut self, node: &Node, place: Place) -> Result<Written, Panicking> {
        match node {
            Node::Null => self.put(Value::Null, place),
            Node::Bool(value) => self.put((*value).into(), place),
            Node::Integer(value) => self.put((*value).into(), place),
            Node::Float(value) => self.put((*value).into(), place),
            Node::NotFinite | Node::Refused => self.refuse(),
            Node::Text(text) => self.put(text.clone().into(), place),
            Node::Display(shown) => self.shown(shown, place),
            Node::Optional(_) if place == Place::Name => self.refuse(),
            Node::Optional(None) => self.put(Value::Null, place),
            Node::Optional(Some(node)) => self.node(node, place),
            Node::Array(steps) => {
                let elements = self.elements(steps, Self::node)?;
                self.put(elements.into(), place)
            }
            Node::Set(steps) => {
                let mut elements = self.elements(steps, Self::node)?;
                elements.sort_by_key(jcs_of);
                self.put(elements.into(), place)
            }
            Node::Object(steps) => {
                let members = self.members(steps)?;
                self.put(members.into(), place)
            }
            Node::OfValue(_) if place != Place::Value => self.refuse(),
            Node::OfValue(value) => self.put(value.clone(), place),
            Node::Serialized(node) => self.serialized(node, place),
            Node::Values(nodes) => {
                let mut written = None;
                for node in nodes {
                    let (value, is_panicking) = match self.node(node, place) {
                        Ok(value) => (value, false),
                        Err(Panicking(value)) => (value, true),
                    };
                    self.is_refused |= written.is_some() && value.is_some();
                    written = written.or(value);
                    if is_panicking {
                        return Err(Panicking(written));
                    }
                }
                Ok(written)
            }
            Node::Unfinished(node) => {
                let is_open = matches!(**node, Node::Array(_) | Node::Set(_) | Node::Object(_));
                let written = self.node(node, place);
                self.is_refused |= is_open;
                written
            }
            Node::Panics => Err(Panicking(None)),
            Node::Caught(node) => self.caught(|model| model.node(node, place)),
        }
    }

    /// What was written before a panic stays. A builder that it leaves open is a misuse, and so is half a
    /// text; both have said so.
    fn caught(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<Written, Panicking>,
    ) -> Result<Written, Panicking> {
        Ok(run(self).unwrap_or_else(|Panicking(written)| written))
    }

    fn put(&mut self, value: Value, place: Place) -> Result<Written, Panicking> {
        let fits = match place {
            Place::Value => true,
            Place::Name => {
                value.is_string() || value.is_boolean() || value.is_i64() || value.is_u64()
            }
            Place::Members => value.is_null() || value.is_object(),
        };
        if fits { Ok(Some(value)) } else { self.refuse() }
    }

    fn shown(&mut self, shown: &Shown, place: Place) -> Result<Written, Panicking> {
        match shown.end {
            End::Well => self.put(shown.pieces.concat().into(), place),
            End::Error => self.refuse(),
            End::Panic => {
                self.is_refused = true;
                Err(Panicking(None))
            }
        }
    }

    /// Whatever happens within a builder before it is finished leaves it open.
    fn open<T>(
        &mut self,
        result: Result<T, Panicking>,
        is_caught: bool,
    ) -> Result<Option<T>, Panicking> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(_) => {
                self.is_refused = true;
                if is_caught {
                    Ok(None)
                } else {
                    Err(Panicking(None))
                }
            }
        }
    }

    fn elements(
        &mut self,
        steps: &[Step<Node>],
        write: impl Fn(&mut Self, &Node, Place) -> Result<Written, Panicking>,
    ) -> Result<Vec<Value>, Panicking> {
        let mut elements = Vec::new();
        for step in steps {
            let written = write(self, &step.what, Place::Value);
            match self.open(written, step.is_caught)? {
                Some(Some(value)) => elements.push(value),
                _ => self.is_refused = true,
            }
        }
        Ok(elements)
    }

    fn members(&mut self, steps: &[Step<Member>]) -> Result<Map<String, Value>, Panicking> {
        let mut members = Map::new();
        for step in steps {
            let written = self.member(&step.what);
            match self.open(written, step.is_caught)? {
                Some(Some(written)) => {
                    for (name, value) in written {
                        self.is_refused |= members.insert(name, value).is_some();
                    }
                }
                _ => self.is_refused = true,
            }
        }
        Ok(members)
    }

    fn member(&mut self, member: &Member) -> Result<Option<Vec<(String, Value)>>, Panicking> {
        let (name, value) = match member {
            Member::Named(name, value) => (Some(Value::from(name.clone())), value),
            Member::Entry(name, value) => (self.node(name, Place::Name)?, value),
            Member::Flattened(value) => {
                return Ok(match self.node(value, Place::Members)? {
                    Some(Value::Null) => Some(Vec::new()),
                    Some(Value::Object(members)) => Some(members.into_iter().collect()),
                    _ => None,
                });
            }
        };
        let name = name.map(name_of);
        let value = self.node(value, Place::Value)?;
        Ok(name.zip(value).map(|pair| vec![pair]))
    }

    /// By its `Serialize`, where an error ends all.
    fn serialized(&mut self, node: &Node, place: Place) -> Result<Written, Panicking> {
        match node {
            Node::Array(steps) | Node::Set(steps) => {
                let elements = self.elements(steps, Self::serialized)?;
                self.put(elements.into(), place)
            }
            Node::Object(steps) => {
                let mut members = Map::new();
                for step in steps {
                    let written = self.serialized_member(&step.what);
                    match self.open(written, step.is_caught)? {
                        Some(Some((name, value))) => {
                            self.is_refused |= members.insert(name, value).is_some();
                        }
                        _ => self.is_refused = true,
                    }
                }
                self.put(members.into(), place)
            }
            Node::Optional(_) if place == Place::Name => self.refuse(),
            Node::Optional(Some(node)) | Node::Serialized(node) | Node::Caught(node) => {
                self.serialized(node, place)
            }
            Node::OfValue(value) => self.put(value.clone(), place),
            Node::Values(_) | Node::Unfinished(_) => self.refuse(),
            scalar => self.node(scalar, place),
        }
    }

    fn serialized_member(&mut self, member: &Member) -> Result<Option<(String, Value)>, Panicking> {
        match member {
            Member::Named(name, value) => {
                let value = self.serialized(value, Place::Value)?;
                Ok(value.map(|value| (name.clone(), value)))
            }
            Member::Entry(name, value) => {
                let name = self.serialized(name, Place::Name)?;
                let value = self.serialized(value, Place::Value)?;
                Ok(name.map(name_of).zip(value))
            }
            Member::Flattened(name) => {
                self.serialized(name, Place::Name)?;
                self.refuse()
            }
        }
    }

    /// Writes a level of the scope, and says whether it has an operation.
    fn level(&mut self, level: &Level, scope: &mut ScopeText) -> Result<bool, Panicking> {
        let mut last: Option<&str> = None;
        let (mut is_first, mut has_own, mut has_within) = (true, false, false);
        for step in &level.parts {
            let part = self.part(&step.what, scope);
            match (&step.what, part) {
                (Part::Operation(_), _) => {
                    self.is_refused |= !is_first;
                    has_own = true;
                }
                (Part::Within(_), part) => {
                    self.is_refused |= last.is_some();
                    match part {
                        Ok(has_operation) => {
                            self.is_refused |= has_operation && has_within;
                            has_within |= has_operation;
                        }
                        Err(panicking) => {
                            self.is_refused = true;
                            if !step.is_caught {
                                return Err(panicking);
                            }
                        }
                    }
                }
                (Part::Field(label, _), part) => {
                    let in_order = last.is_none_or(|last| utf16(last) < utf16(label));
                    self.is_refused |= !in_order;
                    last = Some(label);
                    if !step.is_caught {
                        part?;
                    }
                }
                (Part::Panics, _) if step.is_caught => continue,
                (Part::Panics, _) => return Err(Panicking(None)),
            }
            is_first = false;
        }
        Ok(has_own || has_within)
    }

    fn part(&mut self, part: &Part, scope: &mut ScopeText) -> Result<bool, Panicking> {
        match part {
            Part::Operation(name) => {
                self.is_refused |= name.is_empty() || name.contains([':', '%', '>']);
                scope.operations.push(name.clone());
                Ok(true)
            }
            Part::Within(level) => self.level(level, scope),
            Part::Field(label, value) => {
                self.is_refused |= label.is_empty() || label.contains([':', '%']);
                let text = self.shown(value, Place::Value)?.unwrap_or_default();
                self.is_refused |= scope
                    .fields
                    .insert(utf16(label), ((*label).to_owned(), name_of(text)))
                    .is_some();
                Ok(false)
            }
            Part::Panics => Err(Panicking(None)),
        }
    }
}

#[derive(Debug, Default)]
struct ScopeText {
    operations: Vec<String>,
    fields: BTreeMap<Vec<u16>, (String, String)>,
}

impl ScopeText {
    fn text(&self) -> String {
        let operations = self.operations.join(">");
        let fields = self.fields.values().map(|(label, value)| {
            let value = value.replace('%', "%25").replace(':', "%3A");
            format!("{label}:{value}:")
        });
        let is_named = !self.operations.is_empty();
        let operations = if is_named {
            operations + ":"
        } else {
            operations
        };
        operations + &fields.collect::<String>()
    }
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The name that a string, bool or integer is.
fn name_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn jcs_of(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).expect("it holds finite numbers alone")
}
