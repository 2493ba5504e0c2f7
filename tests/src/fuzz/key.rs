//! Keys as text and in headers.

use agentidemp::Key;
use fastrand::Rng;
use http::HeaderValue;
use sfv::{BareItem, Item, Parser};

/// A text is a key by its form alone, and stays what it is however it is read.
pub(super) fn key(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = text.parse::<Key>();
    assert_eq!(read.is_ok(), is_key(&text), "{text:?}");
    let as_json = serde_json::to_string(&text).expect("a string has a JSON text");
    assert_eq!(
        serde_json::from_str::<Key>(&as_json).ok(),
        read.clone().ok()
    );
    if let Ok(key) = read {
        assert_eq!(key, *text);
        assert_round_trips(key);
    } else if let Err(error) = read {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let key = Key::try_from(&value).ok();
        assert_eq!(key, key_of_header(data), "{text:?}");
    }
}

/// The three forms, as FORMAT.md section 4 has them.
fn is_key(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("ik_") else {
        return false;
    };
    let is_hex = |text: &str| text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let groups: Vec<_> = rest.split('-').collect();
    match *groups {
        [digits] => matches!(digits.len(), 32 | 64) && is_hex(digits),
        [a, b, c, d, e] => {
            let lengths = [a, b, c, d, e].map(str::len);
            lengths == [8, 4, 4, 4, 12]
                && is_hex(&groups.concat())
                && c.starts_with('5')
                && d.starts_with(['8', '9', 'a', 'b'])
        }
        _ => false,
    }
}

fn assert_round_trips(key: Key) {
    for key in [key, key.short()] {
        assert!(is_key(&key), "{key}");
        assert_eq!(Key::try_from(HeaderValue::from(key)), Ok(key));
        assert_eq!(Key::try_from(key.structured()), Ok(key));
        assert_eq!(key.short().short(), key.short());
        let version = key.uuid().get_version_num();
        assert!(version == 8 || key.len() == 39 && version == 5, "{key}");
    }
}

/// By a library of Structured Fields.
fn key_of_header(data: &[u8]) -> Option<Key> {
    let item = Parser::new(data).parse::<Item>().ok()?;
    let text = match item.bare_item {
        BareItem::Token(token) => token.as_str().to_owned(),
        BareItem::String(string) => string.as_str().to_owned(),
        _ => return None,
    };
    is_key(&text).then(|| text.parse().expect("it is a key"))
}

/// A key, in quotes or with parameters now and then, of which every other is damaged.
pub(super) fn input(rng: &mut Rng) -> Vec<u8> {
    let digest = agentidemp::sha256_hex(&rng.u64(..).to_be_bytes());
    let uuid = agentidemp::uuidv5(&digest.uuid(), b"");
    let key = *rng
        .choice(&[digest, digest.short(), uuid, uuid.short()])
        .unwrap_or(&digest);
    let mut text = match rng.u8(..6) {
        0 => key.to_string(),
        1 => format!("\"{key}\""),
        2 => format!(" {key} ;a=1"),
        3 => format!("\"{key}\";b;c=\"x\""),
        4 => format!("({key})"),
        _ => key.to_uppercase(),
    }
    .into_bytes();
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..text.len());
        text[at] = *rng.choice(b"g0a-\"; \\=\tik_5\xff").unwrap_or(&b'x');
    }
    text
}
