//! Types as Rust source: their definitions, how a random value is made, and the list of all of them.

use std::fmt::Write;

use super::types::{Attributes, Batch, Data, Field, Fields, How, Request, Type, member};

pub fn of(batch: &Batch) -> String {
    let ours = module("ours", "Serialize, IdempotencyKey", batch, |attributes| {
        &attributes.ours
    });
    let twin = module("twin", "Serialize", batch, |attributes| &attributes.twin);
    format!("{ours}{twin}{}", laws(batch))
}

type Said = fn(&Attributes) -> &Vec<String>;

fn module(name: &str, derives: &str, batch: &Batch, said: Said) -> String {
    let mut out = format!("pub mod {name} {{\n    use random_types::{name}::*;\n");
    for one in &batch.types {
        definition(&mut out, one, derives, said);
        random(&mut out, one);
    }
    for request in &batch.requests {
        request_definition(&mut out, request, "", derives, said);
        holder(&mut out, request, name, derives);
    }
    out + "}\n"
}

fn attributes(out: &mut String, attributes: &Attributes, said: Said) {
    for attribute in said(attributes) {
        let _ = writeln!(out, "#[{attribute}]");
    }
}

fn definition(out: &mut String, one: &Type, derives: &str, said: Said) {
    let _ = writeln!(out, "#[derive({derives})]");
    attributes(out, &one.attributes, said);
    let name = &one.name;
    let parameter = if one.is_generic { "<T>" } else { "" };
    match &one.data {
        Data::Struct(content) => {
            let end = if matches!(content, Fields::Named(_)) {
                ""
            } else {
                ";"
            };
            let content = fields(content, "pub ", said);
            let _ = writeln!(out, "pub struct {name}{parameter}{content}{end}");
        }
        Data::Enum(variants) => {
            let _ = writeln!(out, "pub enum {name}{parameter} {{");
            for variant in variants {
                attributes(out, &variant.attributes, said);
                let content = fields(&variant.fields, "", said);
                let _ = writeln!(out, "{}{content},", variant.name);
            }
            out.push_str("}\n");
        }
        Data::Into(target) => {
            let _ = writeln!(
                out,
                "#[derive(Clone)] pub struct {name}(pub u64);
                impl From<{name}> for {target} {{
                    fn from(seed: {name}) -> Self {{ Self::random(&mut Rng::with_seed(seed.0)) }}
                }}"
            );
        }
    }
}

fn fields(content: &Fields, visibility: &str, said: Said) -> String {
    let spelled = |field: &Field| {
        let mut out = String::new();
        attributes(&mut out, &field.attributes, said);
        let name = match field.name.as_str() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        let _ = writeln!(out, "{visibility}{name}{},", field.ty);
        out
    };
    match content {
        Fields::Unit => String::new(),
        Fields::Tuple(list) => format!("({})", list.iter().map(spelled).collect::<String>()),
        Fields::Named(list) => format!(" {{ {} }}", list.iter().map(spelled).collect::<String>()),
    }
}

fn random(out: &mut String, one: &Type) {
    let name = &one.name;
    let (parameter, argument) = if one.is_generic {
        ("<T: Random>", "<T>")
    } else {
        ("", "")
    };
    let body = match &one.data {
        Data::Struct(content) => format!("Self{}", values(content)),
        Data::Into(_) => "Self(Random::random(rng))".to_owned(),
        Data::Enum(variants) => {
            let mut arms = String::new();
            for (index, variant) in variants.iter().enumerate() {
                let pattern = if index + 1 == variants.len() {
                    "_".to_owned()
                } else {
                    index.to_string()
                };
                let content = values(&variant.fields);
                let _ = writeln!(arms, "{pattern} => Self::{}{content},", variant.name);
            }
            format!("match rng.usize(..{}) {{ {arms} }}", variants.len())
        }
    };
    let _ = writeln!(
        out,
        "impl{parameter} Random for {name}{argument} {{ fn random(rng: &mut Rng) -> Self {{ let _ = &rng; {body} }} }}"
    );
}

fn values(content: &Fields) -> String {
    let value = |field: &Field| match field.name.as_str() {
        "" => "Random::random(rng), ".to_owned(),
        name => format!("{name}: Random::random(rng), "),
    };
    match content {
        Fields::Unit => String::new(),
        Fields::Tuple(list) => format!("({})", list.iter().map(value).collect::<String>()),
        Fields::Named(list) => format!(" {{ {} }}", list.iter().map(value).collect::<String>()),
    }
}

