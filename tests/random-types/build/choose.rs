//! Which types there are in a batch.

use fastrand::Rng;

use super::members::{NAMES_OF_FIELDS, Place, RENAMES, bare, fields, leave_something, rename};
use super::types::{
    Attributes, Batch, Data, Field, Fields, How, Request, Type, Variant, Within, member,
};

/// So many types without a scope, and so many requests.
const TYPES: usize = 90;
const REQUESTS: usize = 12;

const VARIANTS: &[&str] = &[
    "A",
    "HttpError",
    "XMLNode",
    "R2d2",
    "Tété",
    "Ok",
    "Two_Words",
    "Some",
];
const CASES: &[&str] = &[
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];
const TAGS: &[&str] = &["kind", "\\u{e9}tag", "~t"];
const CONTENTS: &[&str] = &["content", "\\u{fb32}", "!c"];
pub fn batch(rng: &mut Rng) -> Batch {
    let mut types = Vec::new();
    for number in 0..TYPES {
        let one = type_of(rng, &types, number);
        types.push(one);
    }
    let mut requests = Vec::new();
    for number in 0..REQUESTS {
        let one = request(rng, &types, &requests, number);
        requests.push(one);
    }
    Batch { types, requests }
}

/// A type of a field, and whether nothing within it has attributes.
pub struct Ty {
    pub text: String,
    pub is_plain: bool,
}

pub fn ty(rng: &mut Rng, types: &[Type], levels: usize, parameter: bool) -> Ty {
    const LEAVES: &[&str] = &[
        "bool",
        "u8",
        "i64",
        "u64",
        "i128",
        "u128",
        "char",
        "String",
        "()",
        "Real",
        "Small",
        "Cow<'static, str>",
        "&'static str",
        "PhantomData<u8>",
    ];
    if parameter && rng.u8(..4) == 0 {
        return plain("T");
    }
    if levels == 0 || rng.u8(..3) == 0 {
        return plain(LEAVES[rng.usize(..LEAVES.len())]);
    }
    let mut inner = || ty(rng, types, levels - 1, parameter);
    let wrapped = |before: &str, inner: Ty, after: &str| Ty {
        text: format!("{before}{}{after}", inner.text),
        is_plain: inner.is_plain,
    };
    let first = inner();
    match rng.u8(..14) {
        0 => wrapped("Option<", first, ">"),
        1 => wrapped("Vec<", first, ">"),
        2 => wrapped("Box<", first, ">"),
        3 => wrapped("[", first, "; 2]"),
        4 => {
            let second = ty(rng, types, levels - 1, parameter);
            Ty {
                text: format!("({}, {})", first.text, second.text),
                is_plain: first.is_plain && second.is_plain,
            }
        }
        5 => wrapped(&format!("BTreeMap<{}, ", key(rng)), first, ">"),
        6 => wrapped(&format!("HashMap<{}, ", key(rng)), first, ">"),
        7 => Ty {
            text: format!("{}<{}>", pick(rng, &["BTreeSet", "HashSet"]), key(rng)),
            is_plain: false,
        },
        _ => named(rng, types, parameter).unwrap_or(first),
    }
}

pub fn plain(text: &str) -> Ty {
    Ty {
        text: text.to_owned(),
        is_plain: true,
    }
}

/// One of the types before, of any kind.
pub fn named(rng: &mut Rng, types: &[Type], parameter: bool) -> Option<Ty> {
    let one = rng.choice(types)?;
    if !one.is_generic {
        return Some(Ty {
            text: one.name.clone(),
            is_plain: one.is_plain,
        });
    }
    let mut argument = ty(rng, types, 1, parameter);
    // What is written by its `Serialize` loses what is within.
    if one
        .attributes
        .ours
        .iter()
        .any(|attribute| attribute.contains("serde)"))
        && !argument.is_plain
    {
        argument = plain("u8");
    }
    Some(Ty {
        text: format!("{}<{}>", one.name, argument.text),
        is_plain: one.is_plain && argument.is_plain,
    })
}

fn key(rng: &mut Rng) -> &'static str {
    pick(
        rng,
        &[
            "String",
            "u8",
            "i64",
            "char",
            "bool",
            "i128",
            "UnitKey",
            "NewtypeKey",
            "(u8, u8)",
            "()",
        ],
    )
}

pub fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

pub fn once_in(rng: &mut Rng, times: u8) -> bool {
    rng.u8(..times) == 0
}

/// Names of a list, each at most once.
pub struct Names(Vec<&'static str>);

impl Names {
    pub fn new(rng: &mut Rng, names: &'static [&'static str]) -> Self {
        let mut names = names.to_vec();
        rng.shuffle(&mut names);
        Self(names)
    }

    pub fn next(&mut self) -> &'static str {
        self.0.pop().expect("there are fewer fields than names")
    }
}

