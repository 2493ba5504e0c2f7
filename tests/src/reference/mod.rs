//! An independent canonicalizer of JSON text: slow and plain, and written from `agentidemp/FORMAT.md`
//! alone. It uses neither `agentidemp` nor serde_json nor any library of RFC 8785, so that the tests
//! can hold all of these against it.
//!
//! It goes in three steps, each in a module: `parse` makes a tree of the text, [`rules`] take out of
//! the tree what does not count, and `write` makes canonical text of what is left. How a number is
//! written, and whether its text is that of its double, is in [`number`].

pub mod number;
mod parse;
pub mod rules;
mod write;

pub use self::rules::{Path, Rules};

/// The canonical form of what the rules leave of a JSON text.
///
/// # Errors
///
/// All that is wrong with it, in the order of the text. Where the text is not JSON, that alone: what
/// else would be wrong with it is not looked for. What the rules leave out is JSON and no more: half a
/// surrogate pair in it is no fault, nor are two members of one name.
pub fn canonical(body: &[u8], rules: &Rules) -> Result<String, Vec<Fault>> {
    let tree = parse::parse(body).map_err(|fault| vec![fault])?;
    let tree = rules::apply(rules, tree)?;
    write::write(&tree)
}

/// The canonical form of a JSON text as a whole.
///
/// # Errors
///
/// As [`canonical`].
pub fn canonical_text(body: &[u8]) -> Result<String, Vec<Fault>> {
    canonical(body, &Rules::default())
}

/// How many objects and arrays are open at the innermost place of a JSON text; none, where it is not
/// JSON or nests too deep.
#[must_use]
pub fn depth(body: &[u8]) -> Option<usize> {
    parse::parse(body).ok().as_ref().map(Node::depth)
}

/// The JSON Pointer (RFC 6901) to the value, or the member, that begins at a place in a JSON text.
#[must_use]
pub fn pointer(body: &[u8], offset: usize) -> Option<String> {
    parse::parse(body).ok()?.pointer(offset)
}

/// Why a body has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The place in the body, in bytes.
    pub offset: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is not JSON (RFC 8259), at the first byte that no JSON text has after those before it; but a
    /// word, an escape and a character in UTF-8 that there is not are named by their first byte.
    InvalidJson,
    /// There is half a surrogate pair, which no UTF-8 stands for (RFC 7493 section 2.1), at the `\` of
    /// its escape.
    LoneSurrogate,
    /// An object or array is within 128 others, at its bracket.
    TooDeep,
    /// The number is beyond the range of a double, at its first byte.
    NotFinite,
    /// The number is a decimal that its double does not stand for, at its first byte.
    Imprecise,
    /// There is a member of that name in the object already, at the quotation mark before the name.
    DuplicateMember,
    /// The rules leave nothing, at the bracket of the payload.
    NothingLeft,
    /// What should be a set is neither an array nor `null`, at its first byte.
    NotASet,
    /// What should hold JSON text is no string, or the text is not JSON, at the first byte of the value.
    NotJsonText,
    /// What alone should count is not there, at the first byte of the payload.
    Absent,
}

impl Kind {
    /// Whether nothing is known of what comes after it.
    #[must_use]
    pub fn ends_reading(self) -> bool {
        matches!(self, Self::InvalidJson | Self::TooDeep)
    }
}

/// A value, and where in the body it begins.
#[derive(Debug, Clone)]
struct Node {
    offset: usize,
    value: Value,
}

impl Node {
    fn depth(&self) -> usize {
        match &self.value {
            Value::Array(elements) | Value::Set(elements) => {
                1 + elements.iter().map(Self::depth).max().unwrap_or_default()
            }
            Value::Object(members) => {
                let values = members.iter().map(|member| &member.value);
                1 + values.map(Self::depth).max().unwrap_or_default()
            }
            _ => 0,
        }
    }

    fn pointer(&self, offset: usize) -> Option<String> {
        let within = |node: &Self, segment: String| {
            let rest = node.pointer(offset)?;
            Some(format!("/{segment}{rest}"))
        };
        match &self.value {
            _ if self.offset == offset => Some(String::new()),
            Value::Array(elements) | Value::Set(elements) => {
                let mut elements = elements.iter().enumerate();
                elements.find_map(|(index, element)| within(element, index.to_string()))
            }
            Value::Object(members) => members.iter().find_map(|member| {
                let name = String::from_utf16_lossy(&member.name.units);
                let segment = name.replace('~', "~0").replace('/', "~1");
                if member.offset == offset {
                    return Some(format!("/{segment}"));
                }
                within(&member.value, segment)
            }),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
enum Value {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    String(Text),
    Array(Vec<Node>),
    /// An array whose order means nothing.
    Set(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone)]
struct Member {
    /// Where its name begins.
    offset: usize,
    name: Text,
    value: Node,
}

/// A string in UTF-16, in which JSON's escapes are. It can hold half a surrogate pair.
#[derive(Debug, Clone)]
struct Text {
    units: Vec<u16>,
    /// Where the first half of a pair without its other half is.
    half: Option<usize>,
}
