//! Strings: the escapes, and that nothing else is changed.

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Prompt<'a> {
    prompt: &'a str,
}

fn prompt(name: impl AsRef<str>, prompt: &str) -> Vector {
    Vector::new(format!("string/{}", name.as_ref()), &Prompt { prompt })
}

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = escapes();
    vectors.extend(texts());
    vectors.extend(lengths());
    vectors
}

/// The characters of ASCII that JSON or some writer of JSON escapes.
fn escapes() -> Vec<Vector> {
    let escaped = ('\0'..' ').chain(['"', '\\', '/', '<', '\u{7f}']);
    escaped
        .map(|character| {
            let name = format!("U+{:04X}", u32::from(character));
            prompt(name, &format!("a{character}b"))
        })
        .collect()
}

fn texts() -> Vec<Vector> {
    let printable: String = (' '..='~').collect();
    let texts = [
        ("empty", ""),
        ("space", " "),
        ("printable ASCII", &printable),
        ("an escape as text", r"\u0041\n"),
        ("composed", "caf\u{e9}"),
        ("with a combining character", "cafe\u{301}"),
        ("angstrom sign", "\u{212b}"),
        ("a with ring", "\u{c5}"),
        ("hangul composed", "\u{ac00}"),
        ("hangul conjoining", "\u{1100}\u{1161}"),
        ("ligature", "\u{fb01}"),
        ("first beyond ASCII", "\u{80}"),
        (
            "edges of UTF-8 lengths",
            "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}",
        ),
        ("edges of the surrogates", "\u{d7ff}\u{e000}"),
        ("no-break space", "a\u{a0}b"),
        ("line separator", "a\u{2028}b"),
        ("paragraph separator", "a\u{2029}b"),
        ("byte order mark", "\u{feff}a"),
        ("replacement character", "\u{fffd}"),
        ("noncharacters", "\u{fffe}\u{ffff}\u{10ffff}"),
        ("private use", "\u{e000}\u{f8ff}"),
        ("emoji", "\u{1f600}"),
        ("emoji of several", "\u{1f469}\u{200d}\u{1f467}"),
        ("right to left", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}"),
        ("chinese", "\u{4f60}\u{597d}"),
    ];
    texts.map(|(name, text)| prompt(name, text)).into()
}

/// Around the lengths of a block of SHA-256, and beyond.
fn lengths() -> Vec<Vector> {
    let object = r#"{"prompt":""}"#.len();
    let mut vectors: Vec<_> = [55, 56, 63, 64, 65, 119, 120, 511, 512, 513, 4096]
        .map(|total| {
            let name = format!("{total} bytes in canonical form");
            prompt(name, &"a".repeat(total - object))
        })
        .into();
    vectors.push(prompt("1000 characters to escape", &"\n".repeat(1000)));
    vectors.push(prompt("1000 emoji", &"\u{1f600}".repeat(1000)));
    vectors
}