fn type_of(rng: &mut Rng, types: &[Type], number: usize) -> Type {
    let name = format!("T{number}");
    let is_generic = once_in(rng, 5);
    let mut is_plain = true;
    let mut attributes = Attributes::default();
    let target = rng.choice(types).filter(|target| !target.is_generic);
    let data = if let (false, Some(target), 0) = (is_generic, target, rng.u8(..12)) {
        is_plain = target.is_plain;
        attributes.both(format!("serde(into = \"{}\")", target.name));
        Data::Into(target.name.clone())
    } else if rng.bool() {
        let fields = fields(rng, types, is_generic, Place::Struct, &mut is_plain);
        struct_attributes(rng, &fields, &mut attributes);
        Data::Struct(fields)
    } else {
        Data::Enum(variants(
            rng,
            types,
            is_generic,
            &mut attributes,
            &mut is_plain,
        ))
    };
    let data = if is_generic {
        with_parameter(data)
    } else {
        data
    };
    let data = if is_generic {
        data
    } else {
        with_itself(rng, &name, data)
    };
    let may_be_serialized = is_plain && !matches!(data, Data::Into(_));
    if may_be_serialized && once_in(rng, 6) {
        attributes.ours.push("idem(serde)".to_owned());
    }
    if once_in(rng, 12) {
        attributes.both("serde(deny_unknown_fields)");
    }
    Type {
        name,
        is_generic,
        is_plain,
        attributes,
        data,
    }
}

/// Now and then there is one of its own kind within.
fn with_itself(rng: &mut Rng, name: &str, mut data: Data) -> Data {
    if let Data::Struct(Fields::Named(list)) = &mut data
        && let Some(field) = list
            .iter_mut()
            .find(|field| field.attributes.ours.is_empty())
        && once_in(rng, 6)
    {
        field.ty = format!("Option<Box<{name}>>");
    }
    data
}

/// Each parameter is used.
fn with_parameter(mut data: Data) -> Data {
    let field = |name: &str| Field {
        name: name.to_owned(),
        ty: "PhantomData<T>".to_owned(),
        attributes: Attributes::default(),
    };
    match &mut data {
        Data::Struct(fields) => match fields {
            Fields::Unit => *fields = Fields::Named(vec![field("marker")]),
            Fields::Tuple(list) if list.len() == 1 => list[0].ty = "T".to_owned(),
            Fields::Tuple(list) => list.push(field("")),
            Fields::Named(list) => list.push(field("marker")),
        },
        Data::Into(_) => {}
        Data::Enum(variants) => variants.insert(
            0,
            Variant {
                name: "Marker".to_owned(),
                attributes: Attributes::default(),
                fields: Fields::Named(vec![field("marker")]),
            },
        ),
    }
    data
}

fn struct_attributes(rng: &mut Rng, fields: &Fields, attributes: &mut Attributes) {
    match fields {
        Fields::Named(list) => {
            if is_alone(list) && once_in(rng, 4) {
                return attributes.both("serde(transparent)");
            }
            if once_in(rng, 4) {
                attributes.both(format!("serde(rename_all = \"{}\")", pick(rng, CASES)));
            }
            if once_in(rng, 8) {
                attributes.both(format!("serde(tag = \"{}\")", pick(rng, TAGS)));
            }
        }
        Fields::Tuple(list) if is_alone(list) && once_in(rng, 4) => {
            attributes.both("serde(transparent)");
        }
        _ => {}
    }
}

/// Whether there is one field that serde takes for the whole.
fn is_alone(list: &[Field]) -> bool {
    let is_whole =
        |field: &Field| field.attributes.ours.is_empty() && !field.ty.starts_with("PhantomData");
    list.len() == 1 && list.iter().all(is_whole)
}

fn variants(
    rng: &mut Rng,
    types: &[Type],
    parameter: bool,
    attributes: &mut Attributes,
    is_plain: &mut bool,
) -> Vec<Variant> {
    let within = match rng.u8(..5) {
        0 => {
            attributes.both(format!("serde(tag = \"{}\")", pick(rng, TAGS)));
            Place::TaggedVariant
        }
        1 => {
            let (tag, content) = (pick(rng, TAGS), pick(rng, CONTENTS));
            attributes.both(format!("serde(tag = \"{tag}\", content = \"{content}\")"));
            Place::Variant
        }
        2 => {
            attributes.both("serde(untagged)");
            Place::UntaggedVariant
        }
        _ => Place::Variant,
    };
    if once_in(rng, 3) {
        attributes.both(format!("serde(rename_all = \"{}\")", pick(rng, CASES)));
    }
    if once_in(rng, 4) {
        attributes.both(format!(
            "serde(rename_all_fields = \"{}\")",
            pick(rng, CASES)
        ));
    }
    let mut names = Names::new(rng, VARIANTS);
    let mut renames = Names::new(rng, RENAMES);
    let count = rng.usize(1..6);
    let mut variants: Vec<_> = (0..count)
        .map(|_| {
            variant(
                rng,
                types,
                parameter,
                within,
                names.next(),
                &mut renames,
                is_plain,
            )
        })
        .collect();
    // serde wants the untagged ones at the end.
    variants.sort_by_key(|variant| {
        variant
            .attributes
            .ours
            .contains(&"serde(untagged)".to_owned())
    });
    variants
}

