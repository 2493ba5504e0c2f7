//! The rules of an identity as FORMAT.md section 6.1 says them, step by step: slow and plain. They edit
//! a `serde_json::Value`, of which a library of RFC 8785 then makes text.

use agentidemp::ErrorKind;
use serde_json::{Map, Value};

use crate::jcs;

const LEVELS: usize = 128;

/// The document of an identity.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    pub(super) exclude: Vec<String>,
    pub(super) exclude_everywhere: Vec<String>,
    pub(super) only: Vec<String>,
    pub(super) unordered: Vec<String>,
    pub(super) json: Vec<String>,
    pub(super) scope: Vec<String>,
    pub(super) scope_field: Vec<(String, String)>,
    pub(super) scope_member: Vec<(String, String)>,
}

impl Document {
    /// What is wrong with it, whatever the payloads are.
    pub(super) fn mistakes(&self) -> Vec<ErrorKind> {
        let mut mistakes = Vec::new();
        let paths = self.exclude.iter().filter(|path| path.contains('/'));
        let members = self.scope_member.iter().map(|(_, pointer)| pointer);
        let lists = [&self.only, &self.unordered, &self.json];
        let pointers = lists.into_iter().flatten().chain(paths).chain(members);
        if pointers.clone().any(|pointer| segments(pointer).is_none()) {
            mistakes.push(ErrorKind::InvalidPointer);
        }
        if self.exclude.iter().any(String::is_empty) {
            mistakes.push(ErrorKind::NothingLeft);
        }
        let is_operation = |name: &String| !name.is_empty() && !name.contains([':', '%', '>']);
        let is_label = |label: &&String| !label.is_empty() && !label.contains([':', '%']);
        let labels: Vec<_> = self.labels().collect();
        let are_unique = labels
            .iter()
            .enumerate()
            .all(|(at, label)| !labels[..at].contains(label));
        if !self.scope.iter().all(is_operation)
            || !labels.iter().all(is_label)
            || !are_unique
            || self.have_members_in_common()
        {
            mistakes.push(ErrorKind::InvalidScope);
        }
        mistakes
    }

    fn labels(&self) -> impl Iterator<Item = &String> {
        let fields = self.scope_field.iter().map(|(label, _)| label);
        fields.chain(self.scope_member.iter().map(|(label, _)| label))
    }

    /// Whether two scope members can be one value.
    fn have_members_in_common(&self) -> bool {
        let pointers = self
            .scope_member
            .iter()
            .map(|(_, pointer)| segments(pointer));
        let pointers: Vec<_> = pointers.flatten().collect();
        let meet = |one: &Vec<Segment>, other: &Vec<Segment>| {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(a, b)| a.is_none() || b.is_none() || a == b)
        };
        let mut pairs = pointers.iter().enumerate();
        pairs.any(|(at, one)| pointers[..at].iter().any(|other| meet(one, other)))
    }

    fn pointers(list: &[String]) -> Vec<Vec<Segment>> {
        list.iter()
            .filter_map(|pointer| segments(pointer))
            .collect()
    }
}

/// A name, or none for `*`.
type Segment = Option<String>;

fn segments(pointer: &str) -> Option<Vec<Segment>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let segments = pointer.strip_prefix('/')?.split('/');
    let read = |segment: &str| match segment {
        "*" => Some(None),
        "**" => None,
        _ => {
            let is_escaped = segment.replace("~0", "").replace("~1", "");
            let name = segment.replace("~1", "/").replace("~0", "~");
            (!is_escaped.contains('~')).then_some(Some(name))
        }
    };
    segments.map(read).collect()
}

/// As [`canonical`], of a payload that is only a body: it is read as a whole, also what is left out of it.
pub(super) fn canonical_of_body(
    document: &Document,
    payload: &Value,
) -> Result<String, Vec<ErrorKind>> {
    if depth(payload) <= LEVELS {
        return canonical(document, payload);
    }
    let mut errors = document.mistakes();
    errors.push(ErrorKind::TooDeep);
    Err(errors)
}

/// The canonical bytes of what the document leaves of a payload, or all that is wrong.
pub(super) fn canonical(document: &Document, payload: &Value) -> Result<String, Vec<ErrorKind>> {
    let mut errors = document.mistakes();
    let mut walk = Walk::new(document);
    let left = walk.value(payload.clone(), &mut Vec::new(), false);
    walk.check(&left);
    errors.append(&mut walk.errors);
    if depth(&left) > LEVELS {
        errors.push(ErrorKind::TooDeep);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let fields = document.scope_field.iter().cloned().chain(
        walk.members
            .iter()
            .flat_map(|(label, values)| values.iter().map(|value| (label.clone(), value.clone()))),
    );
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(label, _)| label.encode_utf16().collect::<Vec<_>>());
    let mut text = String::new();
    if !document.scope.is_empty() {
        text += &(document.scope.join(">") + ":");
    }
    for (label, value) in fields {
        text += &format!("{label}:{}:", value.replace('%', "%25").replace(':', "%3A"));
    }
    Ok(text + &jcs_of(&left))
}

fn jcs_of(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).expect("it holds finite numbers alone")
}

struct Walk<'d> {
    document: &'d Document,
    exclude: Vec<Vec<Segment>>,
    only: Vec<Vec<Segment>>,
    unordered: Vec<Vec<Segment>>,
    json: Vec<Vec<Segment>>,
    scope_member: Vec<(String, Vec<Segment>)>,
    /// Which of `only` are there.
    present: Vec<bool>,
    /// Labels, and the values that were found for them.
    members: Vec<(String, Vec<String>)>,
    /// Whether a member or element of the payload itself was left out.
    is_cut: bool,
    errors: Vec<ErrorKind>,
}

