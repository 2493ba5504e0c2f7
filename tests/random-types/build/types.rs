//! What a type is, and which there are in a batch.

use fastrand::Rng;

/// So many types without a scope, and so many requests.
const TYPES: usize = 90;
const REQUESTS: usize = 12;

/// The types in an order in which each uses those before it.
pub struct Batch {
    pub types: Vec<Type>,
    pub requests: Vec<Request>,
}

#[derive(Clone)]
pub struct Type {
    pub name: String,
    pub is_generic: bool,
    /// Whether neither it nor what is within it has an `#[idem(..)]` that changes the key, or is a set.
    pub is_plain: bool,
    pub attributes: Attributes,
    pub data: Data,
}

#[derive(Clone)]
pub enum Data {
    Struct(Fields),
    Enum(Vec<Variant>),
    /// What goes on the wire in its place.
    Into(String),
}

#[derive(Clone)]
pub struct Variant {
    pub name: String,
    pub attributes: Attributes,
    pub fields: Fields,
}

#[derive(Clone)]
pub enum Fields {
    Unit,
    Tuple(Vec<Field>),
    Named(Vec<Field>),
}

#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub ty: String,
    pub attributes: Attributes,
}

/// A struct with a scope.
#[derive(Clone)]
pub struct Request {
    pub name: String,
    pub operation: Option<&'static str>,
    pub fields: Vec<Field>,
    /// The fields of the scope, with their labels.
    pub scope: Vec<(String, String)>,
    /// The request within, if it is an envelope.
    pub within: Option<Within>,
    /// What the document of its identity says beside the scope.
    pub rules: Vec<(&'static str, String)>,
}

/// A request within a request.
#[derive(Clone)]
pub struct Within {
    /// The type of the request, with its own parameters.
    pub ty: String,
    pub how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// `#[idem(delegate)]`
    Delegate,
    /// The only field whose type is a parameter.
    Parameter,
    /// `#[serde(flatten)]`
    Flatten,
}

/// What the type says, and what its twin says.
#[derive(Clone, Default)]
pub struct Attributes {
    pub ours: Vec<String>,
    pub twin: Vec<String>,
}

impl Request {
    /// The type as another one names it.
    pub fn ty(&self) -> String {
        match &self.within {
            Some(Within {
                ty,
                how: How::Parameter,
            }) => format!("{}<{ty}>", self.name),
            _ => self.name.clone(),
        }
    }
}

impl Attributes {
    fn both(&mut self, attribute: impl Into<String>) {
        let attribute = attribute.into();
        self.ours.push(attribute.clone());
        self.twin.push(attribute);
    }

    fn each(&mut self, ours: impl Into<String>, twin: impl Into<String>) {
        self.ours.push(ours.into());
        self.twin.push(twin.into());
    }
}

const FIELDS: &[&str] = &[
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
/// None of them is what a case makes of a name above.
const RENAMES: &[&str] = &[
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
struct Ty {
    text: String,
    is_plain: bool,
}

fn ty(rng: &mut Rng, types: &[Type], levels: usize, parameter: bool) -> Ty {
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

fn plain(text: &str) -> Ty {
    Ty {
        text: text.to_owned(),
        is_plain: true,
    }
}

/// One of the types before, of any kind.
fn named(rng: &mut Rng, types: &[Type], parameter: bool) -> Option<Ty> {
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

fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

fn once_in(rng: &mut Rng, times: u8) -> bool {
    rng.u8(..times) == 0
}

/// Names of a list, each at most once.
struct Names(Vec<&'static str>);

impl Names {
    fn new(rng: &mut Rng, names: &'static [&'static str]) -> Self {
        let mut names = names.to_vec();
        rng.shuffle(&mut names);
        Self(names)
    }

    fn next(&mut self) -> &'static str {
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
            if list.len() == 1 && list[0].attributes.ours.is_empty() && once_in(rng, 4) {
                return attributes.both("serde(transparent)");
            }
            if once_in(rng, 4) {
                attributes.both(format!("serde(rename_all = \"{}\")", pick(rng, CASES)));
            }
            if once_in(rng, 8) {
                attributes.both(format!("serde(tag = \"{}\")", pick(rng, TAGS)));
            }
        }
        Fields::Tuple(list) if list.len() == 1 && list[0].attributes.ours.is_empty() => {
            if once_in(rng, 4) {
                attributes.both("serde(transparent)");
            }
        }
        _ => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Struct,
    Variant,
    /// A variant beside whose members is a tag.
    TaggedVariant,
    UntaggedVariant,
}

fn fields(
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
            let mut names = Names::new(rng, FIELDS);
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
fn leave_something(list: &mut [Field]) {
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

fn rename(renames: &mut Names) -> String {
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
fn merged(rng: &mut Rng, types: &[Type]) -> Ty {
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

fn bare(name: &str, ty: &str) -> Field {
    Field {
        name: name.to_owned(),
        ty: ty.to_owned(),
        attributes: Attributes::default(),
    }
}

/// A struct with a scope, or an envelope around one.
fn request(rng: &mut Rng, types: &[Type], requests: &[Request], number: usize) -> Request {
    let mut names = Names::new(rng, FIELDS);
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

/// The name of a member that is not renamed.
pub fn member(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}
