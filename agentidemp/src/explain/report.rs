//! The text of an [`Explanation`]: what a developer reads in a failing test or in a log.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use super::excerpt::{Excerpt, Shown, WIDTH, common_start, length_within};
use super::explanation::{Change, Difference, Explanation};
use super::scope::ScopeChange;

/// With the lines around them, the differences fill a screen of 24 lines.
const MAX_LINES: usize = 20;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_equal() {
            return write!(f, "the keys are equal: {}", self.old_key());
        }
        writeln!(f, "the keys differ:")?;
        writeln!(f, "  - {}", self.old_key())?;
        write!(f, "  + {}", self.new_key())?;

        let scope_changes = self.scope_changes().iter().map(of_scope_change);
        let mut blocks = scope_changes.chain(self.differences().map(of_difference));
        let mut left = self.scope_changes().len() + self.differences().len();
        let mut lines = 0;
        for block in blocks.by_ref() {
            lines += block.lines().count();
            if lines > MAX_LINES {
                break;
            }
            write!(f, "\n{block}")?;
            left -= 1;
        }
        match left {
            0 => Ok(()),
            1 => f.write_str("\nand 1 more difference"),
            _ => write!(f, "\nand {left} more differences"),
        }
    }
}

fn of_scope_change(change: &ScopeChange) -> String {
    let label = change.label.as_deref().unwrap_or("operation");
    let label = format!("scope {}", Excerpt::of_start(label));
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => replaced(&label, old, new),
        (None, Some(value)) => one_sided(&label, "added", value),
        (old, _) => one_sided(&label, "removed", old.as_deref().unwrap_or_default()),
    }
}

fn of_difference(difference: Difference<'_>) -> String {
    let place = place(&difference.pointer());
    match difference.change() {
        Change::Added { value } => one_sided(&place, "added", value),
        Change::Removed { value } => one_sided(&place, "removed", value),
        Change::Replaced { old, new } => replaced(&place, old, new),
        Change::Reordered { old, new } => {
            let headline = format!("{place} has the same elements in another order");
            two_sided(&headline, &headline, old, new)
        }
    }
}

fn one_sided(place: &str, what: &str, value: &str) -> String {
    let size = match length_within(value, WIDTH) {
        Some(_) => String::new(),
        None => format!(" ({} bytes)", value.len()),
    };
    format!("{place} {what}: {}{size}", Excerpt::of_start(value))
}

fn replaced(place: &str, old: &str, new: &str) -> String {
    two_sided(place, &format!("{place} differs"), old, new)
}

/// Both values in full after one headline, or both cut around the place where they differ after the
/// other.
fn two_sided(in_full: &str, cut: &str, old: &str, new: &str) -> String {
    let (common, old_next, new_next) = common_start(old, new);
    let code_points = code_points(old_next, new_next);
    match [old, new].map(|value| length_within(value, WIDTH)) {
        [Some(old_length), Some(new_length)] if old_length + new_length <= WIDTH => {
            format!("{in_full}: {} -> {}{code_points}", Shown(old), Shown(new))
        }
        [Some(_), Some(_)] => {
            format!(
                "{in_full}{code_points}:\n  - {}\n  + {}",
                Shown(old),
                Shown(new)
            )
        }
        _ => format!(
            "{cut}{}{code_points}:\n  - {}\n  + {}",
            position(old, new, common),
            Excerpt::around(old, common),
            Excerpt::around(new, common),
        ),
    }
}

/// Where two texts differ that start with so many equal characters.
fn position(old: &str, new: &str, common: usize) -> String {
    // A string's content starts after its quote.
    let are_strings = old.starts_with('"') && new.starts_with('"');
    match common - usize::from(are_strings) {
        0 => String::new(),
        1 => " after 1 equal character".to_string(),
        equal => format!(" after {equal} equal characters"),
    }
}

/// The code points at which two texts differ, where one is not ASCII: two of them may look alike.
fn code_points(old: Option<&str>, new: Option<&str>) -> String {
    let code_point = |text: Option<&str>| text?.chars().next().filter(|next| *next != '"');
    match (code_point(old), code_point(new)) {
        (Some(old), Some(new)) if !(old.is_ascii() && new.is_ascii()) => {
            format!(" (U+{:04X} -> U+{:04X})", u32::from(old), u32::from(new))
        }
        _ => String::new(),
    }
}

/// A place for people.
pub(super) fn place(pointer: &str) -> String {
    match pointer {
        "" => "the payload".to_string(),
        _ => shorten(pointer),
    }
}

/// Keeps both ends of a pointer.
pub(super) fn shorten(pointer: &str) -> String {
    let half = WIDTH / 2;
    let start = pointer.char_indices().nth(half);
    let end = pointer.char_indices().rev().nth(half);
    match (start, end) {
        (Some((start, _)), Some((end, _))) if start < end => {
            format!("{}…{}", Shown(&pointer[..start]), Shown(&pointer[end..]))
        }
        _ => Shown(pointer).to_string(),
    }
}
