//! Canonical JSON strings (RFC 8785 section 3.2.2.2): each character has one spelling.

use alloc::borrow::Cow;
use alloc::string::String;

/// The character that a canonical escape at the start of the text stands for, and the escape's
/// length.
pub(super) fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    let short = match bytes.get(1)? {
        b'b' => '\u{8}',
        b't' => '\t',
        b'n' => '\n',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'"' => '"',
        b'\\' => '\\',
        b'u' => return Some((unescape_control(bytes.get(2..6)?)?, 6)),
        _ => return None,
    };
    Some((short, 2))
}

/// `00` and two lower-case hex digits: a control character without a short escape.
fn unescape_control(digits: &[u8]) -> Option<char> {
    let [
        b'0',
        b'0',
        high @ (b'0' | b'1'),
        low @ (b'0'..=b'9' | b'a'..=b'f'),
    ] = digits
    else {
        return None;
    };
    let low = match low {
        b'0'..=b'9' => low - b'0',
        _ => low - b'a' + 10,
    };
    let control = (high - b'0') * 16 + low;
    let has_short_escape = matches!(control, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d);
    (!has_short_escape).then_some(char::from(control))
}

/// The string that a canonical JSON string stands for.
pub(super) fn unquote(quoted: &str) -> Cow<'_, str> {
    let text = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(quoted);
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        unescaped.push_str(plain);
        let (character, length) = unescape(escape.as_bytes()).unwrap_or(('\\', 1));
        unescaped.push(character);
        rest = &escape[length..];
    }
    unescaped.push_str(rest);
    Cow::Owned(unescaped)
}
