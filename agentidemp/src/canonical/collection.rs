//! [`Collection`]: objects and sets whose order is known only when their last member is there.
//!
//! Their text is kept in the order in which it comes, and is not moved to sort it: what is sorted is
//! a list of ranges, by which the text is passed on in the end. An object within an object costs
//! nothing extra, as its text is a part of the outer member's range; only the elements of a set are
//! sorted by their text, and so made canonical at once. The names of members, and long strings, are
//! kept as they are, and escaped when they are passed on, while the text before them is hashed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Range;

use crate::text::{Drain, Writer, cmp_names, short, string};

/// As many bytes as make a string worth keeping without its escapes.
const LONG_STRING: usize = 128;

#[derive(Default)]
pub(super) struct Collection {
    /// The members of all open objects and the elements of all open sets, the innermost's last. An
    /// object's or a set's last one may still be being written.
    items: Vec<Item>,
    /// The items of the objects and sets that are finished, in canonical order.
    sorted: Vec<Item>,
    /// All rewrites since the outermost object or set began, in the order in which they begin.
    rewrites: Vec<Rewrite>,
    /// An empty vector that keeps its capacity from one outermost object to the next.
    buffer: Vec<u8>,
    /// The texts that are given as values and do not stand for themselves, while they are being written:
    /// names, numbers with all their digits, JSON text.
    names: String,
}

/// A member of an object, or an element of a set, whose name is empty.
struct Item {
    /// The range of the text that is the name, without its escapes.
    name: Range<usize>,
    /// The first bytes of the name, by which most names are told apart. Without, 64 integers take 17 percent more
    /// instructions (callgrind of what `cargo bench -p agentidemp-bench --bench key -- '64 small'` measures).
    prefix: u64,
    value: Span,
}

impl Item {
    /// An item whose value comes next, in which no rewrite begins before `rewrite`.
    #[inline]
    fn open(name: &str, rewrite: usize, writer: &mut Writer) -> Self {
        let start = writer.position();
        let end = start + name.len();
        let name = name.as_bytes();
        let word = short::load(&name[..name.len().min(short::LENGTH)]);
        if name.len() <= short::LENGTH {
            writer.write_prefix(&word.to_le_bytes(), name.len());
        } else {
            writer.write(name);
        }
        Self {
            name: start..end,
            prefix: string::name_prefix(word),
            value: Span {
                text: end..end,
                rewrite,
            },
        }
    }
}

/// A range of the text, and the first rewrite that can begin in it.
struct Span {
    text: Range<usize>,
    rewrite: usize,
}

/// A range of the text that is not passed on as it stands.
struct Rewrite {
    text: Range<usize>,
    content: Content,
    /// The first rewrite that begins after the end of this one.
    next: usize,
}

enum Content {
    /// What stands between the brackets of an object: its members, in `sorted`.
    Members(Range<usize>),
    /// What stands between the brackets of a set: its elements, in `sorted`.
    Elements(Range<usize>),
    /// What stands between the quotes of a string, without its escapes.
    Unescaped,
}

/// An object or set that is open.
#[derive(Debug)]
pub(super) struct OpenItems {
    rewrite: usize,
    first_item: usize,
    first_sorted: usize,
}

impl Collection {
    pub(super) fn open(&mut self, bracket: u8, writer: &mut Writer) -> OpenItems {
        if self.rewrites.is_empty() {
            if self.rewrites.capacity() == 0 {
                *self = Self::with_room();
            }
            writer.divert(mem::take(&mut self.buffer));
        }
        writer.write_fixed(&[bracket]);
        let start = writer.position();
        self.rewrites.push(Rewrite {
            text: start..start,
            content: Content::Elements(0..0),
            // Until it is closed, nothing begins after it.
            next: usize::MAX,
        });
        OpenItems {
            rewrite: self.rewrites.len() - 1,
            first_item: self.items.len(),
            first_sorted: self.sorted.len(),
        }
    }

    /// Makes room for a request of ordinary size at once, where growing would take many steps.
    fn with_room() -> Self {
        Self {
            items: Vec::with_capacity(16),
            sorted: Vec::with_capacity(16),
            rewrites: Vec::with_capacity(8),
            buffer: Vec::with_capacity(1024),
            names: String::new(),
        }
    }

    /// Whether an open object or set has no items so far.
    pub(super) fn is_empty(&self, items: &OpenItems) -> bool {
        self.items.len() == items.first_item
    }

    /// Where a name goes that is given as a value: to the end.
    pub(super) fn names(&mut self) -> &mut String {
        &mut self.names
    }

    /// The name that is the end of the names, from `start` on.
    pub(super) fn name_from(&self, start: usize) -> &str {
        &self.names[start..]
    }

    /// Begins a member of the innermost object, or an element of the innermost set, which has no name.
    /// Gives its place among the items.
    #[inline]
    pub(super) fn open_item(&mut self, name: &str, writer: &mut Writer) -> usize {
        let item = Item::open(name, self.rewrites.len(), writer);
        self.push(item)
    }

    /// As [`open_item`](Self::open_item), with the end of the names, from `start` on.
    pub(super) fn open_entry(&mut self, start: usize, writer: &mut Writer) -> usize {
        let item = Item::open(&self.names[start..], self.rewrites.len(), writer);
        self.names.truncate(start);
        self.push(item)
    }

    #[inline]
    fn push(&mut self, item: Item) -> usize {
        self.items.push(item);
        self.items.len() - 1
    }

    /// Ends the item at a place.
    #[inline]
    pub(super) fn close_item(&mut self, place: usize, writer: &Writer) {
        if let Some(item) = self.items.get_mut(place) {
            item.value.text.end = writer.position();
        }
    }

