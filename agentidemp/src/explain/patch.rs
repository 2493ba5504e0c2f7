//! Differences as a JSON Patch (RFC 6902).

use alloc::string::{String, ToString};

use super::compare::Edit;
use super::document::{Document, NodeId};
use crate::pointer::escape_segment;

/// The operations, in the order of the new document: what comes before the place of one is already
/// as it is there, so that the indices of the new document hold.
pub(super) fn json_patch(old: &Document, new: &Document, edits: &[Edit]) -> String {
    let mut out = String::from("[");
    for (index, edit) in edits.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match *edit {
            Edit::Added { new: node } => {
                operation("add", &path(new, node), Some(new.value(node)), &mut out);
            }
            Edit::Replaced { new: node, .. } | Edit::Reordered { new: node, .. } => {
                operation("replace", &path(new, node), Some(new.value(node)), &mut out);
            }
            Edit::Removed {
                old: node,
                parent,
                index,
            } => {
                let place = path(new, parent) + "/" + &segment(old, node, index);
                operation("remove", &place, None, &mut out);
            }
        }
    }
    out.push(']');
    out
}

fn operation(name: &str, path: &str, value: Option<&str>, out: &mut String) {
    out.push_str(r#"{"op":""#);
    out.push_str(name);
    out.push_str(r#"","path":""#);
    out.push_str(path);
    out.push('"');
    if let Some(value) = value {
        out.push_str(r#","value":"#);
        out.push_str(value);
    }
    out.push('}');
}

/// A JSON Pointer, escaped as the content of a JSON string.
fn path(document: &Document, node: NodeId) -> String {
    let nodes = document.path(node).into_iter();
    nodes.fold(String::new(), |path, node| {
        path + "/" + &segment(document, node, document.index(node))
    })
}

/// The escapes of the name stay, as they hold neither `~` nor `/`.
fn segment(document: &Document, node: NodeId, index: usize) -> String {
    match document.quoted_name(node) {
        Some(quoted) => escape_segment(&quoted[1..quoted.len() - 1]),
        None => index.to_string(),
    }
}
