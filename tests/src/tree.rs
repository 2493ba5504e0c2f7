//! [`Tree`]: an arbitrary value that uses all that the encoder has, and a second, naive way to its
//! canonical form.

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, IdempotencyKey};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

/// An arbitrary value. What is not said to be a derived type is written by hand.
#[derive(Debug, Clone)]
pub enum Tree {
    Null,
    Bool(bool),
    /// Within ±(2^53 - 1), where RFC 8785 and exact digits agree.
    Integer(i64),
    Float(f64),
    Text(String),
    /// A string that comes in pieces, by its `Display`.
    Display(Vec<String>),
    Array(Vec<Tree>),
    Set(Vec<Tree>),
    Object(Members),
    /// A derived struct, whose members are in order at compile time.
    Struct(Box<[Tree; 2]>),
    /// A derived struct with flattened members; the names in it are unlike those of the struct.
    Flatten(Box<Tree>, Members),
    /// A variant of a derived enum.
    Variant(Box<Tree>),
}

/// Members of different names, in any order.
pub type Members = Vec<(String, Tree)>;

#[derive(IdempotencyKey)]
struct Pair<'a> {
    second: &'a Tree,
    first: &'a Tree,
}

#[derive(IdempotencyKey)]
struct Flattened<'a> {
    #[serde(flatten)]
    members: Object<'a>,
    own: &'a Tree,
    #[serde(flatten)]
    nothing: Option<Pair<'a>>,
}

#[derive(IdempotencyKey)]
enum Choice<'a> {
    Tuple(&'a Tree, u8),
}

struct Object<'a>(&'a Members);

impl Canonical for Object<'_> {
    fn encode(&self, out: &mut Encoder<'_>) {
        let mut object = out.object();
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index % 2 == 0 {
                object.member(name, value);
            } else {
                object.entry(name, value);
            }
        }
        object.finish();
    }
}

/// Text whose `Display` writes it piece by piece.
struct Pieces<'a>(&'a [String]);

impl std::fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(piece))
    }
}

impl Canonical for Tree {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::Null => ().encode(out),
            Self::Bool(value) => value.encode(out),
            Self::Integer(value) => value.encode(out),
            Self::Float(value) => value.encode(out),
            Self::Text(value) => value.encode(out),
            Self::Display(pieces) => out.display(&Pieces(pieces)),
            Self::Array(elements) => elements.encode(out),
            Self::Set(elements) => {
                let mut set = out.set();
                for element in elements {
                    set.element(element);
                }
                set.finish();
            }
            Self::Object(members) => Object(members).encode(out),
            Self::Struct(pair) => Pair {
                first: &pair[0],
                second: &pair[1],
            }
            .encode(out),
            Self::Flatten(own, members) => Flattened {
                own,
                members: Object(members),
                nothing: None,
            }
            .encode(out),
            Self::Variant(content) => Choice::Tuple(content, 1).encode(out),
        }
    }
}

impl IdempotencyKey for Tree {}

impl Tree {
    /// The same value as plain JSON, in which the elements of sets are in order.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::from(*value),
            Self::Integer(value) => Value::from(*value),
            Self::Float(value) => Value::from(*value),
            Self::Text(value) => Value::from(value.as_str()),
            Self::Display(pieces) => Value::from(pieces.concat()),
            Self::Array(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Set(elements) => {
                let mut elements: Vec<_> = elements.iter().map(Self::to_json).collect();
                elements.sort_by_cached_key(|element| {
                    serde_json_canonicalizer::to_vec(element).expect("JSON has a canonical form")
                });
                Value::Array(elements)
            }
            Self::Object(members) => Value::Object(json_members(members)),
            Self::Struct(pair) => {
                serde_json::json!({"first": pair[0].to_json(), "second": pair[1].to_json()})
            }
            Self::Flatten(own, members) => {
                let mut object = json_members(members);
                object.insert("own".into(), own.to_json());
                Value::Object(object)
            }
            Self::Variant(content) => serde_json::json!({"Tuple": [content.to_json(), 1]}),
        }
    }

    /// The same value with the members of objects and the elements of sets in another order.
    #[must_use]
    pub fn shuffled(&self, by: usize) -> Self {
        let all = |elements: &[Self]| elements.iter().map(|tree| tree.shuffled(by)).collect();
        match self {
            Self::Array(elements) => Self::Array(all(elements)),
            Self::Set(elements) => Self::Set(rotated(all(elements), by)),
            Self::Object(members) => Self::Object(shuffled_members(members, by)),
            Self::Struct(pair) => {
                Self::Struct(Box::new([pair[0].shuffled(by), pair[1].shuffled(by)]))
            }
            Self::Flatten(own, members) => {
                Self::Flatten(Box::new(own.shuffled(by)), shuffled_members(members, by))
            }
            Self::Variant(content) => Self::Variant(Box::new(content.shuffled(by))),
            leaf => leaf.clone(),
        }
    }
}

fn json_members(members: &Members) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect()
}

fn shuffled_members(members: &Members, by: usize) -> Members {
    let shuffled = members
        .iter()
        .map(|(name, value)| (name.clone(), value.shuffled(by)));
    rotated(shuffled.collect(), by)
}

fn rotated<T>(mut items: Vec<T>, by: usize) -> Vec<T> {
    if !items.is_empty() {
        let middle = by % items.len();
        items.rotate_left(middle);
        items[middle..].reverse();
    }
    items
}

/// Strings with what is special to JSON, to UTF-16 order and to the scope.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{0,3}",
        4 => "[\"\\\\:%,{}\\[\\]0-2\u{0}-\u{20}\u{7f}\u{d7ff}\u{e000}\u{fb33}\u{ffff}\u{10000}\u{1f600}]{0,8}",
        1 => any::<String>(),
        // Around the encoder's block of 512 bytes.
        1 => (470_usize..560, any::<Index>(), prop_oneof!["\n", "\u{1f600}", "\u{1}", "é"])
            .prop_map(|(length, place, special)| {
                let mut text = "x".repeat(length);
                text.insert_str(place.index(length), &special);
                text
            }),
    ]
}

/// Floats that are finite: JSON has no others.
fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |value| value.is_finite()),
        (-1000_i32..1000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
    ]
}

fn integer() -> impl Strategy<Value = i64> {
    const MAX: i64 = (1 << 53) - 1;
    prop_oneof![-20..20_i64, -MAX..=MAX]
}

fn members(value: impl Strategy<Value = Tree>) -> impl Strategy<Value = Members> {
    btree_map(text(), value, 0..6)
        .prop_map(|members| members.into_iter().collect::<Members>())
        .prop_shuffle()
}

/// Arbitrary values, nested up to six levels deep.
pub fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        integer().prop_map(Tree::Integer),
        finite().prop_map(Tree::Float),
        text().prop_map(Tree::Text),
        vec(text(), 0..3).prop_map(Tree::Display),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..6).prop_map(Tree::Array),
            2 => vec(inner.clone(), 0..6).prop_map(Tree::Set),
            2 => members(inner.clone()).prop_map(Tree::Object),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::Struct(Box::new([a, b]))),
            2 => (inner.clone(), members(inner.clone()))
                .prop_map(|(own, members)| Tree::Flatten(Box::new(own), members)),
            1 => inner.prop_map(|content| Tree::Variant(Box::new(content))),
        ]
    })
}