impl<'d> Walk<'d> {
    fn new(document: &'d Document) -> Self {
        let paths = document.exclude.iter().filter(|path| path.contains('/'));
        let members = document.scope_member.iter();
        Self {
            document,
            exclude: paths.filter_map(|path| segments(path)).collect(),
            only: Document::pointers(&document.only),
            unordered: Document::pointers(&document.unordered),
            json: Document::pointers(&document.json),
            scope_member: members
                .clone()
                .filter_map(|(label, pointer)| Some((label.clone(), segments(pointer)?)))
                .collect(),
            present: vec![false; document.only.len()],
            members: members
                .map(|(label, _)| (label.clone(), Vec::new()))
                .collect(),
            is_cut: false,
            errors: Vec::new(),
        }
    }

    /// Steps 3.3 to 3.7, for a value that stays.
    fn value(&mut self, value: Value, place: &mut Vec<String>, listed: bool) -> Value {
        let listed = listed || self.only.iter().any(|pointer| leads_to(pointer, place));
        for (pointer, present) in self.only.iter().zip(&mut self.present) {
            let fixed: Vec<_> = pointer
                .iter()
                .take_while(|segment| segment.is_some())
                .cloned()
                .collect();
            *present |= leads_to(&fixed, place);
        }
        let value = if leads_to_any(&self.json, place) {
            self.held(value, place.len())
        } else {
            value
        };
        let is_set = leads_to_any(&self.unordered, place);
        match value {
            Value::Array(elements) => {
                let mut left = self.elements(elements, place, listed);
                if is_set {
                    left.sort_by_key(jcs_of);
                }
                Value::Array(left)
            }
            Value::Null => Value::Null,
            _ if is_set => self.fail(ErrorKind::NotAnArray),
            Value::Object(members) => self.object(members, place, listed),
            scalar => scalar,
        }
    }

    fn fail(&mut self, kind: ErrorKind) -> Value {
        self.errors.push(kind);
        Value::Null
    }

    fn held(&mut self, value: Value, levels: usize) -> Value {
        let text = match value {
            Value::Null => return Value::Null,
            Value::String(text) => text,
            _ => return self.fail(ErrorKind::InvalidJson),
        };
        match serde_json::from_str::<Value>(&text) {
            Err(_) | Ok(Value::Null) => self.fail(ErrorKind::InvalidJson),
            Ok(_) if jcs::has_twins(&text) => self.fail(ErrorKind::DuplicateMember),
            Ok(value) if depth(&value) + levels > LEVELS => self.fail(ErrorKind::TooDeep),
            Ok(value) => value,
        }
    }

    fn elements(
        &mut self,
        elements: Vec<Value>,
        place: &mut Vec<String>,
        listed: bool,
    ) -> Vec<Value> {
        let elements = elements.into_iter().enumerate();
        elements
            .filter_map(|(index, element)| {
                place.push(index.to_string());
                let left = self.part(element, place, listed);
                place.pop();
                left
            })
            .collect()
    }

    fn object(
        &mut self,
        members: Map<String, Value>,
        place: &mut Vec<String>,
        listed: bool,
    ) -> Value {
        let mut left = Map::new();
        for (name, value) in members {
            let is_excluded = self.document.exclude_everywhere.contains(&name)
                || place.is_empty() && self.document.exclude.contains(&name) && !name.contains('/');
            if is_excluded {
                self.is_cut |= place.is_empty();
                continue;
            }
            place.push(name.clone());
            if let Some(value) = self.part(value, place, listed) {
                left.insert(name, value);
            }
            place.pop();
        }
        Value::Object(left)
    }

    /// Steps 3.1 and 3.2 for a member or element, and then what is left of it.
    fn part(&mut self, value: Value, place: &mut Vec<String>, listed: bool) -> Option<Value> {
        let members = self.scope_member.iter().map(|(_, pointer)| pointer);
        let mut wanted = self.only.iter().chain(members);
        let counts =
            self.only.is_empty() || listed || wanted.any(|pointer| leads_towards(pointer, place));
        if leads_to_any(&self.exclude, place) || !counts {
            self.is_cut |= place.len() == 1;
            return None;
        }
        let mut members = self.scope_member.iter();
        if let Some(at) = members.position(|(_, pointer)| leads_to(pointer, place)) {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(value) => value.to_string(),
                Value::Number(number) if !number.is_f64() => number.to_string(),
                _ => {
                    self.errors.push(ErrorKind::InvalidScope);
                    return None;
                }
            };
            self.members[at].1.push(text);
            return None;
        }
        Some(self.value(value, place, listed))
    }

    /// Step 4.
    fn check(&mut self, left: &Value) {
        let mut found = self.members.iter().map(|(_, values)| values.len());
        if self.present.contains(&false) || found.clone().any(|count| count == 0) {
            self.errors.push(ErrorKind::Absent);
        }
        if found.any(|count| count > 1) {
            self.errors.push(ErrorKind::InvalidScope);
        }
        let is_empty = match left {
            Value::Array(elements) => elements.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if self.is_cut && is_empty {
            self.errors.push(ErrorKind::NothingLeft);
        }
    }
}

fn leads_to(pointer: &[Segment], place: &[String]) -> bool {
    pointer.len() == place.len() && leads_towards(pointer, place)
}

fn leads_to_any(pointers: &[Vec<Segment>], place: &[String]) -> bool {
    pointers.iter().any(|pointer| leads_to(pointer, place))
}

/// Whether the first segments of the pointer, as many as there are of the place, lead to it.
fn leads_towards(pointer: &[Segment], place: &[String]) -> bool {
    let fits = |(segment, at): (&Segment, &String)| segment.as_ref().is_none_or(|name| name == at);
    pointer.len() >= place.len() && pointer.iter().zip(place).all(fits)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
