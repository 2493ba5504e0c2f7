//! The scope: its parts, and what differs between two. The text is taken apart here; it is written
//! in `canonical/scope.rs`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::compare::merge;
use super::excerpt::Shown;
use crate::text::cmp_utf16;

/// A part of the scope that differs between two requests.
///
/// [`Display`](fmt::Display) gives the label and both values: `user: 42 -> 43`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeChange {
    /// The label of the scope field; none where it is the operation that differs.
    pub label: Option<String>,
    /// The text in the scope of the first request, if it has one.
    pub old: Option<String>,
    /// The text in the scope of the second request, if it has one.
    pub new: Option<String>,
}

/// A scope, taken apart at its colons.
pub(super) struct ParsedScope<'a> {
    pub(super) operation: Option<&'a str>,
    /// Labels and values, as they are escaped.
    pub(super) fields: Vec<(&'a str, &'a str)>,
}

impl<'a> ParsedScope<'a> {
    pub(super) fn new(text: Option<&'a str>) -> Self {
        let parts: Vec<_> = text.map_or_else(Vec::new, |text| text.split(':').collect());
        // A field has two parts, the operation one.
        let (operation, fields) = parts.split_at(parts.len() % 2);
        let fields = fields.chunks_exact(2).map(|field| (field[0], field[1]));
        Self {
            operation: operation.first().copied(),
            fields: fields.collect(),
        }
    }
}

/// What differs between two scopes: nothing exactly where their texts are equal.
pub(super) fn changes(old: Option<&str>, new: Option<&str>) -> Vec<ScopeChange> {
    let [old, new] = [old, new].map(ParsedScope::new);
    let operation = ScopeChange::new(None, old.operation, new.operation);
    let fields = merge(
        old.fields.into_iter(),
        new.fields.into_iter(),
        |(old, _), (new, _)| cmp_utf16(old, new),
    );
    let fields = fields.filter_map(|(old, new)| {
        let (label, _) = old.or(new)?;
        let value = |field: Option<(_, _)>| field.map(|(_, value)| value);
        ScopeChange::new(Some(label), value(old), value(new))
    });
    operation.into_iter().chain(fields).collect()
}

impl ScopeChange {
    fn new(label: Option<&str>, old: Option<&str>, new: Option<&str>) -> Option<Self> {
        if old == new {
            return None;
        }
        // Both or neither: a text that is not escaped could look like one that is.
        let unescaped = [old, new].map(|text| text.map(unescape));
        let is_escaped = label.is_some() && !unescaped.contains(&Some(None));
        let [old, new] = if is_escaped {
            unescaped.map(Option::flatten)
        } else {
            [old, new].map(|text| text.map(ToString::to_string))
        };
        Some(Self {
            label: label.map(ToString::to_string),
            old,
            new,
        })
    }
}

/// The value of a scope field without its escapes; none where it holds another `%`.
pub(super) fn unescape(value: &str) -> Option<String> {
    let mut pieces = value.split('%');
    let mut unescaped = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let (character, rest) = match piece.split_at_checked(2)? {
            ("25", rest) => ('%', rest),
            ("3A", rest) => (':', rest),
            _ => return None,
        };
        unescaped.push(character);
        unescaped.push_str(rest);
    }
    Some(unescaped)
}

impl fmt::Display for ScopeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = Shown(self.label.as_deref().unwrap_or("operation"));
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{label}: {} -> {}", Shown(old), Shown(new)),
            (None, Some(new)) => write!(f, "{label} added: {}", Shown(new)),
            (Some(old), None) => write!(f, "{label} removed: {}", Shown(old)),
            (None, None) => write!(f, "{label}"),
        }
    }
}
