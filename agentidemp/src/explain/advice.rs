//! What to do about the differences between two attempts of one request.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::explanation::{Change, Difference, Explanation};
use super::report::{place, shorten};
use super::scope::ScopeChange;

/// How many differences are looked at, and how many suggestions are given.
const MAX_DIFFERENCES: usize = 100;
const MAX_SUGGESTIONS: usize = 5;

/// One line for each field that differs between attempts: where it is, and what to do.
pub(crate) fn suggestions(explanation: &Explanation) -> Vec<String> {
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for difference in explanation.differences().take(MAX_DIFFERENCES) {
        let suggestion = Suggestion::new(difference);
        match suggestions
            .iter_mut()
            .find(|other| other.is_of_same_field(&suggestion))
        {
            Some(other) => other.is_repeated = true,
            None => suggestions.push(suggestion),
        }
    }
    let in_scope = explanation.scope_changes().iter().map(in_scope);
    let in_payload = suggestions.iter().map(Suggestion::text);
    in_scope.chain(in_payload).take(MAX_SUGGESTIONS).collect()
}

fn in_scope(change: &ScopeChange) -> String {
    match &change.label {
        Some(label) => format!(
            "the scope field {} differs between attempts: \
             give it a value that stays the same, or mark it #[idem(skip)] instead of #[idem(scope)]",
            shorten(label),
        ),
        None => "the operation of the scope differs between attempts: give it one name".to_owned(),
    }
}

/// A place that differs, or several of which only the indices in arrays are not the same.
struct Suggestion {
    pointer: String,
    /// The pointer with `*` for indices.
    pattern: String,
    is_repeated: bool,
    problem: &'static str,
    remedy: &'static str,
}

impl Suggestion {
    fn new(difference: Difference<'_>) -> Self {
        let pointer = difference.pointer();
        let pattern = difference.rule_pointer();
        let problem = match difference.change() {
            Change::Added { .. } | Change::Removed { .. } => "is there in some attempts only",
            Change::Replaced { .. } => "differs between attempts",
            Change::Reordered { .. } => "has its elements in another order",
        };
        let remedy = match difference.change() {
            _ if pointer.is_empty() => "build it from what stays the same",
            Change::Reordered { .. } => "sort them, or mark it #[idem(unordered)]",
            _ if pattern.ends_with('*') => {
                "build it alike in every attempt, or mark the field around it #[idem(skip)]"
            }
            // serde loses the attributes of what is within.
            _ if difference.is_nested() => {
                "mark it #[idem(skip)], or, if it is, take #[idem(serde)] off the field around it"
            }
            _ => "mark it #[idem(skip)]",
        };
        Self {
            pointer,
            pattern,
            is_repeated: false,
            problem,
            remedy,
        }
    }

    fn is_of_same_field(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.problem == other.problem
    }

    fn text(&self) -> String {
        let Self {
            problem, remedy, ..
        } = self;
        let place = place(if self.is_repeated {
            &self.pattern
        } else {
            &self.pointer
        });
        format!("{place} {problem}: {remedy}")
    }
}
