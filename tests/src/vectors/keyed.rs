//! Keyed keys: HMAC-SHA-256 under a secret.

use super::Vector;

pub(super) fn vectors() -> Vec<Vector> {
    let keyed = |name: &str, secret: &[u8]| {
        let identity = r#"{"scope":"charges.create","scope_member":{"user":"/user"}}"#;
        let body = r#"{"amount":500,"user":42}"#;
        Vector::of_body(&format!("keyed/{name}"), identity, body).keyed(secret)
    };
    let bytes: Vec<u8> = (0..=255).collect();
    vec![
        keyed("one byte", b"\0"),
        keyed("text", b"secret"),
        keyed("32 bytes", &bytes[..32]),
        keyed("as long as a block", &bytes[..64]),
        keyed("longer than a block, so hashed first", &bytes[..65]),
        keyed("256 bytes", &bytes),
        Vector::of_body("keyed/without a scope", "{}", r#"{"text":"é 😀"}"#)
            .keyed(b"0123456789abcdef0123456789abcdef"),
    ]
}
