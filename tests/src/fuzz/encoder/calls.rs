//! What a request calls on the encoder, on the scope, and on a serializer.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, IdempotencyKey, Identity, Scope};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{End, Level, Member, Node, Part, Request, Shown, Step};

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            f.write_str(piece)?;
        }
        match self.end {
            End::Well => Ok(()),
            End::Error => Err(fmt::Error),
            End::Panic => panic_on_purpose(),
        }
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }
}

impl Eq for Shown {}

/// Does a call, and goes on after it where it says so.
fn take<T>(step: &Step<T>, call: impl FnOnce(&T)) {
    if step.is_caught {
        let _ = caught_on_purpose(|| call(&step.what));
    } else {
        call(&step.what);
    }
}

impl Canonical for Node {
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::Null => ().encode(out),
            Self::Bool(value) => value.encode(out),
            Self::Integer(value) => value.encode(out),
            Self::Float(value) => value.encode(out),
            Self::NotFinite => f64::NAN.encode(out),
            Self::Text(text) => text.encode(out),
            Self::Display(shown) => out.display(shown),
            Self::Optional(value) => value.encode(out),
            Self::Array(_) | Self::Set(_) | Self::Object(_) => build(self, out, true),
            Self::OfValue(value) => Identity::new().of(value).encode(out),
            Self::Serialized(node) => agentidemp::by_serialize::encode(node, out),
            Self::Values(nodes) => nodes.iter().for_each(|node| node.encode(out)),
            Self::Unfinished(node) => build(node, out, false),
            Self::Refused => out.refuse("refused"),
            Self::Panics => panic_on_purpose(),
            Self::Caught(node) => {
                let _ = caught_on_purpose(|| node.encode(out));
            }
        }
    }
}

/// Writes an object, array or set, and finishes it or not.
fn build(node: &Node, out: &mut Encoder<'_>, is_finished: bool) {
    macro_rules! built {
        ($builder:expr, $steps:expr, $call:expr) => {{
            let mut builder = $builder;
            for step in $steps {
                take(step, |what| $call(&mut builder, what));
            }
            if is_finished {
                builder.finish();
            }
        }};
    }
    match node {
        Node::Array(steps) => built!(
            out.array(),
            steps,
            |array: &mut agentidemp::canonical::Array<'_, '_>, node| {
                array.element(node);
            }
        ),
        Node::Set(steps) => built!(
            out.set(),
            steps,
            |set: &mut agentidemp::canonical::Set<'_, '_>, node| {
                set.element(node);
            }
        ),
        Node::Object(steps) => {
            built!(
                out.object(),
                steps,
                |object: &mut agentidemp::canonical::Object<'_, '_>, member: &Member| {
                    match member {
                        Member::Named(name, value) => object.member(name, value),
                        Member::Entry(name, value) => object.entry(name, value),
                        Member::Flattened(value) => object.flatten(value),
                    };
                }
            );
        }
        // There is nothing that could stay open.
        scalar => scalar.encode(out),
    }
}

impl Canonical for Request {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.payload.encode(out);
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        self.scope.encode_scope(scope);
    }
}

impl IdempotencyKey for Request {}

impl Canonical for Level {
    fn encode(&self, out: &mut Encoder<'_>) {
        ().encode(out);
    }

    fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
        for step in &self.parts {
            let call = |scope: &mut Scope<'_, '_>| match &step.what {
                Part::Operation(name) => drop(scope.operation(name)),
                Part::Within(level) => drop(scope.delegate(level)),
                Part::Field(label, value) => drop(scope.field(label, value)),
                Part::Panics => panic_on_purpose(),
            };
            if step.is_caught {
                let _ = caught_on_purpose(|| call(scope));
            } else {
                call(scope);
            }
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::NotFinite => serializer.serialize_f64(f64::INFINITY),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Display(shown) => serializer.collect_str(shown),
            Self::Optional(value) => value.serialize(serializer),
            Self::Array(steps) | Self::Set(steps) => {
                let mut sequence = serializer.serialize_seq(None)?;
                for step in steps {
                    let mut result = Ok(());
                    take(step, |node| result = sequence.serialize_element(node));
                    // An error that is caught is not gone.
                    if !step.is_caught {
                        result?;
                    }
                }
                sequence.end()
            }
            Self::Object(steps) => {
                let mut map = serializer.serialize_map(None)?;
                for step in steps {
                    let mut result = Ok(());
                    take(step, |member| result = serialize_member(member, &mut map));
                    if !step.is_caught {
                        result?;
                    }
                }
                map.end()
            }
            Self::OfValue(value) => value.serialize(serializer),
            Self::Serialized(node) => node.serialize(serializer),
            Self::Unfinished(_) => {
                let map = serializer.serialize_map(None)?;
                drop(map);
                Err(S::Error::custom("it is not finished"))
            }
            Self::Values(_) | Self::Refused => Err(S::Error::custom("refused")),
            Self::Panics => panic_on_purpose(),
            Self::Caught(node) => node.serialize(serializer),
        }
    }
}

fn serialize_member<M: SerializeMap>(member: &Member, map: &mut M) -> Result<(), M::Error> {
    match member {
        Member::Named(name, value) => map.serialize_entry(name, value),
        Member::Entry(name, value) => {
            map.serialize_key(name)?;
            map.serialize_value(value)
        }
        // A name without a value.
        Member::Flattened(value) => map.serialize_key(value),
    }
}

/// What marks a panic as one on purpose.
struct OnPurpose;

fn panic_on_purpose() -> ! {
    resume_unwind(Box::new(OnPurpose))
}

/// As [`caught`], and a panic that is not on purpose goes on.
fn caught_on_purpose<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Some(value),
        Err(payload) if payload.is::<OnPurpose>() => None,
        Err(payload) => resume_unwind(payload),
    }
}
