//! `agentidemp/vectors/v1.json` holds keys that are stored in other people's databases. This compares it
//! with what the code of today makes. Set `BLESS=1` to add new vectors to it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::{env, fs};

use agentidemp::{IdempotencyKey, Identity, sha256_hex};
use agentidemp_tests::vectors::file::File;
use agentidemp_tests::vectors::{self, Vector};

fn path() -> PathBuf {
    match env::var_os("AGENTIDEMP_VECTORS") {
        Some(path) => path.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../agentidemp/vectors/v1.json"),
    }
}

#[test]
fn no_key_has_changed() {
    let stored_text = fs::read_to_string(path()).unwrap();
    let stored = File::read(&stored_text)
        .expect("the file of the vectors, which guards stored keys, cannot be read");
    let current = File::current().spelled_as(&stored);
    let changed = current.changed_from(&stored);
    assert!(
        changed.is_empty(),
        "{} vectors changed. This breaks stored keys: a request that was sent before would run once more. Changed: {changed:#?}",
        changed.len()
    );
    if env::var_os("BLESS").is_some() {
        fs::write(path(), current.write()).unwrap();
    } else {
        assert!(
            stored_text == current.write(),
            "there are new vectors, or the file is written in another way: run this test with BLESS=1"
        );
    }
}

#[test]
fn the_body_alone_gives_the_key() {
    for vector in vectors::all() {
        let identity = vector.identity();
        let name = &vector.name;
        let body = vector.body.as_bytes();
        let canonical = identity.canonical_bytes_of_json(body).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&canonical),
            vector.canonical,
            "{name}"
        );
        assert_eq!(identity.key_of_json(body).unwrap(), vector.key, "{name}");
        assert_eq!(identity.of_json(body).canonical_bytes(), canonical);
    }
}

#[test]
fn the_canonical_text_gives_the_key() {
    for vector in vectors::all() {
        let canonical = vector.canonical.as_bytes();
        let key = match vector.secret() {
            Some(secret) => secret.key_of(canonical).unwrap(),
            None => sha256_hex(canonical),
        };
        assert_eq!(key, vector.key, "{}", vector.name);
        assert_eq!(key.short(), vector.short, "{}", vector.name);
        assert_eq!(key.uuid().to_string(), vector.uuid, "{}", vector.name);
    }
}

#[test]
fn an_identity_is_written_as_its_document() {
    for vector in vectors::all() {
        let written = serde_json::to_value(vector.identity()).unwrap();
        let document = serde_json::to_value(&vector.identity).unwrap();
        assert_eq!(written, document, "{}", vector.name);
    }
}

#[test]
fn a_body_without_a_key_is_refused() {
    for refused in vectors::refused() {
        let name = &refused.name;
        let identity = refused.identity();
        assert!(identity.check().is_ok(), "{name}");
        assert!(
            identity.key_of_json(refused.body.as_bytes()).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_document_of_no_identity_is_refused() {
    for refused in vectors::refused_identities() {
        let identity = serde_json::from_str::<Identity>(&refused.identity);
        assert!(identity.is_err(), "{}", refused.name);
    }
}

#[test]
fn the_vectors_are_many_and_their_names_are_unique() {
    let file = File::current();
    let names: HashSet<_> = file.vectors.iter().map(|vector| &vector.name).collect();
    assert!(names.len() >= 120);
    assert_eq!(names.len(), file.vectors.len());
}

#[test]
fn a_changed_byte_in_any_vector_is_reported() {
    let changes: [fn(&mut Vector); 6] = [
        |vector| change_byte(&mut vector.body),
        |vector| change_byte(&mut vector.canonical),
        |vector| change_byte(&mut vector.uuid),
        |vector| change_byte(&mut vector.checksum),
        |vector| change_byte(&mut vector.key),
        |vector| change_byte(&mut vector.short),
    ];
    for change in changes {
        let mut stored = File::current();
        stored.vectors.iter_mut().for_each(change);
        let changed = File::current().spelled_as(&stored).changed_from(&stored);
        assert_eq!(changed.len(), stored.vectors.len());
    }
}

#[test]
fn a_vector_that_is_gone_is_reported() {
    let stored = File::current();
    let mut current = stored.clone();
    let gone = current.vectors.pop().unwrap();
    assert_eq!(current.changed_from(&stored), [gone.name]);
}

#[test]
fn another_spelling_of_a_body_is_kept() {
    let spelling = r#"{"n":1E+21}"#;
    let mut stored = File::current();
    let vector = stored
        .vectors
        .iter_mut()
        .find(|vector| vector.body == r#"{"n":1e+21}"# || vector.body == r#"{"n":1e21}"#)
        .unwrap();
    vector.body = spelling.into();
    let current = File::current().spelled_as(&stored);
    assert!(current.vectors.iter().any(|vector| vector.body == spelling));
}

fn change_byte(text: &mut String) {
    let last = text.pop().unwrap();
    text.push(if last == '0' { '1' } else { '0' });
}
