//! [`Collection`]: objects and sets whose order is known only when their last member is there.
//!
//! Their text is kept in the order in which it comes, and is not moved to sort it: what is sorted is
//! a list of ranges, by which the text is passed on in the end. An object within an object costs
//! nothing extra, as its text is a part of the outer member's range; only the elements of a set are
//! sorted by their text, and so made canonical at once. Long strings are kept as they are, and escaped
//! when they are passed on, while the text before them is hashed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Range;

use super::string::{self, cmp_utf16};
use super::writer::{Drain, Writer};

/// As many bytes as make a string worth keeping without its escapes.
const LONG_STRING: usize = 128;

#[derive(Default)]
pub(super) struct Collection {
    /// The names of the members of all open objects, one after the other.
    names: String,
    /// The members and elements that are being written, the innermost last.
    open: Vec<OpenItem>,
    /// The members of all open objects and the elements of all open sets, the innermost's last.
    items: Vec<Item>,
    /// The items of the objects and sets that are finished, in canonical order.
    sorted: Vec<Piece>,
    /// All bodies since the outermost object or set began, in the order in which they begin.
    bodies: Vec<Body>,
    /// An empty vector that keeps its capacity from one outermost object to the next.
    spare: Vec<u8>,
}

/// A member of an object, or an element of a set, which has no name.
struct Item {
    name: Range<usize>,
    piece: Piece,
}

/// A range of the text, and the first body that can begin in it.
#[derive(Clone)]
struct Piece {
    text: Range<usize>,
    body: usize,
}

/// A range of the text that is not passed on as it stands.
struct Body {
    text: Range<usize>,
    content: Content,
    /// The first body that begins after the end of this one.
    next: usize,
}

enum Content {
    /// What stands between the brackets of an object or a set: its pieces, in `sorted`.
    Items(Range<usize>),
    /// What stands between the quotes of a string, without its escapes.
    Unescaped,
}

/// An object or set that is open.
#[derive(Debug)]
pub(super) struct Frame {
    body: usize,
    first_item: usize,
}

/// An item that is being written.
struct OpenItem {
    name: Range<usize>,
    start: usize,
    body: usize,
    sorted: usize,
}

impl Collection {
    pub(super) fn open(&mut self, bracket: &[u8], writer: &mut Writer) -> Frame {
        if self.bodies.is_empty() {
            self.reserve();
            writer.divert(mem::take(&mut self.spare));
        }
        writer.write(bracket);
        let start = writer.position();
        self.bodies.push(Body {
            text: start..start,
            content: Content::Items(0..0),
            // Until it is closed, nothing begins after it.
            next: usize::MAX,
        });
        Frame {
            body: self.bodies.len() - 1,
            first_item: self.items.len(),
        }
    }

    /// Makes room for a request of ordinary size at once, where growing would take many steps.
    fn reserve(&mut self) {
        self.names.reserve(256);
        self.open.reserve(8);
        self.items.reserve(24);
        self.sorted.reserve(32);
        self.bodies.reserve(8);
        self.spare.reserve(1024);
    }

    /// Whether an open object or set has no items so far.
    pub(super) fn is_empty(&self, frame: &Frame) -> bool {
        self.items.len() == frame.first_item
    }

    /// The names of the open members. A member's name is pushed at the end before it is opened.
    pub(super) fn names(&mut self) -> &mut String {
        &mut self.names
    }

    /// How many items are being written.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Begins a member of the innermost object: its name is the end of the names, from `name` on.
    pub(super) fn open_member(&mut self, name: usize, writer: &mut Writer) {
        self.open_item(name..self.names.len(), writer);
        string::write_name(&self.names[name..], true, writer);
    }

    /// Begins an element of the innermost set.
    pub(super) fn open_element(&mut self, writer: &Writer) {
        self.open_item(0..0, writer);
    }

    fn open_item(&mut self, name: Range<usize>, writer: &Writer) {
        self.open.push(OpenItem {
            name,
            start: writer.position(),
            body: self.bodies.len(),
            sorted: self.sorted.len(),
        });
    }

    /// Writes a string within an object or a set; false where there is none around it, or the string
    /// is short: then it is escaped at once.
    #[inline]
    pub(super) fn write_string(&mut self, text: &str, writer: &mut Writer) -> bool {
        let is_kept = !self.bodies.is_empty() && text.len() >= LONG_STRING;
        if is_kept {
            self.keep_string(text, writer);
        }
        is_kept
    }

    fn keep_string(&mut self, text: &str, writer: &mut Writer) {
        writer.write_fixed(b"\"");
        let start = writer.position();
        writer.write(text.as_bytes());
        self.bodies.push(Body {
            text: start..writer.position(),
            content: Content::Unescaped,
            next: self.bodies.len() + 1,
        });
        writer.write_fixed(b"\"");
    }

