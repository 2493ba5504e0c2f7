//! What should come of a request.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{End, Level, Member, Node, Part, Request, Shown, Step};

/// What comes of a request.
#[derive(Debug)]
pub(super) enum Outcome {
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
pub(super) struct Model {
    /// Whether the contract was broken or a value refused, which nothing mends.
    is_refused: bool,
}

impl Model {
    pub(super) fn request(&mut self, request: &Request) -> Outcome {
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

    /// A payload alone, by its `Serialize`.
    pub(super) fn serialized_payload(&mut self, payload: &Node) -> Outcome {
        self.request_of(|model| model.serialized(payload, Place::Value))
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
