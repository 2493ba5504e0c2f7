//! [`Key`]: the idempotency key as a small `Copy` string. How it is computed is in `hash.rs`.

use alloc::string::String;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;
use core::str::FromStr;

use arrayvec::ArrayString;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{Uuid, Variant, Version};

use crate::error::{ParseKeyError, ParseKeyProblem};

const PREFIX: &str = "ik_";
const DIGEST_DIGITS: usize = 64;
const SHORT_DIGITS: usize = 32;
const UUID_LENGTH: usize = uuid::fmt::Hyphenated::LENGTH;

/// An idempotency key: `ik_` and what identifies the request.
///
/// There are three forms, all in lower case:
///
/// | form | made by | after `ik_` | length |
/// |---|---|---|---|
/// | digest | [`idempotency_key`], [`sha256_hex`], [`scoped`] | 64 hex digits of SHA-256 | 67 characters |
/// | short | [`Key::short`] | the first 32 hex digits | 35 characters |
/// | UUID | [`uuidv5`] | a hyphenated version 5 UUID | 39 characters |
///
/// A key is `Copy`, holds its text without a heap allocation, and behaves like a `&str`: it
/// dereferences to `str`, compares, orders and hashes as `str` does, and can be looked up by `&str`
/// in a map whose keys are `Key`s.
///
/// ```
/// use agentidemp::{Key, sha256_hex};
///
/// let key = sha256_hex(b"abc");
/// assert_eq!(key, "ik_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// assert_eq!(key.len(), 67);
/// assert_eq!(key.parse::<Key>(), Ok(key));
/// ```
///
/// [`idempotency_key`]: crate::IdempotencyKey::idempotency_key
/// [`sha256_hex`]: crate::sha256_hex
/// [`scoped`]: crate::scoped
/// [`uuidv5`]: crate::uuidv5
#[derive(Clone, Copy)]
pub struct Key {
    text: ArrayString<{ PREFIX.len() + DIGEST_DIGITS }>,
}

impl Key {
    /// The key of a SHA-256 digest, such as one that a database keeps as 32 bytes: `ik_` and its 64 hex
    /// digits.
    ///
    /// It does not hash: [`sha256_hex`](crate::sha256_hex) does.
    ///
    /// ```
    /// use agentidemp::{Key, sha256_hex};
    ///
    /// let key = sha256_hex(b"abc");
    /// let stored: Option<[u8; 32]> = key.digest();
    /// assert_eq!(stored.map(Key::from_digest), Some(key));
    /// ```
    #[must_use]
    pub fn from_digest(digest: [u8; 32]) -> Self {
        let mut text = *b"ik_0000000000000000000000000000000000000000000000000000000000000000";
        let (_, digits) = text.split_at_mut(PREFIX.len());
        let (pairs, _) = digits.as_chunks_mut();
        for (pair, byte) in pairs.iter_mut().zip(digest) {
            *pair = [hex_digit(byte >> 4), hex_digit(byte & 15)];
        }
        // Hex digits are ASCII, so the conversion gives the text in every case.
        let text = ArrayString::from_byte_string(&text).unwrap_or_default();
        Self { text }
    }

    pub(crate) fn from_uuid(uuid: &Uuid) -> Self {
        let mut buffer = [0; UUID_LENGTH];
        Self::from_parts(&[PREFIX, uuid.hyphenated().encode_lower(&mut buffer)])
    }

    /// Joins parts that fit: each caller stays within the longest form.
    fn from_parts(parts: &[&str]) -> Self {
        let mut text = ArrayString::new();
        for part in parts {
            text.push_str(part);
        }
        Self { text }
    }

