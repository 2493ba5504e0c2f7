//! [`Redacted`]: what differs and what is hashed, without the content.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use super::describe::Description;
use super::document::{Document, Kind, ROOT};
use super::excerpt::{Shown, length_within};
use super::explanation::{Change, Difference, Explanation};
use super::report::{place, shorten};
use super::scope::{ParsedScope, ScopeChange, unescape};

/// As many differences are shown as in the text of an [`Explanation`].
const MAX_LINES: usize = 20;

/// An [`Explanation`] or a [`Description`] without content, for logs: what
/// [`Explanation::redacted`] and [`Description::redacted`] give.
///
/// [`Display`](fmt::Display), and [`Debug`](fmt::Debug) as well, show where, of which kind, and how long.
/// Names stay: those of members, which are content where a map is keyed by an email address, the labels
/// of the scope and the operation.
///
/// The keys are left out: who sees a key of content that can be guessed can guess the content. Log the
/// [keyed](crate::Secret) key beside it.
#[derive(Clone, Copy)]
pub struct Redacted<'a, T>(&'a T);

impl Explanation {
    /// The explanation without content: pointers and lengths.
    ///
    /// ```
    /// use agentidemp::explain::explain_bytes;
    ///
    /// let explanation = explain_bytes(
    ///     br#"user:ada:{"amount":500,"messages":[{"content":"My code is 1234."}]}"#,
    ///     br#"user:bob:{"amount":501,"messages":[{"content":"My code is 123."}]}"#,
    /// )?;
    /// assert_eq!(
    ///     explanation.redacted().to_string(),
    ///     "\
    /// the requests differ:
    /// scope user: 3 characters -> 3 characters
    /// /amount: number -> number
    /// /messages/0/content: string of 16 characters -> string of 15 characters"
    /// );
    /// # Ok::<(), agentidemp::explain::NotCanonicalError>(())
    /// ```
    #[must_use]
    pub fn redacted(&self) -> Redacted<'_, Self> {
        Redacted(self)
    }
}

impl Description {
    /// The description without content: pointers and lengths.
    ///
    /// ```
    /// let request = br#"charges.create:user:ada:{"amount":500,"tags":[],"to":"a.b@example.org"}"#;
    /// let description = agentidemp::explain::describe_bytes(request)?;
    /// assert_eq!(
    ///     description.redacted().to_string(),
    ///     "\
    /// scope operation: charges.create
    /// scope user: 3 characters
    /// /amount: number
    /// /tags: array of 0 elements
    /// /to: string of 15 characters"
    /// );
    /// # Ok::<(), agentidemp::explain::NotCanonicalError>(())
    /// ```
    #[must_use]
    pub fn redacted(&self) -> Redacted<'_, Self> {
        Redacted(self)
    }
}

impl fmt::Display for Redacted<'_, Explanation> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(explanation) = self;
        if explanation.is_equal() {
            return f.write_str("the requests are equal");
        }
        f.write_str("the requests differ:")?;
        let scope_changes = explanation.scope_changes().iter().map(of_scope_change);
        let lines = scope_changes.chain(explanation.differences().map(of_difference));
        for line in lines.take(MAX_LINES) {
            write!(f, "\n{line}")?;
        }
        let differences = explanation.scope_changes().len() + explanation.differences().len();
        match differences.saturating_sub(MAX_LINES) {
            0 => Ok(()),
            1 => f.write_str("\nand 1 more difference"),
            left => write!(f, "\nand {left} more differences"),
        }
    }
}

impl fmt::Display for Redacted<'_, Description> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = &self.0.document;
        let scope = ParsedScope::new(document.scope());
        if let Some(operation) = scope.operation {
            writeln!(f, "scope operation: {}", Shown(operation))?;
        }
        for (label, value) in scope.fields {
            let unescaped = unescape(value);
            let value = of_scope_value(unescaped.as_deref().unwrap_or(value));
            writeln!(f, "scope {}: {value}", Shown(label))?;
        }
        let innermost = (ROOT..document.len()).filter(|node| document.end(*node) == node + 1);
        for (number, node) in innermost.enumerate() {
            let line_end = if number > 0 { "\n" } else { "" };
            let place = place(&document.pointer(node));
            write!(f, "{line_end}{place}: {}", of_value(document.value(node)))?;
        }
        Ok(())
    }
}

fn of_scope_change(change: &ScopeChange) -> String {
    // The operation is a name, as the labels are.
    let Some(label) = &change.label else {
        return format!("scope {change}");
    };
    let label = format!("scope {}", shorten(label));
    let [old, new] = [&change.old, &change.new].map(|value| value.as_deref().map(of_scope_value));
    match (old, new) {
        (Some(old), Some(new)) => format!("{label}: {old} -> {new}"),
        (None, Some(new)) => format!("{label} added: {new}"),
        (old, _) => format!("{label} removed: {}", old.unwrap_or_default()),
    }
}

fn of_difference(difference: Difference<'_>) -> String {
    let place = place(&difference.pointer());
    match difference.change() {
        Change::Added { value } => format!("{place} added: {}", of_value(value)),
        Change::Removed { value } => format!("{place} removed: {}", of_value(value)),
        Change::Replaced { old, new } => format!("{place}: {} -> {}", of_value(old), of_value(new)),
        Change::Reordered { new, .. } => {
            format!(
                "{place} has the same elements in another order: {}",
                of_value(new)
            )
        }
    }
}

fn of_scope_value(value: &str) -> String {
    counted("", value.chars().count(), "character")
}

/// The kind of a value, and how long it is; of a number the kind alone, as the length of an amount
/// says much of it.
fn of_value(value: &str) -> String {
    let Ok(document) = Document::of_canonical(value.into()) else {
        return "a value".to_string();
    };
    let children = || document.children(ROOT).count();
    match document.kind(ROOT) {
        Kind::Object => counted("object of ", children(), "member"),
        Kind::Array => counted("array of ", children(), "element"),
        Kind::String => counted("string of ", length_of_string(value), "character"),
        Kind::Literal => match value {
            "null" => "null",
            "true" | "false" => "boolean",
            _ => "number",
        }
        .to_string(),
    }
}

/// How many characters a JSON string stands for.
fn length_of_string(quoted: &str) -> usize {
    let length = length_within(quoted, usize::MAX - 1).unwrap_or_default();
    length.saturating_sub(2)
}

fn counted(kind: &str, count: usize, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{kind}{count} {unit}{plural}")
}

impl<T> fmt::Debug for Redacted<'_, T>
where
    Self: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
