//! JSON texts that a reader must get right: [random values](value) and the many ways to
//! [spell](Json::spelled) them, texts that are [nearly JSON](nearly_valid) and [mutated]
//! bytes, and the [`cases`] that are written down.

pub mod cases;
pub mod number;

use std::env;
use std::fmt::Write;

use agentidemp::ErrorKind;
use fastrand::Rng;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::reference::Kind;
use crate::tree::text;

/// So many cases, unless `PROPTEST_CASES` says otherwise. A failure is not kept in a file: what it
/// shows belongs into the table of the cases.
#[must_use]
pub fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config
}

/// A value, of which the numbers are spelled already.
#[derive(Debug, Clone)]
pub enum Json {
    /// `null`, `true`, `false`, or a string with half a surrogate pair, as it is spelled.
    Verbatim(&'static str),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value as JSON text: 0 is the shortest one, and any other style has white space and escapes
    /// in it, wherever they may be.
    #[must_use]
    pub fn spelled(&self, style: u64) -> String {
        let mut printer = Printer {
            out: String::new(),
            rng: (style != 0).then(|| Rng::with_seed(style)),
        };
        printer.space();
        printer.value(self);
        printer.space();
        printer.out
    }

    /// The same value with its members in another order.
    #[must_use]
    pub fn shuffled(&self, rng: &mut Rng) -> Self {
        match self {
            Self::Array(elements) => Self::Array(
                elements
                    .iter()
                    .map(|element| element.shuffled(rng))
                    .collect(),
            ),
            Self::Object(members) => {
                let members = members.iter();
                let mut members: Vec<_> = members
                    .map(|(name, value)| (name.clone(), value.shuffled(rng)))
                    .collect();
                rng.shuffle(&mut members);
                Self::Object(members)
            }
            scalar => scalar.clone(),
        }
    }
}

struct Printer {
    out: String,
    rng: Option<Rng>,
}

impl Printer {
    /// A random number below `limit`, and 0 in the shortest style.
    fn choice(&mut self, limit: u8) -> u8 {
        self.rng.as_mut().map_or(0, |rng| rng.u8(..limit))
    }

    fn space(&mut self) {
        for _ in 0..self.choice(4).saturating_sub(1) {
            let space = [' ', '\n', '\t', '\r'][usize::from(self.choice(4))];
            self.out.push(space);
        }
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::Verbatim(text) => self.out.push_str(text),
            Json::Number(text) => self.out.push_str(text),
            Json::Text(text) => self.string(text),
            Json::Array(elements) => {
                self.list('[', ']', elements, Self::value);
            }
            Json::Object(members) => self.list('{', '}', members, |printer, (name, value)| {
                printer.string(name);
                printer.space();
                printer.out.push(':');
                printer.space();
                printer.value(value);
            }),
        }
    }

    fn list<T>(&mut self, open: char, close: char, items: &[T], print: impl Fn(&mut Self, &T)) {
        self.out.push(open);
        self.space();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
                self.space();
            }
            print(self, item);
            self.space();
        }
        self.out.push(close);
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        // Most strings have few escapes, some have many.
        let escaped_in_ten = [0, 1, 9][usize::from(self.choice(3))];
        for character in text.chars() {
            let must = matches!(character, '\0'..'\u{20}' | '"' | '\\');
            if must || self.choice(10) < escaped_in_ten {
                self.escape(character);
            } else {
                self.out.push(character);
            }
        }
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '\u{8}' => Some('b'),
            '\t' => Some('t'),
            '\n' => Some('n'),
            '\u{c}' => Some('f'),
            '\r' => Some('r'),
            '"' | '\\' | '/' => Some(character),
            _ => None,
        };
        if let Some(letter) = short
            && self.choice(2) == 0
        {
            self.out.extend(['\\', letter]);
            return;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.out.push_str("\\u");
            for digit in format!("{unit:04x}").chars() {
                let is_large = self.choice(2) == 1;
                let digit = if is_large {
                    digit.to_ascii_uppercase()
                } else {
                    digit
                };
                self.out.push(digit);
            }
        }
    }
}

/// Names that often meet: one is a prefix of another, or they are in another order in UTF-8 than in
/// UTF-16, or mean something in a JSON Pointer.
const NAMES: &[&str] = &[
    "",
    "a",
    "aa",
    "ab",
    "b",
    "A",
    "0",
    "1",
    "10",
    "2",
    "é",
    "e\u{301}",
    "\u{1f600}",
    "\u{fb33}",
    "\u{ffff}",
    "\u{10000}",
    "\n",
    "\"",
    "\\",
    "/",
    "~",
    "*",
    "a/b",
    "id",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => select(NAMES).prop_map(str::to_owned),
        1 => text(),
    ]
}

/// A JSON Pointer that often leads somewhere, or the name of a member.
pub fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![1 => Just("*".to_owned()), 3 => name()]
        .prop_map(|name| name.replace('~', "~0").replace('/', "~1"));
    let pointer = vec(segment, 1..4).prop_map(|segments| format!("/{}", segments.join("/")));
    prop_oneof![4 => pointer, 1 => "[a-b]{1,2}"]
}

const HALVES_OF_PAIRS: &[&str] = &[
    r#""\ud83d""#,
    r#""\uDE00""#,
    r#""a\ud83d\n""#,
    r#""\ude00\ud83d""#,
    r#""\ud83d\ud83d\ude00""#,
    r#""\ud83d\ude00\ude00""#,
    r#""\ud83d\u0041""#,
];

fn scalar(number: impl Strategy<Value = String>) -> impl Strategy<Value = Json> {
    prop_oneof![
        20 => select(&["null", "true", "false"][..]).prop_map(Json::Verbatim),
        60 => number.prop_map(Json::Number),
        60 => text().prop_map(Json::Text),
        1 => select(HALVES_OF_PAIRS).prop_map(Json::Verbatim),
    ]
}

