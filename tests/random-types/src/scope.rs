//! The scope of a request, as FORMAT.md section 3 writes it.

use std::fmt::Display;

/// A twin of a type with a scope.
pub trait Scoped {
    /// Adds its operation and fields, and those of the request within.
    fn scope(&self, scope: &mut ScopeText);
}

/// The parts of a scope.
#[derive(Debug, Default)]
pub struct ScopeText {
    operations: Vec<String>,
    fields: Vec<(String, String)>,
}

impl ScopeText {
    pub fn operation(&mut self, name: &str) {
        self.operations.push(name.to_owned());
    }

    pub fn field(&mut self, label: &str, value: &impl Display) {
        let value = value.to_string().replace('%', "%25").replace(':', "%3A");
        self.fields.push((label.to_owned(), value));
    }

    /// What stands before the payload.
    pub(crate) fn text(mut self) -> String {
        self.fields
            .sort_by_key(|(label, _)| label.encode_utf16().collect::<Vec<_>>());
        let mut text = self.operations.join(">");
        if !text.is_empty() {
            text.push(':');
        }
        for (label, value) in &self.fields {
            text += &format!("{label}:{value}:");
        }
        text
    }
}