    /// The key as text, prefix included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// The 32 bytes of the digest, for a binary column of a database; none of a short key and of a UUID
    /// key, which have no whole digest. [`Key::from_digest`] is the way back.
    ///
    /// ```
    /// let key = agentidemp::sha256_hex(b"abc");
    /// assert_eq!(key.digest().map(|digest| digest[0]), Some(0xba));
    /// assert_eq!(key.short().digest(), None);
    /// ```
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        (self.payload().len() == DIGEST_DIGITS).then(|| self.payload_bytes())
    }

    /// The key in 35 characters: `ik_` and the first 32 hex digits.
    ///
    /// For APIs that limit the length of a key: Square takes 45 characters, Adyen and many AWS
    /// tokens take 64. Of a UUID key, these are the UUID's 32 digits without its hyphens; a short
    /// key is its own short form.
    ///
    /// 32 hex digits are 128 bits, so that two of 2^64 different requests are expected to collide
    /// about once.
    ///
    /// ```
    /// let key = agentidemp::sha256_hex(b"abc");
    /// assert_eq!(key.short(), "ik_ba7816bf8f01cfea414140de5dae2223");
    /// ```
    #[must_use]
    pub fn short(&self) -> Self {
        if let Some(uuid) = self.as_uuid() {
            let mut buffer = [0; uuid::fmt::Simple::LENGTH];
            return Self::from_parts(&[PREFIX, uuid.simple().encode_lower(&mut buffer)]);
        }
        let mut short = *self;
        short.text.truncate(PREFIX.len() + SHORT_DIGITS);
        short
    }

    /// The key as a UUID, for APIs that take nothing else.
    ///
    /// Of a UUID key, the UUID itself. Of any other, the RFC 9562 version 8 UUID of the first 16
    /// bytes of the digest: their 128 bits with the version and variant bits set, so that 122 bits
    /// of the digest stay. A key and its [short](Self::short) form give one UUID, unless the key is
    /// a UUID key.
    ///
    /// ```
    /// let key = agentidemp::sha256_hex(b"abc");
    /// assert_eq!(key.uuid().to_string(), "ba7816bf-8f01-8fea-8141-40de5dae2223");
    /// ```
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        if let Some(uuid) = self.as_uuid() {
            return uuid;
        }
        Uuid::new_v8(self.payload_bytes())
    }

    /// The bytes that the first hex digits stand for.
    fn payload_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(self.payload().as_bytes().chunks(2)) {
            *byte = pair
                .iter()
                .fold(0, |byte, digit| byte << 4 | digit_value(*digit));
        }
        bytes
    }

    fn payload(&self) -> &str {
        self.text.get(PREFIX.len()..).unwrap_or_default()
    }

    /// Whether it is a version 5 UUID, and no digest.
    #[cfg(feature = "server")]
    pub(crate) fn is_uuid(&self) -> bool {
        self.as_uuid().is_some()
    }

    fn as_uuid(&self) -> Option<Uuid> {
        match self.payload() {
            payload if payload.len() == UUID_LENGTH => payload.parse().ok(),
            _ => None,
        }
    }
}

/// The lower-case hex digit of a value below 16.
///
/// Arithmetic and no table, so that the compiler takes many digits at once.
fn hex_digit(value: u8) -> u8 {
    value + b'0' + u8::from(value > 9) * (b'a' - b'9' - 1)
}

/// The value of a lower-case hex digit.
fn digit_value(digit: u8) -> u8 {
    match digit {
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'0',
    }
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl FromStr for Key {
    type Err = ParseKeyError;

    /// Reads a key back: exactly one of the three forms, in lower case, with nothing around it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |problem| Err(ParseKeyError { problem });
        let Some(payload) = text.strip_prefix(PREFIX) else {
            return error(ParseKeyProblem::Prefix);
        };
        let is_uuid = match payload.len() {
            DIGEST_DIGITS | SHORT_DIGITS => false,
            UUID_LENGTH => true,
            _ => return error(ParseKeyProblem::Length(text.len())),
        };
        for (index, byte) in payload.bytes().enumerate() {
            let at = PREFIX.len() + index;
            let hyphen = is_uuid && matches!(index, 8 | 13 | 18 | 23);
            if hyphen && byte != b'-' {
                return error(ParseKeyProblem::Hyphen { at });
            }
            if !hyphen && !is_lower_hex(byte) {
                return error(ParseKeyProblem::Digit { at });
            }
        }
        let key = Self::from_parts(&[text]);
        match key.as_uuid() {
            Some(uuid) if !is_version_5(&uuid) => error(ParseKeyProblem::UuidVersion),
            _ => Ok(key),
        }
    }
}

fn is_version_5(uuid: &Uuid) -> bool {
    uuid.get_version() == Some(Version::Sha1) && uuid.get_variant() == Variant::RFC4122
}

impl TryFrom<&str> for Key {
    type Error = ParseKeyError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Key {
    type Error = ParseKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.as_str().into()
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.as_str()).finish()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

macro_rules! compare_as_str {
    ($($text:ty),*) => {$(
        impl PartialEq<$text> for Key {
            fn eq(&self, other: &$text) -> bool {
                self.as_str() == &other[..]
            }
        }

        impl PartialEq<Key> for $text {
            fn eq(&self, other: &Key) -> bool {
                other == self
            }
        }

        impl PartialOrd<$text> for Key {
            fn partial_cmp(&self, other: &$text) -> Option<Ordering> {
                Some(self.as_str().cmp(&other[..]))
            }
        }

        impl PartialOrd<Key> for $text {
            fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
                other.partial_cmp(self).map(Ordering::reverse)
            }
        }
    )*};
}

compare_as_str!(str, &str, String);

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl de::Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an idempotency key that starts with `ik_`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Key, E> {
        text.parse().map_err(E::custom)
    }
}
