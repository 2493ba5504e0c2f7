//! Bodies that have no key: a port refuses them too, as a wrong key loses somebody's request.

use super::Refused;

/// All such bodies.
#[must_use]
pub fn refused() -> Vec<Refused> {
    let bodies = [
        ("two members of one name", r#"{"a":1,"a":2}"#),
        ("two members of one name and value", r#"{"a":1,"a":1}"#),
        (
            "two members of one name, nested",
            r#"[{"b":{"a":1,"c":0,"a":2}}]"#,
        ),
        ("two members of one name, escaped", r#"{"a":1,"\u0061":2}"#),
        ("half a surrogate pair", r#"{"text":"\ud83d"}"#),
        (
            "the other half of a surrogate pair",
            r#"{"text":"\ude00 \ud83d"}"#,
        ),
        ("half a surrogate pair in a name", r#"{"\ud83d":1}"#),
        ("larger than any double", r#"{"n":1e309}"#),
        ("smaller than any double", r#"{"n":[-1.5e400]}"#),
        ("NaN", r#"{"n":NaN}"#),
        ("infinity", r#"{"n":-Infinity}"#),
        ("a leading zero", r#"{"n":01}"#),
        ("a comma at the end", r#"{"n":[1,2,]}"#),
        ("text after the end", r#"{"n":1}{"#),
        ("nothing", ""),
    ];
    bodies.map(|(name, body)| Refused::new(name, body)).into()
}
