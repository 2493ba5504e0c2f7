//! `explain`: why two bodies have two keys.

use agentidemp::Key;
use agentidemp::explain::{Explanation, ScopeChange, explain_bytes, explain_json};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Answer;
use crate::arguments::Explain;
use crate::failure::Failure;
use crate::output::{Format, print_json, print_plain, print_text};

#[derive(Serialize)]
struct Explained<'a> {
    equal: bool,
    old_key: Key,
    new_key: Key,
    scope: Vec<Change<'a>>,
    /// A JSON Patch (RFC 6902).
    patch: Box<RawValue>,
}

#[derive(Serialize)]
struct Change<'a> {
    /// `null` for the operation.
    label: Option<&'a str>,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

pub(super) fn run(arguments: &Explain) -> Result<Answer, Failure> {
    let explanation = explain(arguments)?;
    match arguments.output.format {
        Format::Text if arguments.form.redact => print_plain(&explanation.redacted())?,
        Format::Text => print_explanation(&explanation)?,
        Format::Json => print_json(&explained(&explanation)?)?,
    }
    Ok(if explanation.is_equal() {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn explain(arguments: &Explain) -> Result<Explanation, Failure> {
    let identity = arguments.rules.identity()?;
    let [old, new] = &[arguments.old.body()?, arguments.new.body()?];
    // One after the other, so that an error says which of the two it is in.
    if arguments.form.canonical {
        old.describe_canonical()?;
        return explain_bytes(&old.bytes, &new.bytes)
            .map_err(|error| Failure::of_canonical(new.source, &new.bytes, &error));
    }
    old.key(&identity)?;
    explain_json(&identity, &old.bytes, &new.bytes)
        .map_err(|error| Failure::of_body(new.source, &new.bytes, &error))
}

fn print_explanation(explanation: &Explanation) -> Result<(), Failure> {
    let text = explanation.to_string();
    print_text(text.lines().map(|line| (style(line), line)))
}

/// As `diff` colours it. A line that starts otherwise is of a place, and no place starts with a blank.
fn style(line: &str) -> Style {
    match line.get(..4) {
        Some("  - ") => AnsiColor::Red.on_default(),
        Some("  + ") => AnsiColor::Green.on_default(),
        _ => Style::new(),
    }
}

fn explained(explanation: &Explanation) -> Result<Explained<'_>, Failure> {
    let patch = RawValue::from_string(explanation.to_json_patch());
    Ok(Explained {
        equal: explanation.is_equal(),
        old_key: explanation.old_key(),
        new_key: explanation.new_key(),
        scope: explanation.scope_changes().iter().map(change).collect(),
        patch: patch.map_err(|error| Failure::new(error.to_string()))?,
    })
}

fn change(change: &ScopeChange) -> Change<'_> {
    Change {
        label: change.label.as_deref(),
        old: change.old.as_deref(),
        new: change.new.as_deref(),
    }
}
