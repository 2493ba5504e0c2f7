//! The rules: what of a body counts, and what it is valid for. Flags, or a document that other languages
//! share, make an [`Identity`].

use agentidemp::{Identity, Secret};
use clap::{Args, ValueHint};

use crate::failure::Failure;
use crate::input::Source;

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct Rules {
    /// Leave this out: a JSON Pointer, in which `*` is any one member or element, or a name of the top level
    #[arg(long, value_name = "PATH")]
    exclude: Vec<String>,
    /// Leave out the members of this name, at every depth
    #[arg(long, value_name = "NAME")]
    exclude_everywhere: Vec<String>,
    /// Let only this count, and what else is listed so
    #[arg(long, value_name = "POINTER")]
    only: Vec<String>,
    /// The array there is a set: its order does not count
    #[arg(long, value_name = "POINTER")]
    unordered: Vec<String>,
    /// The string there holds JSON text, of which the value counts
    #[arg(long, value_name = "POINTER")]
    json_text: Vec<String>,
    /// The operation that the key is valid for: charges.create
    #[arg(long, value_name = "NAME", conflicts_with = "identity")]
    operation: Option<String>,
    /// A field of the scope: user=42
    #[arg(long, value_name = "LABEL=VALUE", value_parser = pair)]
    scope: Vec<(String, String)>,
    /// A field of the scope whose value is in the body: tenant=/tenant
    #[arg(long, value_name = "LABEL=POINTER", value_parser = pair)]
    scope_member: Vec<(String, String)>,
    /// Make keyed keys (HMAC-SHA-256) with the secret in this file; a line end behind a text does not count
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    secret_file: Option<Source>,
    /// Read the rules from a JSON document; flags are added to it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    identity: Option<Source>,
}

impl Rules {
    pub(crate) fn identity(&self) -> Result<Identity, Failure> {
        let mut identity = match &self.identity {
            Some(document) => read_document(document)?,
            None => Identity::new(),
        };
        identity = identity
            .exclude(&self.exclude)
            .exclude_everywhere(&self.exclude_everywhere)
            .only(&self.only)
            .unordered(&self.unordered)
            .json(&self.json_text);
        // As in a document: the operations of the request and of those within it.
        for operation in self.operation.iter().flat_map(|names| names.split('>')) {
            identity = identity.scope(operation);
        }
        for (label, value) in &self.scope {
            identity = identity.scope_field(label, value);
        }
        for (label, pointer) in &self.scope_member {
            identity = identity.scope_member(label, pointer);
        }
        if let Some(file) = &self.secret_file {
            identity = identity.secret(read_secret(file)?);
        }
        identity
            .check()
            .map_err(|error| Failure::of_rules(&error))?;
        Ok(identity)
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (label, value) = text.split_once('=').ok_or("it has no `=`")?;
    Ok((label.into(), value.into()))
}

fn read_document(source: &Source) -> Result<Identity, Failure> {
    let document = source.read()?;
    serde_json::from_slice(&document).map_err(|error| Failure::of_document(source, &error))
}

fn read_secret(source: &Source) -> Result<Secret, Failure> {
    let bytes = source.read()?;
    let secret = Secret::new(without_line_end(&bytes));
    // An empty one is found here, and not in each line.
    let found = secret.key_of(b"");
    found.map_err(|error| Failure::of_secret(source, &error))?;
    Ok(secret)
}

/// An editor and `echo` end a text with a line end, which is no part of the secret. Random bytes are taken as
/// they are.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().any(u8::is_ascii_control) || std::str::from_utf8(line).is_err() {
        bytes
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::without_line_end;

    #[test]
    fn the_line_end_of_a_text_is_no_part_of_a_secret() {
        for text in [&b"secret"[..], b"secret\n", b"secret\r\n"] {
            assert_eq!(without_line_end(text), b"secret");
        }
        assert_eq!(without_line_end(b"secret\n\n"), b"secret\n\n");
        assert_eq!(without_line_end(b"\x00\xff\n"), b"\x00\xff\n");
    }
}