/// `end` is that of the names of requests which stand as ordinary values.
fn request_definition(out: &mut String, request: &Request, end: &str, derives: &str, said: Said) {
    let mut list = request.fields.clone();
    let mut parameter = ["", ""];
    if let Some(within) = &request.within {
        let attribute = match within.how {
            How::Delegate => "idem(delegate)",
            How::Parameter => "idem(delegate)",
            How::Flatten => "serde(flatten)",
        };
        let mut attributes = Attributes::default();
        attributes.ours.push(attribute.to_owned());
        if within.how == How::Flatten {
            attributes.twin.push(attribute.to_owned());
        }
        if within.how == How::Parameter {
            attributes.ours.clear();
            parameter = ["<T>", "<T: Random>"];
        }
        let ty = match within.how {
            How::Parameter => "T".to_owned(),
            _ => ended(&within.ty, end),
        };
        list.push(Field {
            name: "within".to_owned(),
            ty,
            attributes,
        });
    }
    let content = Fields::Named(list);
    let name = format!("{}{end}", request.name);
    let [argument, bounded] = parameter;
    let _ = writeln!(out, "#[derive({derives})]");
    if let Some(operation) = request.operation {
        let ours = vec![format!("idem(scope = \"{operation}\")")];
        attributes(
            out,
            &Attributes {
                ours,
                twin: Vec::new(),
            },
            said,
        );
    }
    let _ = writeln!(
        out,
        "pub struct {name}{argument}{}",
        fields(&content, "pub ", said)
    );
    let _ = writeln!(
        out,
        "impl{bounded} Random for {name}{argument} {{ fn random(rng: &mut Rng) -> Self {{ Self{} }} }}",
        values(&content)
    );
    let pushes: String = request
        .scope
        .iter()
        .map(|(field, label)| format!("scope.field(\"{label}\", &self.{field});"))
        .collect();
    let operation = request
        .operation
        .map(|operation| format!("scope.operation(\"{operation}\");"));
    let within = request.within.as_ref().map(|_| "self.within.scope(scope);");
    let scoped = bounded.replace("Random", "Scoped");
    let _ = writeln!(
        out,
        "impl{scoped} Scoped for {name}{argument} {{ fn scope(&self, scope: &mut ScopeText) {{ let _ = &scope; {} {} {pushes} }} }}",
        operation.unwrap_or_default(),
        within.unwrap_or_default(),
    );
}

/// The name of a request, and of those in its parameters, with an end.
fn ended(ty: &str, end: &str) -> String {
    let mut parts: Vec<_> = ty
        .split('<')
        .map(|part| part.trim_end_matches('>').to_owned())
        .collect();
    for part in &mut parts {
        part.push_str(end);
    }
    let depth = parts.len() - 1;
    parts.join("<") + &">".repeat(depth)
}

/// A type that holds requests which are not its own: their fields of the scope are members as any other.
fn holder(out: &mut String, request: &Request, module: &str, derives: &str) {
    let is_ours = module == "ours";
    let mut member = request.clone();
    for field in &mut member.fields {
        let label = member.scope.iter().find(|(name, _)| *name == field.name);
        if let Some((_, label)) = label {
            field.attributes.twin = vec![format!("serde(rename = \"{label}\")")];
        }
    }
    let end = if is_ours { "" } else { "Member" };
    if !is_ours {
        request_definition(out, &member, end, derives, |attributes| &attributes.twin);
    }
    let ty = ended(&request.ty(), end);
    let content =
        format!("{{ pub one: {ty}, pub list: Vec<{ty}>, pub optional: Option<Box<{ty}>> }}");
    let name = format!("Of{}", request.name);
    let _ = writeln!(
        out,
        "#[derive({derives})] pub struct {name} {content}
        impl Random for {name} {{
            fn random(rng: &mut Rng) -> Self {{
                Self {{ one: Random::random(rng), list: Random::random(rng), optional: Random::random(rng) }}
            }}
        }}"
    );
}

/// A function that holds all types to the law.
fn laws(batch: &Batch) -> String {
    let mut out = String::from("pub fn assert_laws(values: u64) {\n");
    for one in &batch.types {
        let arguments: &[&str] = match one.is_generic {
            true => &["<u8>", "<Option<String>>", "<Vec<Real>>"],
            false => &[""],
        };
        for argument in arguments {
            let of = |module: &str| {
                let argument = argument.replace("Real", &format!("random_types::{module}::Real"));
                format!("{module}::{}{argument}", one.name)
            };
            let law = if one.is_plain {
                "assert_plain"
            } else {
                "assert_law"
            };
            let _ = writeln!(
                out,
                "random_types::{law}::<{}, {}>(\"{}{argument}\", values);",
                of("ours"),
                of("twin"),
                one.name
            );
        }
    }
    for request in &batch.requests {
        let name = request.ty();
        let [ours, twin] = ["ours", "twin"].map(|module| {
            let inner = name.replace('<', &format!("<{module}::"));
            format!("{module}::{inner}")
        });
        let _ = writeln!(
            out,
            "random_types::assert_request::<{ours}, {twin}>(\"{name}\", values, {});
            random_types::assert_law::<ours::Of{1}, twin::Of{1}>(\"Of{1}\", values);",
            identity(request),
            request.name
        );
    }
    out + "}\n"
}

fn identity(request: &Request) -> String {
    if request.within.is_some() {
        return "None".to_owned();
    }
    let mut out = String::from("Some(agentidemp::Identity::new()");
    if let Some(operation) = request.operation {
        let _ = write!(out, ".scope(\"{operation}\")");
    }
    for (field, label) in &request.scope {
        let _ = write!(out, ".scope_member(\"{label}\", \"/{}\")", member(field));
    }
    for (rule, pointer) in &request.rules {
        let _ = write!(out, ".{rule}([\"{pointer}\"])");
    }
    out + ")"
}
