//! What to do where a type and an identity make two keys of one request, and what differs between two
//! bodies under one key.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Identity;
use crate::explain::{Change, Difference, Explanation, ScopeChange};
use crate::pointer::{Shown, escape_segment};
use crate::printable::Quoted;

/// How many differences are looked at, and how many lines are given.
const MAX_DIFFERENCES: usize = 100;
const MAX_LINES: usize = 5;

/// One line for each thing that counts by the type and not by the identity, or the other way around. The
/// identity's request is the first of the explanation.
pub(super) fn disagreements(explanation: &Explanation) -> Vec<String> {
    let scope_changes = explanation.scope_changes();
    // What is the scope on one side alone is in the payload of the other.
    let is_scope_field = |difference: &Difference<'_>| {
        let labels = scope_changes
            .iter()
            .filter_map(|change| change.label.as_deref());
        let mut members = labels.map(|label| format!("/{}", escape_segment(label)));
        members.any(|member| member == difference.pointer())
    };
    let differences = explanation.differences().take(MAX_DIFFERENCES);
    let in_payload = differences
        .filter(|difference| !is_scope_field(difference))
        .map(of_difference);
    once_each(scope_changes.iter().map(of_scope_change).chain(in_payload))
}

/// One line for each thing that differs between two bodies, of which each is JSON.
pub(super) fn differences_of_bodies(explanation: &Explanation) -> Vec<String> {
    let differences = explanation.differences().take(MAX_DIFFERENCES);
    once_each(differences.map(|difference| {
        let what = match difference.change() {
            Change::Added { .. } | Change::Removed { .. } => "is there in some attempts only",
            Change::Replaced { .. } => "differs",
            Change::Reordered { .. } => "has its elements in another order",
        };
        format!("{} {what}", place(&difference.rule_pointer()))
    }))
}

fn of_scope_change(change: &ScopeChange) -> String {
    let Some(label) = &change.label else {
        return "the operation is not the same: give the identity the type's by `scope`".to_owned();
    };
    let label = Quoted(label);
    match (&change.old, &change.new) {
        (None, _) => format!(
            "the scope field {label} is the type's alone: \
             name it by the identity's `scope_member`, or give it by `scope_field`"
        ),
        (_, None) => format!(
            "the scope field {label} is the identity's alone: \
             mark it #[idem(scope)], or take it out of the identity"
        ),
        _ => format!(
            "the scope field {label} has two values: \
             where its `Display` text is not its JSON, give the text by the identity's `scope_field`"
        ),
    }
}

fn of_difference(difference: Difference<'_>) -> String {
    let pointer = difference.rule_pointer();
    let advice = match difference.change() {
        Change::Removed { .. } => {
            "counts by the identity alone: exclude it there, or take #[idem(skip)] off"
        }
        // serde loses the attributes of what is within.
        Change::Added { .. } if difference.is_nested() => {
            "counts by the type alone: \
             mark it #[idem(skip)], or, if it is, take #[idem(serde)] off the field around it; \
             or it is excluded by the identity, or left out by `Serialize`"
        }
        Change::Added { .. } => {
            "counts by the type alone: \
             mark it #[idem(skip)], or it is excluded by the identity, or left out by `Serialize`"
        }
        Change::Reordered { .. } => {
            "is a set on one side alone: \
             mark it #[idem(unordered)], or name it by the identity's `unordered`"
        }
        Change::Replaced { old, new } if is_text_of(old, new) || is_text_of(new, old) => {
            "is JSON text on one side alone: \
             mark it #[idem(json)], or name it by the identity's `json`"
        }
        Change::Replaced { .. } => {
            "is not written as its `Serialize` does: \
             where that is written by hand, mark it #[idem(serde)]"
        }
    };
    format!("{} {advice}", place(&pointer))
}

/// Whether a value is a string whose content is the JSON text of another value.
fn is_text_of(string: &str, value: &str) -> bool {
    let Ok(text) = serde_json::from_str::<String>(string) else {
        return false;
    };
    let canonical = Identity::new().canonical_bytes_of_json(text.as_bytes());
    canonical.is_ok_and(|canonical| canonical == value.as_bytes())
}

fn place(pointer: &str) -> String {
    match pointer {
        "" => "the payload".to_owned(),
        _ => format!("{}", Shown(pointer)),
    }
}

fn once_each(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for line in lines {
        if once.len() < MAX_LINES && !once.contains(&line) {
            once.push(line);
        }
    }
    once
}
