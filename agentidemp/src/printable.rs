//! Text of a payload, made harmless: what a person reads on a terminal or in a log has no control
//! characters, no marks that turn its direction, and nothing that cannot be seen.

use core::fmt::{self, Write};

/// A text as a JSON string, quotes included.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                _ => write_harmless(character, f)?,
            }
        }
        f.write_char('"')
    }
}

/// A text as it is, but for what is escaped in a JSON string because it cannot be seen: JSON text stays
/// the JSON text of the same value.
#[derive(Debug, Clone, Copy)]
pub struct Harmless<'a>(pub &'a str);

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|character| write_harmless(character, f))
    }
}

fn write_harmless(character: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_harmless(character) {
        return f.write_char(character);
    }
    character
        .encode_utf16(&mut [0; 2])
        .iter()
        .try_for_each(|unit| write!(f, "\\u{unit:04x}"))
}

/// Whether a text can be shown as it is.
pub(crate) fn is_harmless_text(text: &str) -> bool {
    text.chars().all(is_harmless)
}

/// Whether a character is seen, stands where it is written, and changes nothing around it.
fn is_harmless(character: char) -> bool {
    let is_invisible = matches!(character,
        // Soft hyphen; Arabic letter mark; Mongolian vowel separator.
        '\u{ad}' | '\u{61c}' | '\u{180e}'
        // Zero width; direction; line and paragraph separators; invisible operators.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Hangul fillers; variation selectors; byte order mark; annotations; tags.
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}');
    !character.is_control() && !is_invisible
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::{Harmless, Quoted};

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        for (text, shown) in [
            ("name", r#""name""#),
            ("\u{e9} \u{1f600}", "\"\u{e9} \u{1f600}\""),
            ("a\"\\", r#""a\"\\""#),
            ("\u{1b}[31m\n", r#""\u001b[31m\u000a""#),
            ("\u{202e}\u{200b}\u{85}", r#""\u202e\u200b\u0085""#),
            ("\u{e0041}", r#""\udb40\udc41""#),
        ] {
            assert_eq!(Quoted(text).to_string(), shown);
        }
    }

    #[test]
    fn json_text_stays_the_text_of_its_value() {
        let text = "{\"a\u{202e}\":\"\\\"\u{e0041}\u{e9}\"}";
        assert_eq!(
            Harmless(text).to_string(),
            "{\"a\\u202e\":\"\\\"\\udb40\\udc41\u{e9}\"}"
        );
    }
}