/// Members in any order, of which now and then two have one name.
fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    let members = vec((name(), value), 0..8);
    (members, prop::bool::weighted(0.02)).prop_map(|(mut members, may_repeat)| {
        if !may_repeat {
            let mut seen = std::collections::HashSet::new();
            members.retain(|(name, _)| seen.insert(name.clone()));
        }
        Json::Object(members)
    })
}

/// Any value, in which numbers are spelled as the strategy says.
pub fn value_of(number: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Json> {
    scalar(number).prop_recursive(6, 48, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Json::Array),
            members(inner),
        ]
    })
}

/// Any value. Some have no canonical form: they hold two members of one name, half a surrogate pair,
/// or a number that no double stands for.
pub fn value() -> impl Strategy<Value = Json> {
    value_of(number::text())
}

/// A value within so many objects and arrays that this is about as deep as a value may be.
pub fn deep() -> impl Strategy<Value = Json> {
    (120_usize..135, value(), any::<u64>()).prop_map(|(levels, inner, seed)| {
        let mut rng = Rng::with_seed(seed);
        (0..levels).fold(inner, |inner, _| match rng.u8(..4) {
            0 => Json::Object(vec![("a".into(), inner)]),
            1 => Json::Object(vec![
                ("b".into(), inner),
                ("a".into(), Json::Verbatim("null")),
            ]),
            2 => Json::Array(vec![inner]),
            _ => Json::Array(vec![Json::Array(Vec::new()), inner]),
        })
    })
}

/// Text that is JSON, in any style.
pub fn valid() -> impl Strategy<Value = String> {
    let value = prop_oneof![9 => value().boxed(), 1 => deep().boxed()];
    (value, prop_oneof![Just(0), any::<u64>()]).prop_map(|(value, style)| value.spelled(style))
}

/// What is put into JSON text, or taken for a part of it, by mistake.
const TOKENS: &[&str] = &[
    ",", ":", "[", "]", "{", "}", "\"", "\\", "0", "1", "-", "+", ".", "e", "E", " ", "\n", "null",
    "true", "fals", "nulll", "NaN", "Infinity", "'", "//", "/**/", "\u{feff}", "\u{b}", "\u{a0}",
    "\u{0}", "\u{1f}", "\\u", "\\u12", "\\ud83d", "\\x", "\\u+123", "00", "0x1", "1.", ".5", "1e",
    "1e+", "--1", "\"a\":", "\"a\"", "{}", "[]", "\u{7f}", "\u{2028}", "é",
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(&'static str),
    /// Puts a token in the place of a character.
    Replace(&'static str),
    Remove,
    Cut,
    /// Swaps two characters.
    Swap,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => select(TOKENS).prop_map(Edit::Insert),
        3 => select(TOKENS).prop_map(Edit::Replace),
        3 => Just(Edit::Remove),
        1 => Just(Edit::Cut),
        1 => Just(Edit::Swap),
    ]
}

fn edited(text: &str, edit: &Edit, at: Index) -> String {
    let mut characters: Vec<_> = text.chars().collect();
    let at = at.index(characters.len() + 1);
    let mut put = |token: &str, removed| {
        let end = characters.len().min(at + removed);
        characters.splice(at..end, token.chars());
    };
    match edit {
        Edit::Insert(token) => put(token, 0),
        Edit::Replace(token) => put(token, 1),
        Edit::Remove => put("", 1),
        Edit::Cut => characters.truncate(at),
        Edit::Swap if at + 1 < characters.len() => characters.swap(at, at + 1),
        Edit::Swap => {}
    }
    characters.into_iter().collect()
}

/// Text that was JSON before an edit or two, and may be still.
pub fn nearly_valid() -> impl Strategy<Value = String> {
    (valid(), vec((edit(), any::<Index>()), 1..3)).prop_map(|(text, edits)| {
        edits
            .iter()
            .fold(text, |text, (edit, at)| edited(&text, edit, *at))
    })
}

/// Text that was JSON before some of its bytes were changed; mostly it is not UTF-8 any more.
pub fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), any::<u8>(), 0_usize..2, prop::bool::ANY);
    (valid(), vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (at, byte, removed, is_put) in changes {
            let at = at.index(bytes.len() + 1);
            let end = bytes.len().min(at + removed);
            bytes.splice(at..end, is_put.then_some(byte));
        }
        bytes
    })
}

/// The kind of error that the crate reports where the reference says `kind`.
///
/// # Panics
///
/// Where it reads no such rule.
#[must_use]
pub fn error_kind(kind: Kind) -> ErrorKind {
    match kind {
        Kind::InvalidJson | Kind::LoneSurrogate => ErrorKind::InvalidJson,
        Kind::TooDeep => ErrorKind::TooDeep,
        Kind::NotFinite => ErrorKind::NotFinite,
        Kind::Imprecise => ErrorKind::Imprecise,
        Kind::DuplicateMember => ErrorKind::DuplicateMember,
        Kind::NothingLeft => ErrorKind::NothingLeft,
        Kind::NotASet | Kind::NotJsonText | Kind::Absent => {
            panic!("no `Identity` has rules for {kind:?}")
        }
    }
}

/// Bytes as text, where what is not printable ASCII is shown as `%` and two hex digits, as in the
/// tables of [`cases`].
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut shown, &byte| {
        match byte {
            b' '..=b'~' if byte != b'%' => shown.push(char::from(byte)),
            _ => write!(shown, "%{byte:02X}").expect("a string can be written to"),
        }
        shown
    })
}
