//! Requests out of the bytes of an input.

use super::{End, Level, Member, Node, Part, Shown, Step};
use crate::fuzz::source::Source;

pub(super) fn node(source: &mut Source<'_>, levels: usize) -> Node {
    let inner = |source: &mut Source<'_>| Box::new(node(source, levels.saturating_sub(1)));
    match source.below(if levels == 0 { 10 } else { 28 }) {
        0 => Node::Null,
        1 => Node::Bool(true),
        2 | 3 => Node::Integer(source.integer()),
        4 => Node::Float(source.float()),
        5..8 => Node::Text(source.text()),
        8 => Node::Display(shown(source)),
        9 => match source.below(24) {
            0 => Node::NotFinite,
            1 => Node::Refused,
            2 | 3 => Node::Panics,
            4 => Node::Values(Vec::new()),
            _ => Node::OfValue(source.value(2)),
        },
        10..13 => Node::Array(source.many(4, |source| step(source, |source| *inner(source)))),
        13..15 => Node::Set(source.many(4, |source| step(source, |source| *inner(source)))),
        15..22 => Node::Object(source.many(4, |source| {
            step(source, |source| member(source, levels - 1))
        })),
        22 => Node::Optional(source.once_in(2).then(|| inner(source))),
        23 => Node::Serialized(inner(source)),
        24 | 25 => Node::Caught(inner(source)),
        26 => match source.below(8) {
            0 => Node::Unfinished(inner(source)),
            _ => Node::Values(source.many(2, |source| *inner(source))),
        },
        // The value, and a fallback where it panics.
        _ => Node::Values(vec![Node::Caught(inner(source)), Node::Values(Vec::new())]),
    }
}

fn member(source: &mut Source<'_>, levels: usize) -> Member {
    match source.below(8) {
        0 => Member::Entry(node(source, 0), node(source, levels)),
        1 | 2 => Member::Flattened(node(source, levels)),
        _ => Member::Named(source.name(), node(source, levels)),
    }
}

fn step<T>(source: &mut Source<'_>, make: impl FnOnce(&mut Source<'_>) -> T) -> Step<T> {
    Step {
        is_caught: source.once_in(6),
        what: make(source),
    }
}

fn shown(source: &mut Source<'_>) -> Shown {
    let end = match source.below(16) {
        0 => End::Error,
        1 => End::Panic,
        _ => End::Well,
    };
    Shown {
        pieces: source.many(2, Source::text),
        end,
    }
}

const LABELS: &[&str] = &["a", "b", "user", "\u{fb33}", "\u{1f600}", "", "a:"];

pub(super) fn level(source: &mut Source<'_>, levels: usize) -> Level {
    let part = |source: &mut Source<'_>| match source.below(8) {
        0..2 => Part::Operation(source.pick(&["a", "b.c", "d", "{", "", "a:"]).to_owned()),
        2..5 if levels > 0 => Part::Within(level(source, levels - 1)),
        5 if source.once_in(2) => Part::Panics,
        _ => Part::Field(source.pick(LABELS), shown(source)),
    };
    Level {
        parts: source.many(3, |source| step(source, part)),
    }
}