    /// The name of the member at a place.
    pub(super) fn name_at(&self, place: usize, writer: &mut Writer) -> String {
        let name = self.items.get(place).map(|member| member.name.clone());
        let text = writer.diverted();
        to_string(text.get(name.unwrap_or_default()).unwrap_or_default())
    }

    /// Writes a string within an object or a set; false where there is none around it, or the string
    /// is short: then it is escaped at once.
    #[inline]
    pub(super) fn write_string(&mut self, text: &str, writer: &mut Writer) -> bool {
        let is_kept = !self.rewrites.is_empty() && text.len() >= LONG_STRING;
        if is_kept {
            self.keep_string(text, writer);
        }
        is_kept
    }

    fn keep_string(&mut self, text: &str, writer: &mut Writer) {
        writer.write_fixed(b"\"");
        let start = writer.position();
        writer.write(text.as_bytes());
        self.rewrites.push(Rewrite {
            text: start..writer.position(),
            content: Content::Unescaped,
            next: self.rewrites.len() + 1,
        });
        writer.write_fixed(b"\"");
    }

    /// Ends the innermost element of a set. Its text is brought into canonical order at once, as the
    /// elements are sorted by it.
    pub(super) fn close_element(&mut self, items: &OpenItems, writer: &mut Writer) {
        let Some(element) = self.items.last() else {
            return;
        };
        if self.rewrites.len() > element.value.rewrite {
            let text = writer.diverted();
            let span = Span {
                text: element.value.text.start..text.len(),
                rewrite: element.value.rewrite,
            };
            let mut canonical = Writer::new(Drain::Bytes(Vec::new()));
            self.replay(text, &span, &mut canonical);
            if let Drain::Bytes(canonical) = canonical.finish() {
                text.truncate(span.text.start);
                text.extend_from_slice(&canonical);
            }
            self.rewrites.truncate(span.rewrite);
            self.sorted.truncate(items.first_sorted);
        }
        self.close_item(self.items.len() - 1, writer);
    }

    /// Ends an object: sorts its members by name.
    ///
    /// # Errors
    ///
    /// The name that two members share.
    pub(super) fn close_object(
        &mut self,
        items: &OpenItems,
        writer: &mut Writer,
    ) -> Result<(), String> {
        let members = &mut self.items[items.first_item..];
        let text = writer.diverted();
        let name = |member: &Item| &text[member.name.clone()];
        members.sort_unstable_by(|left, right| {
            let by_prefix = left.prefix.cmp(&right.prefix);
            by_prefix.then_with(|| cmp_names(name(left), name(right)))
        });
        let duplicates = members
            .windows(2)
            .find(|pair| pair[0].prefix == pair[1].prefix && name(&pair[0]) == name(&pair[1]));
        if let Some([duplicate, ..]) = duplicates {
            return Err(to_string(name(duplicate)));
        }
        self.close(items, Content::Members, b'}', writer);
        Ok(())
    }

    /// Ends a set: sorts its elements by their canonical bytes.
    pub(super) fn close_set(&mut self, items: &OpenItems, writer: &mut Writer) {
        let text = writer.diverted();
        let canonical = |element: &Item| &text[element.value.text.clone()];
        self.items[items.first_item..]
            .sort_unstable_by(|left, right| canonical(left).cmp(canonical(right)));
        self.close(items, Content::Elements, b']', writer);
    }

    fn close(
        &mut self,
        items: &OpenItems,
        content: fn(Range<usize>) -> Content,
        bracket: u8,
        writer: &mut Writer,
    ) {
        let first = self.sorted.len();
        self.sorted.extend(self.items.drain(items.first_item..));
        let next = self.rewrites.len();
        let rewrite = &mut self.rewrites[items.rewrite];
        rewrite.text.end = writer.position();
        rewrite.content = content(first..self.sorted.len());
        rewrite.next = next;
        writer.write_fixed(&[bracket]);
        if items.rewrite == 0 {
            self.pass_on(writer);
        }
    }

    /// Ends the outermost object or set: passes its text on to where text went before.
    fn pass_on(&mut self, writer: &mut Writer) {
        let mut text = writer.restore();
        let all = Span {
            text: 0..text.len(),
            rewrite: 0,
        };
        self.replay(&text, &all, writer);
        self.rewrites.clear();
        self.sorted.clear();
        text.clear();
        self.buffer = text;
    }

    /// Writes a span of the text in canonical order.
    fn replay(&self, text: &[u8], span: &Span, writer: &mut Writer) {
        let mut at = span.text.start;
        let mut next = span.rewrite;
        while let Some(rewrite) = self.rewrites.get(next) {
            if rewrite.text.start >= span.text.end {
                break;
            }
            writer.write(&text[at..rewrite.text.start]);
            match &rewrite.content {
                Content::Members(members) => self.replay_members(text, members, writer),
                Content::Elements(elements) => self.replay_elements(text, elements, writer),
                Content::Unescaped => string::write_escaped(&text[rewrite.text.clone()], writer),
            }
            at = rewrite.text.end;
            next = rewrite.next;
        }
        writer.write(&text[at..span.text.end]);
    }

    fn replay_members(&self, text: &[u8], members: &Range<usize>, writer: &mut Writer) {
        for (index, member) in self.sorted[members.clone()].iter().enumerate() {
            string::write_name(&text[member.name.clone()], index == 0, writer);
            self.replay(text, &member.value, writer);
        }
    }

    fn replay_elements(&self, text: &[u8], elements: &Range<usize>, writer: &mut Writer) {
        for (index, element) in self.sorted[elements.clone()].iter().enumerate() {
            if index > 0 {
                writer.write_fixed(b",");
            }
            self.replay(text, &element.value, writer);
        }
    }
}

/// A name from the text.
fn to_string(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

impl fmt::Debug for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").finish_non_exhaustive()
    }
}
