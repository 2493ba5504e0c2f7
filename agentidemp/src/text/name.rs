//! [`Name`]: the name of a member that is known at compile time, as the derive gives it.

use super::escape;

/// A member's name, and how it is written.
///
/// Where names are written as any others, a chat of 300 B takes 44 percent more instructions, the hash left out
/// (callgrind of what `cargo bench -p agentidemp-bench --bench key -- '300 B'` measures).
#[derive(Debug)]
pub struct Name {
    pub(crate) text: &'static str,
    /// None if the name is long or has escapes.
    pub(crate) written: Option<Written>,
}

/// `,"name":` as it stands before a member that is not the first.
#[derive(Debug)]
pub(crate) struct Written {
    /// The text, and zeros behind it, so that as many bytes can be copied without the comma.
    pub(crate) text: [u8; Self::LENGTH + 1],
    pub(crate) length: usize,
}

impl Name {
    /// In a constant, this costs nothing at run time.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        let written = Written::new(text.as_bytes());
        Self { text, written }
    }
}

impl Written {
    /// How long the text is at most.
    pub(crate) const LENGTH: usize = 32;

    const fn new(name: &[u8]) -> Option<Self> {
        let length = name.len() + br#","":"#.len();
        if length > Self::LENGTH {
            return None;
        }
        let mut text = [0; Self::LENGTH + 1];
        text[0] = b',';
        text[1] = b'"';
        let mut at = 0;
        while at < name.len() {
            if escape::is_escaped(name[at]) {
                return None;
            }
            text[at + 2] = name[at];
            at += 1;
        }
        text[length - 2] = b'"';
        text[length - 1] = b':';
        Some(Self { text, length })
    }
}
