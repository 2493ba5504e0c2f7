//! Explains an attribute that is not known: by the one that is meant, as far as that can be seen.

use quote::ToTokens;
use syn::{Error, Path};

/// The attributes of serde that `#[idem(...)]` has under a name of its own.
const RENAMED: &[(&str, &str)] = &[
    ("skip_serializing", "skip"),
    ("skip_serializing_if", "skip_if"),
    ("serialize_with", "with"),
];

/// The attributes of serde that count where they stand.
const OF_SERDE: &[&str] = &[
    "content",
    "flatten",
    "into",
    "rename_all",
    "rename_all_fields",
    "tag",
    "transparent",
    "untagged",
];

pub(crate) fn error(path: &Path, place: &str, known: &[&str]) -> Error {
    let name = path.to_token_stream().to_string().replace(' ', "");
    let renamed = RENAMED.iter().find(|(theirs, _)| *theirs == name);
    let help = match renamed.filter(|(_, ours)| known.contains(ours)) {
        Some((_, ours)) => format!("serde's `{name}` is `{ours}` here"),
        None if OF_SERDE.contains(&name.as_str()) => {
            format!("write `#[serde({name})]`, which counts here as well")
        }
        None => match nearest(&name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("{place} takes `{}`", known.join("`, `")),
        },
    };
    Error::new_spanned(path, format!("unknown attribute `{name}`: {help}"))
}

fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, nearest) = known
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .min()?;
    (distance <= nearest.len() / 2).then_some(nearest)
}

/// The Levenshtein distance: how many characters to add, drop or change.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = index;
        row[0] = index + 1;
        for (column, to) in right.chars().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
