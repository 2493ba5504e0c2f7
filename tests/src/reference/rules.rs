//! What of a payload counts (FORMAT.md section 2.7), done to a tree: slow and plain.

use super::{Fault, Kind, Member, Node, Text, Value, parse};

/// What of a payload counts. Places are those in the payload as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What is left out.
    pub exclude: Vec<Path>,
    /// Names of members that are left out at every depth.
    pub exclude_everywhere: Vec<String>,
    /// If there are any: what alone is kept. Each of them leads somewhere.
    pub only: Vec<Path>,
    /// Arrays whose order means nothing.
    pub unordered: Vec<Path>,
    /// Strings that hold JSON text, which counts as the value that it is, and into which the other
    /// rules reach.
    pub json: Vec<Path>,
}

/// Where in a payload something is: any of the places that its segments fit.
#[derive(Debug, Clone)]
pub struct Path(Vec<String>);

impl Path {
    /// Reads a JSON Pointer (RFC 6901), or the name of a member of the payload.
    #[must_use]
    pub fn read(path: &str) -> Self {
        let Some(segments) = path.strip_prefix('/') else {
            return match path {
                "" => Self(Vec::new()),
                name => Self(vec![name.to_owned()]),
            };
        };
        let segments = segments.split('/');
        Self(
            segments
                .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// Whether the first segments of the path, as many as there are of the place, lead to it.
    fn leads_towards(&self, place: &[Segment]) -> bool {
        let mut pairs = self.0.iter().zip(place);
        place.len() <= self.0.len() && pairs.all(|(segment, at)| fits(segment, at))
    }

    fn leads_to(&self, place: &[Segment]) -> bool {
        self.0.len() == place.len() && self.leads_towards(place)
    }
}

/// The name of a member in UTF-16, or the index of an element in digits.
type Segment = Vec<u16>;

fn fits(segment: &str, at: &Segment) -> bool {
    segment == "*" || *at == utf16(segment)
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(super) fn apply(rules: &Rules, payload: Node) -> Result<Node, Vec<Fault>> {
    let offset = payload.offset;
    let was_empty = is_empty(&payload);
    let mut walk = Walk {
        rules,
        found: vec![false; rules.only.len()],
        faults: Vec::new(),
    };
    let left = walk.node(payload, &mut Vec::new(), rules.only.is_empty());
    if walk.found.contains(&false) {
        let kind = Kind::Absent;
        walk.faults.push(Fault { offset, kind });
    }
    walk.faults.sort_unstable();
    match left {
        _ if !walk.faults.is_empty() => Err(walk.faults),
        Some(left) if was_empty || !is_empty(&left) => Ok(left),
        _ => Err(vec![Fault {
            offset,
            kind: Kind::NothingLeft,
        }]),
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Array(elements) | Value::Set(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

struct Walk<'r> {
    rules: &'r Rules,
    /// Which paths of `only` have led somewhere.
    found: Vec<bool>,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    /// What is left of a value. `listed` says whether it counts as part of what `only` lists.
    fn node(&mut self, node: Node, place: &mut Vec<Segment>, mut listed: bool) -> Option<Node> {
        let leads_here = |paths: &[Path]| paths.iter().any(|path| path.leads_to(place));
        for (path, found) in self.rules.only.iter().zip(&mut self.found) {
            *found |= path.leads_to(place);
            listed |= path.leads_to(place);
        }
        let on_the_way = || self.rules.only.iter().any(|path| path.leads_towards(place));
        if leads_here(&self.rules.exclude) || !listed && !on_the_way() {
            return None;
        }
        let is_set = leads_here(&self.rules.unordered);
        let holds_json = leads_here(&self.rules.json);

        let Node { offset, mut value } = node;
        if holds_json {
            value = self.held(value, offset, place.len())?;
        }
        let value = match value {
            Value::Array(elements) => self.elements(elements, place, listed, is_set),
            value if is_set && !matches!(value, Value::Null) => {
                return self.fail(Kind::NotASet, offset);
            }
            Value::Object(members) => self.members(members, place, listed),
            scalar if listed => scalar,
            // A scalar has no parts that could be listed.
            _ => return None,
        };
        Some(Node { offset, value })
    }

    fn elements(
        &mut self,
        elements: Vec<Node>,
        place: &mut Vec<Segment>,
        listed: bool,
        is_set: bool,
    ) -> Value {
        let mut left = Vec::new();
        for (index, element) in elements.into_iter().enumerate() {
            place.push(utf16(&index.to_string()));
            left.extend(self.node(element, place, listed));
            place.pop();
        }
        if is_set {
            Value::Set(left)
        } else {
            Value::Array(left)
        }
    }

    fn members(&mut self, members: Vec<Member>, place: &mut Vec<Segment>, listed: bool) -> Value {
        let mut left = Vec::new();
        for member in members {
            if self.is_excluded_everywhere(&member.name) {
                continue;
            }
            place.push(member.name.units.clone());
            if let Some(value) = self.node(member.value, place, listed) {
                left.push(Member { value, ..member });
            }
            place.pop();
        }
        Value::Object(left)
    }

    fn is_excluded_everywhere(&self, name: &Text) -> bool {
        let mut names = self.rules.exclude_everywhere.iter();
        names.any(|excluded| utf16(excluded) == name.units)
    }

    /// The value that a string's text is, within so many objects and arrays. Its places are that of
    /// the string.
    fn held(&mut self, value: Value, offset: usize, within: usize) -> Option<Value> {
        let text = match value {
            Value::String(text) => String::from_utf16(&text.units).ok(),
            _ => None,
        };
        let node = text.and_then(|text| parse::parse(text.as_bytes()).ok());
        let Some(mut node) = node else {
            return self.fail(Kind::NotJsonText, offset);
        };
        if within + node.depth() > parse::DEPTH {
            return self.fail(Kind::TooDeep, offset);
        }
        move_to(&mut node, offset);
        Some(node.value)
    }

    fn fail<T>(&mut self, kind: Kind, offset: usize) -> Option<T> {
        self.faults.push(Fault { offset, kind });
        None
    }
}

fn move_to(node: &mut Node, offset: usize) {
    let move_text = |text: &mut Text| text.half = text.half.map(|_| offset);
    node.offset = offset;
    match &mut node.value {
        Value::String(text) => move_text(text),
        Value::Array(elements) | Value::Set(elements) => {
            elements
                .iter_mut()
                .for_each(|element| move_to(element, offset));
        }
        Value::Object(members) => {
            for member in members {
                member.offset = offset;
                move_text(&mut member.name);
                move_to(&mut member.value, offset);
            }
        }
        _ => {}
    }
}
