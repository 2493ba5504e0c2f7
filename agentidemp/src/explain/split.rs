//! Where the scope ends and the payload starts. The payload is taken to be canonical here; that it
//! is one is checked in `parse.rs`.

/// Where the payload starts, found from its end.
///
/// No other place will do: what follows a `:` within a JSON value is never one JSON value that
/// reaches the same end, as it has more closing brackets than opening ones, or an odd number of
/// quotes.
pub(super) fn payload_start(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(1)?;
    match bytes[last] {
        b'"' => string_start(bytes, last),
        b'}' | b']' => container_start(bytes),
        _ => Some(after_last_colon(bytes)),
    }
}

fn after_last_colon(bytes: &[u8]) -> usize {
    let colon = bytes.iter().rposition(|byte| *byte == b':');
    colon.map_or(0, |colon| colon + 1)
}

/// Where the object or array starts that ends the text.
fn container_start(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = bytes.len();
    loop {
        at = at.checked_sub(1)?;
        match bytes[at] {
            b'}' | b']' => depth += 1,
            b'{' | b'[' if depth == 1 => return Some(at),
            b'{' | b'[' => depth -= 1,
            b'"' => at = string_start(bytes, at)?,
            _ => {}
        }
    }
}

/// Where the string starts whose closing quote stands at `closing`.
fn string_start(bytes: &[u8], closing: usize) -> Option<usize> {
    let mut end = closing;
    loop {
        let quote = bytes[..end].iter().rposition(|byte| *byte == b'"')?;
        let before = bytes[..quote].iter().rev();
        let backslashes = before.take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 0 {
            return Some(quote);
        }
        end = quote;
    }
}