    /// Ends the member at `depth`.
    pub(super) fn close_member(&mut self, depth: usize, writer: &Writer) {
        self.open.truncate(depth + 1);
        if let Some(member) = self.open.pop() {
            self.push_item(member, writer);
        }
    }

    /// Drops the member at `depth`, and gives back its name.
    pub(super) fn abandon_member(&mut self, depth: usize) -> String {
        self.open.truncate(depth + 1);
        let name = self.open.pop().map(|member| member.name);
        self.names[name.unwrap_or_default()].into()
    }

    fn push_item(&mut self, item: OpenItem, writer: &Writer) {
        self.items.push(Item {
            name: item.name,
            piece: Piece {
                text: item.start..writer.position(),
                body: item.body,
            },
        });
    }

    /// Ends the innermost element of a set. Its text is brought into canonical order at once, as the
    /// elements are sorted by it.
    pub(super) fn close_element(&mut self, writer: &mut Writer) {
        let Some(element) = self.open.pop() else {
            return;
        };
        if self.bodies.len() > element.body {
            let text = writer.diverted();
            let piece = Piece {
                text: element.start..text.len(),
                body: element.body,
            };
            let mut canonical = Writer::new(Drain::Bytes(Vec::new()));
            self.replay(text, &piece, &mut canonical);
            if let Drain::Bytes(canonical) = canonical.finish() {
                text.truncate(element.start);
                text.extend_from_slice(&canonical);
            }
            self.bodies.truncate(element.body);
            self.sorted.truncate(element.sorted);
        }
        self.push_item(element, writer);
    }

    /// Ends an object: sorts its members by name.
    ///
    /// # Errors
    ///
    /// The name that two members share.
    pub(super) fn close_object(
        &mut self,
        frame: &Frame,
        writer: &mut Writer,
    ) -> Result<(), String> {
        let members = &mut self.items[frame.first_item..];
        let first_name = members
            .first()
            .map_or(self.names.len(), |member| member.name.start);
        let name = |member: &Item| &self.names[member.name.clone()];
        members.sort_unstable_by(|left, right| cmp_utf16(name(left), name(right)));
        let twins = members
            .windows(2)
            .find_map(|pair| (name(&pair[0]) == name(&pair[1])).then(|| name(&pair[0])));
        if let Some(twin) = twins {
            return Err(twin.into());
        }
        self.names.truncate(first_name);
        self.close(frame, b"}", writer);
        Ok(())
    }

    /// Ends a set: sorts its elements by their canonical bytes.
    pub(super) fn close_set(&mut self, frame: &Frame, writer: &mut Writer) {
        let text = writer.diverted();
        let canonical = |element: &Item| &text[element.piece.text.clone()];
        self.items[frame.first_item..]
            .sort_unstable_by(|left, right| canonical(left).cmp(canonical(right)));
        self.close(frame, b"]", writer);
    }

    fn close(&mut self, frame: &Frame, bracket: &[u8], writer: &mut Writer) {
        let first = self.sorted.len();
        let items = self.items.drain(frame.first_item..);
        self.sorted.extend(items.map(|item| item.piece));
        let next = self.bodies.len();
        let body = &mut self.bodies[frame.body];
        body.text.end = writer.position();
        body.content = Content::Items(first..self.sorted.len());
        body.next = next;
        writer.write(bracket);
        if frame.body == 0 {
            self.pass_on(writer);
        }
    }

    /// Ends the outermost object or set: passes its text on to where text went before.
    fn pass_on(&mut self, writer: &mut Writer) {
        let mut text = writer.restore();
        let all = Piece {
            text: 0..text.len(),
            body: 0,
        };
        self.replay(&text, &all, writer);
        self.bodies.clear();
        self.sorted.clear();
        text.clear();
        self.spare = text;
    }

    /// Writes a piece of the text in canonical order.
    fn replay(&self, text: &[u8], piece: &Piece, writer: &mut Writer) {
        let mut at = piece.text.start;
        let mut next = piece.body;
        while let Some(body) = self.bodies.get(next) {
            if body.text.start > piece.text.end {
                break;
            }
            writer.write(&text[at..body.text.start]);
            match &body.content {
                Content::Items(pieces) => self.replay_items(text, pieces, writer),
                Content::Unescaped => string::write_escaped(&text[body.text.clone()], writer),
            }
            at = body.text.end;
            next = body.next;
        }
        writer.write(&text[at..piece.text.end]);
    }

    fn replay_items(&self, text: &[u8], pieces: &Range<usize>, writer: &mut Writer) {
        for (index, piece) in self.sorted[pieces.clone()].iter().enumerate() {
            if index > 0 {
                writer.write_fixed(b",");
            }
            self.replay(text, piece, writer);
        }
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").finish_non_exhaustive()
    }
}
