//! Which fields a struct or variant has, and what they say.

use fastrand::Rng;

use super::choose::{Names, Ty, named, once_in, pick, plain, ty};
use super::types::{Attributes, Data, Field, Fields, Type};

pub const NAMES_OF_FIELDS: &[&str] = &[
    "a",
    "b",
    "user_id",
    "r#type",
    "x1",
    "html_5_tag",
    "d_été",
    "r#match",
    "snake_Case",
    "zz",
];
/// None of them is what a case makes of a name above.
pub const RENAMES: &[&str] = &[
    "\\u{1f600}",
    "\\u{fb33}",
    "",
    "0",
    "10",
    "q\\\"",
    "n\\n",
    "é",
    "#",
    "kinds",
];
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Struct,
    Variant,
    /// A variant beside whose members is a tag.
    TaggedVariant,
    UntaggedVariant,
}

pub fn fields(
    rng: &mut Rng,
    types: &[Type],
    parameter: bool,
    within: Place,
    is_plain: &mut bool,
) -> Fields {
    let one = |rng: &mut Rng, name: &str, is_plain: &mut bool| {
        let ty = ty(rng, types, 2, parameter);
        *is_plain &= ty.is_plain;
        let field = Field {
            name: name.to_owned(),
            ty: ty.text,
            attributes: Attributes::default(),
        };
        // What has a parameter within is as plain as what is put there.
        (field, ty.is_plain && !parameter)
    };
    match rng.u8(..8) {
        0 => Fields::Unit,
        1 => Fields::Tuple(vec![one(rng, "", is_plain).0]),
        2..4 if within == Place::TaggedVariant => {
            let content = merged(rng, types);
            *is_plain &= content.is_plain;
            Fields::Tuple(vec![bare("", &content.text)])
        }
        2..4 => {
            let mut list: Vec<_> = (0..rng.usize(2..4))
                .map(|_| one(rng, "", is_plain).0)
                .collect();
            for field in &mut list {
                element_attributes(rng, field, is_plain);
            }
            leave_something(&mut list);
            Fields::Tuple(list)
        }
        _ => {
            let mut names = Names::new(rng, NAMES_OF_FIELDS);
            let count = rng.usize(..5);
            let mut renames = Names::new(rng, RENAMES);
            let mut list = Vec::new();
            for _ in 0..count {
                let (mut field, field_is_plain) = one(rng, names.next(), is_plain);
                member_attributes(
                    rng,
                    types,
                    &mut field,
                    field_is_plain,
                    &mut renames,
                    is_plain,
                );
                list.push(field);
            }
            leave_something(&mut list);
            if once_in(rng, 8) {
                list.extend(twins(rng, &mut names));
            }
            Fields::Named(list)
        }
    }
}

/// Two members of one name, of which each may be left out.
fn twins(rng: &mut Rng, names: &mut Names) -> [Field; 2] {
    let mut attributes = Attributes::default();
    attributes.both("serde(rename = \"same\")");
    let skip = "serde(skip_serializing_if = \"Option::is_none\")";
    let ours = pick(rng, &[skip, "idem(skip_if = Option::is_none)"]);
    if ours == skip {
        attributes.both(skip);
    } else {
        // The type says the same by serde, so that it is as plain as before.
        attributes.both(skip);
        attributes.ours.push(ours.to_owned());
    }
    [names.next(), names.next()].map(|name| Field {
        name: name.to_owned(),
        ty: "Option<u8>".to_owned(),
        attributes: attributes.clone(),
    })
}

/// What is skipped as a whole is a compile error, as all values would share a key.
pub fn leave_something(list: &mut [Field]) {
    let is_skipped = |field: &Field| {
        field
            .attributes
            .ours
            .iter()
            .any(|text| text.contains("skip)"))
    };
    let is_left = |field: &Field| {
        !is_skipped(field)
            && !field
                .attributes
                .ours
                .iter()
                .any(|text| text.contains("skip_serializing)"))
            && !field.ty.starts_with("PhantomData")
    };
    if !list.iter().any(is_left)
        && let Some(field) = list.first_mut()
    {
        field.ty = "u8".to_owned();
        field.attributes = Attributes::default();
    }
}

fn element_attributes(rng: &mut Rng, field: &mut Field, is_plain: &mut bool) {
    let attributes = &mut field.attributes;
    match rng.u8(..10) {
        0 => attributes.both("serde(skip)"),
        1 => attributes.both("serde(skip_serializing)"),
        2 => {
            *is_plain = false;
            attributes.each("idem(skip)", "serde(skip_serializing)");
        }
        3 => content_attributes(rng, field, is_plain),
        _ => {}
    }
}

