//! A tree to canonical text (FORMAT.md section 2), and all that has no canonical form.

use std::fmt::Write;

use super::{Fault, Kind, Member, Node, Text, Value, number};

pub(super) fn write(tree: &Node) -> Result<String, Vec<Fault>> {
    let mut faults = Vec::new();
    let text = value(tree, &mut faults);
    faults.sort_unstable();
    if faults.is_empty() {
        Ok(text)
    } else {
        Err(faults)
    }
}

fn value(node: &Node, faults: &mut Vec<Fault>) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => match number::canonical(text) {
            Ok(text) => text,
            Err(kind) => {
                let offset = node.offset;
                faults.push(Fault { offset, kind });
                String::new()
            }
        },
        Value::String(text) => string(text, faults),
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(|node| value(node, faults)).collect();
            format!("[{}]", elements.join(","))
        }
        Value::Set(elements) => {
            let mut elements: Vec<_> = elements.iter().map(|node| value(node, faults)).collect();
            elements.sort_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
            format!("[{}]", elements.join(","))
        }
        Value::Object(members) => object(members, faults),
    }
}

fn object(members: &[Member], faults: &mut Vec<Fault>) -> String {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by(|one, other| one.name.units.cmp(&other.name.units));
    for pair in members.windows(2) {
        if pair[0].name.units == pair[1].name.units {
            faults.push(Fault {
                offset: pair[1].offset,
                kind: Kind::DuplicateMember,
            });
        }
    }
    let members: Vec<_> = members
        .iter()
        .map(|member| {
            let name = string(&member.name, faults);
            format!("{name}:{}", value(&member.value, faults))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn string(text: &Text, faults: &mut Vec<Fault>) -> String {
    if let Some(offset) = text.half {
        let kind = Kind::LoneSurrogate;
        faults.push(Fault { offset, kind });
    }
    let mut written = String::from('"');
    for character in String::from_utf16_lossy(&text.units).chars() {
        match character {
            '\u{8}' => written.push_str("\\b"),
            '\t' => written.push_str("\\t"),
            '\n' => written.push_str("\\n"),
            '\u{c}' => written.push_str("\\f"),
            '\r' => written.push_str("\\r"),
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\0'..'\u{20}' => write!(written, "\\u{:04x}", u32::from(character))
                .expect("a string can be written to"),
            other => written.push(other),
        }
    }
    written.push('"');
    written
}