fn variant(
    rng: &mut Rng,
    types: &[Type],
    parameter: bool,
    within: Place,
    name: &str,
    renames: &mut Names,
    is_plain: &mut bool,
) -> Variant {
    let mut attributes = Attributes::default();
    let is_untagged = within == Place::UntaggedVariant;
    match rng.u8(..12) {
        0 if !is_untagged => attributes.both("serde(untagged)"),
        1 => attributes.both(rename(renames)),
        2 if !is_untagged => {
            *is_plain = false;
            let rename = renames.next();
            attributes.each(
                format!("idem(rename = \"{rename}\")"),
                format!("serde(rename = \"{rename}\")"),
            );
        }
        3 => attributes.both("serde(skip)"),
        4 => attributes.both(format!("serde(rename_all = \"{}\")", pick(rng, CASES))),
        5 => attributes.both("serde(alias = \"other\")"),
        _ => {}
    }
    let (content, function) = match rng.u8(..20) {
        0 => (Fields::Unit, Some("unit")),
        1 => (Fields::Tuple(vec![bare("", "String")]), Some("lower_text")),
        2 => (
            Fields::Tuple(vec![bare("", "u8")]),
            Some("halves::serialize"),
        ),
        3 => (
            Fields::Named(vec![bare("x1", "u8"), bare("b", "String")]),
            Some("two"),
        ),
        _ => (fields(rng, types, parameter, within, is_plain), None),
    };
    let is_skipped = attributes.ours.iter().any(|text| text == "serde(skip)");
    if let Some(function) = function.filter(|_| !is_skipped) {
        attributes.both(format!("serde(serialize_with = \"{function}\")"));
    }
    Variant {
        name: name.to_owned(),
        attributes,
        fields: content,
    }
}

/// A struct with a scope, or an envelope around one.
fn request(rng: &mut Rng, types: &[Type], requests: &[Request], number: usize) -> Request {
    let mut names = Names::new(rng, NAMES_OF_FIELDS);
    let mut rules = Vec::new();
    let mut fields = Vec::new();
    let mut scope = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let ty = loop {
            let ty = ty(rng, types, 2, false);
            if ty.is_plain {
                break ty.text;
            }
        };
        let name = names.next();
        let mut attributes = Attributes::default();
        let ty = match rng.u8(..6) {
            0 if !fields.is_empty() => {
                attributes.each("idem(skip)", "serde(skip_serializing)");
                rules.push(("exclude", format!("/{}", member(name))));
                ty
            }
            1 => {
                attributes.each("idem(unordered)", "serde(serialize_with = \"sorted\")");
                rules.push(("unordered", format!("/{}", member(name))));
                "Vec<u16>".to_owned()
            }
            2 => {
                attributes.each("idem(json)", "serde(serialize_with = \"json_text\")");
                rules.push(("json", format!("/{}", member(name))));
                "JsonText".to_owned()
            }
            _ => ty,
        };
        fields.push(Field {
            name: name.to_owned(),
            ty,
            attributes,
        });
    }
    leave_something(&mut fields);
    if fields[0].attributes.ours.is_empty() {
        rules.retain(|(_, pointer)| *pointer != format!("/{}", member(&fields[0].name)));
    }
    for _ in 0..rng.usize(..3) {
        let name = names.next();
        // Unique in all requests, as two of one label are an error.
        let label = format!(
            "{}{number}",
            pick(rng, &["user", "\\u{fb33}", "\\u{1f600}", "a"])
        );
        let is_renamed = scope.iter().any(|(_, other)| *other == label);
        if is_renamed {
            continue;
        }
        let mut attributes = Attributes::default();
        attributes.each(
            format!("idem(scope = \"{label}\")"),
            "serde(skip_serializing)",
        );
        fields.push(Field {
            name: name.to_owned(),
            ty: pick(rng, &["u64", "String", "bool", "char"]).to_owned(),
            attributes,
        });
        scope.push((name.to_owned(), label));
    }
    let within = rng
        .choice(requests)
        .filter(|_| once_in(rng, 2))
        .map(|inner| Within {
            ty: inner.ty(),
            how: pick(rng, &[How::Delegate, How::Parameter, How::Flatten]),
        });
    Request {
        name: format!("R{number}"),
        operation: rng
            .bool()
            .then(|| pick(rng, &["charges.create", "a b", "{é"])),
        fields,
        scope,
        within,
        rules,
    }
}