fn member_attributes(
    rng: &mut Rng,
    types: &[Type],
    field: &mut Field,
    field_is_plain: bool,
    renames: &mut Names,
    is_plain: &mut bool,
) {
    match rng.u8(..22) {
        20 if field.ty != "T" && field_is_plain => {
            field.attributes.ours.push("idem(serde)".to_owned())
        }
        0 => field.attributes.both("serde(skip)"),
        1 => field.attributes.both("serde(skip_serializing)"),
        2 | 3 => {
            *is_plain = false;
            field
                .attributes
                .each("idem(skip)", "serde(skip_serializing)");
        }
        4 => field.attributes.both(rename(renames)),
        5 => {
            // serde's other name is not the one that counts.
            *is_plain = false;
            if rng.bool() {
                field.attributes.ours.push(rename(renames));
            }
            let rename = renames.next();
            field.attributes.each(
                format!("idem(rename = \"{rename}\")"),
                format!("serde(rename = \"{rename}\")"),
            );
        }
        6 => {
            field.attributes.both(rename(renames));
            content_attributes(rng, field, is_plain);
        }
        7..10 => flattened(rng, types, field, is_plain),
        10..12 => conditional(rng, field, is_plain),
        12..16 => content_attributes(rng, field, is_plain),
        16 => field.attributes.both("serde(default)"),
        _ => {}
    }
}

pub fn rename(renames: &mut Names) -> String {
    format!("serde(rename = \"{}\")", renames.next())
}

/// What serde_json can flatten, and now and then what it cannot.
fn flattened(rng: &mut Rng, types: &[Type], field: &mut Field, is_plain: &mut bool) {
    let inner = merged(rng, types);
    *is_plain &= inner.is_plain;
    field.ty = inner.text;
    field.attributes.both("serde(flatten)");
}

/// A type whose members go up in the object around it, or should.
pub fn merged(rng: &mut Rng, types: &[Type]) -> Ty {
    let enums = types.iter().filter(|one| matches!(one.data, Data::Enum(_)));
    let enums: Vec<_> = enums.cloned().collect();
    let inner = match rng.u8(..6) {
        0 => plain("BTreeMap<String, u8>"),
        1 => plain("HashMap<u8, Option<String>>"),
        2..4 => named(rng, &enums, false).unwrap_or_else(|| plain("()")),
        _ => named(rng, types, false).unwrap_or_else(|| plain("()")),
    };
    let text = match rng.u8(..4) {
        0 => format!("Option<{}>", inner.text),
        1 => format!("Box<{}>", inner.text),
        _ => inner.text,
    };
    Ty { text, ..inner }
}

/// Left out now and then.
fn conditional(rng: &mut Rng, field: &mut Field, is_plain: &mut bool) {
    let (ty, function) = pick(
        rng,
        &[
            ("Option<u8>", "Option::is_none"),
            ("Vec<String>", "Vec::is_empty"),
            ("String", "String::is_empty"),
            ("u8", "is_even"),
        ],
    );
    field.ty = ty.to_owned();
    let twin = format!("serde(skip_serializing_if = \"{function}\")");
    if rng.bool() {
        field.attributes.both(twin);
    } else {
        *is_plain = false;
        field
            .attributes
            .each(format!("idem(skip_if = {function})"), twin);
    }
}

/// What stands for the value of a field.
fn content_attributes(rng: &mut Rng, field: &mut Field, is_plain: &mut bool) {
    let (ty, ours, twin) = pick(
        rng,
        &[
            (
                "String",
                "idem(with = lower)",
                "serde(serialize_with = \"lower_text\")",
            ),
            (
                "String",
                "idem(serde, with = lower)",
                "serde(serialize_with = \"lower_text\")",
            ),
            (
                "JsonText",
                "idem(json)",
                "serde(serialize_with = \"json_text\")",
            ),
            (
                "Option<JsonText>",
                "idem(json)",
                "serde(serialize_with = \"json_texts\")",
            ),
            (
                "Vec<u16>",
                "idem(unordered)",
                "serde(serialize_with = \"sorted\")",
            ),
            (
                "Vec<String>",
                "idem(unordered)",
                "serde(serialize_with = \"sorted\")",
            ),
            (
                "Vec<Option<Real>>",
                "idem(serde, unordered)",
                "serde(serialize_with = \"sorted\")",
            ),
            (
                "String",
                "serde(serialize_with = \"lower_text\")",
                "serde(serialize_with = \"lower_text\")",
            ),
            ("u8", "serde(with = \"halves\")", "serde(with = \"halves\")"),
            (
                "u8",
                "serde(serialize_with = \"odd\")",
                "serde(serialize_with = \"odd\")",
            ),
            ("HashMap<u8, u8>", "idem(serde)", ""),
            ("(u8, String)", "idem(serde)", ""),
        ],
    );
    field.ty = ty.to_owned();
    *is_plain &= ours.starts_with("serde") || ours == "idem(serde)";
    field.attributes.ours.push(ours.to_owned());
    if !twin.is_empty() {
        field.attributes.twin.push(twin.to_owned());
    }
}

pub fn bare(name: &str, ty: &str) -> Field {
    Field {
        name: name.to_owned(),
        ty: ty.to_owned(),
        attributes: Attributes::default(),
    }
}
