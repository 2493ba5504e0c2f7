//! What has no key: each value that has no canonical form is a clear error that says where, and the
//! `try_` calls never panic. Numbers at the top are in `numbers.rs`, misuse of the builders in
//! `encoder.rs`, malformed keys in `keys.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::ops::Bound;

use agentidemp::canonical::Encoder;
use agentidemp::dedup::store::StoreError;
use agentidemp::{Canonical, Error, ErrorKind, IdempotencyKey, Identity, Scope};
use agentidemp_tests::payload::{
    Payload, assert_canonical, assert_refused, by_hand, error_of, text_of,
};

/// Says that a value is refused within a request, and why and where.
#[track_caller]
fn assert_value_refused(value: impl Canonical, kind: ErrorKind, message: &str) {
    let request = Payload(value);
    assert_refused(&request, message);
    let error = error_of(&request);
    assert_eq!(error.kind(), kind);
    let place = message.rsplit_once(": ").map_or("", |(place, _)| place);
    assert_eq!(error.pointer(), place);
}

/// A value whose `Display` writes something and then reports an error.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FailingDisplay;

impl Display for FailingDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a te")?;
        Err(fmt::Error)
    }
}

mod not_finite {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Request<T> {
        model: &'static str,
        sampling: Sampling<T>,
        #[idem(skip)]
        _weight: f64,
    }

    #[derive(IdempotencyKey)]
    struct Sampling<T> {
        #[serde(rename = "top/p~")]
        top_p: T,
    }

    #[derive(IdempotencyKey)]
    enum Shape {
        Circle(f64),
        Segment(u8, f64),
        Square { width: f64 },
    }

    #[track_caller]
    fn assert_nan(value: impl Canonical, pointer: &str) {
        let message = format!("{pointer}: NaN has no canonical form");
        assert_value_refused(value, ErrorKind::NotFinite, &message);
    }

    const NAN: f64 = f64::NAN;

    #[test]
    fn a_member_is_named_by_its_wire_name_with_its_tildes_and_slashes_escaped() {
        let request = |top_p| Request {
            model: "m",
            sampling: Sampling { top_p },
            _weight: NAN,
        };
        assert_nan(request(NAN), "/sampling/top~1p~0");
        assert!(request(0.5).try_idempotency_key().is_ok());
    }

    #[test]
    fn what_comes_after_it_does_not_hide_where_it_is() {
        #[derive(IdempotencyKey)]
        struct Outer {
            first: Inner,
            second: Vec<Inner>,
        }

        #[derive(IdempotencyKey)]
        struct Inner {
            a: f64,
            b: u8,
            c: Option<String>,
        }

        let inner = |a| Inner {
            a,
            b: 1,
            c: Some("c".to_owned()),
        };
        let outer = |a, b| Outer {
            first: inner(a),
            second: vec![inner(0.5), inner(b), inner(NAN)],
        };
        assert_nan(outer(NAN, NAN), "/first/a");
        assert_nan(outer(0.5, NAN), "/second/1/a");
        assert_nan(outer(0.5, 0.5), "/second/2/a");
    }

    #[test]
    fn an_element_is_named_by_its_index() {
        assert_nan([NAN], "/0");
        assert_nan([1.0, NAN], "/1");
        assert_nan(vec![vec![], vec![1.0, 2.0, NAN]], "/1/2");
        assert_nan((1, "a", (NAN,)), "/2/0");
        let eleven = vec![0.0; 10].into_iter().chain([NAN]).collect::<Vec<_>>();
        assert_nan(eleven, "/10");
        let set = by_hand(|out| out.set().element(&1).element(&NAN).finish());
        assert_nan(set, "/1");
    }

    #[test]
    fn an_entry_is_named_by_its_key() {
        assert_nan(BTreeMap::from([("a", NAN)]), "/a");
        assert_nan(BTreeMap::from([(-7, NAN)]), "/-7");
        assert_nan(BTreeMap::from([(true, [NAN])]), "/true/0");
        assert_nan(BTreeMap::from([("", BTreeMap::from([("b", NAN)]))]), "//b");
        assert_nan(BTreeMap::from([("a", 1.0), ("b", NAN), ("c", 1.0)]), "/b");
        let set = by_hand(|out| out.set().element(&BTreeMap::from([("a", NAN)])).finish());
        assert_nan(BTreeMap::from([("s", set)]), "/s/0/a");
    }

    /// RFC 6901 section 3: `~` is `~0` and `/` is `~1`; nothing else is escaped.
    #[test]
    fn names_are_escaped_as_in_a_json_pointer() {
        for (name, segment) in [
            ("~", "~0"),
            ("/", "~1"),
            ("~1", "~01"),
            ("~0/", "~00~1"),
            ("//", "~1~1"),
            ("a b%\"\\\n", "a b%\"\\\n"),
            ("\u{e9}\u{1f600}", "\u{e9}\u{1f600}"),
        ] {
            let value = BTreeMap::from([(name, NAN)]);
            assert_eq!(error_of(&Payload(value)).pointer(), format!("/{segment}"));
        }
    }

    #[test]
    fn a_variant_is_named() {
        assert_nan(Shape::Circle(NAN), "/Circle");
        assert_nan(Shape::Segment(1, NAN), "/Segment/1");
        assert_nan(Shape::Square { width: NAN }, "/Square/width");
        assert_nan(Ok::<_, ()>(NAN), "/Ok");
        assert_nan(Err::<(), _>(Some(NAN)), "/Err");
        assert_nan(Bound::Excluded(NAN), "/Excluded");
        assert_nan(0.0..NAN, "/end");
        assert_nan(NAN..=1.0, "/start");
    }

    #[test]
    fn what_has_no_name_adds_nothing() {
        let nan = || Some(Box::new(Payload(NAN)));
        assert_value_refused(nan(), ErrorKind::NotFinite, "NaN has no canonical form");
        assert_nan([nan()], "/0");
    }

    #[derive(IdempotencyKey)]
    struct Flattened {
        #[serde(flatten)]
        sampling: Sampling<f64>,
        #[serde(flatten)]
        more: BTreeMap<&'static str, [f64; 1]>,
    }

    #[test]
    fn a_flattened_member_is_named_where_it_stands_on_the_wire() {
        let request = |top_p, more| Flattened {
            sampling: Sampling { top_p },
            more: [("m", [more])].into(),
        };
        assert_nan(request(NAN, 1.0), "/top~1p~0");
        assert_nan([request(1.0, NAN)], "/0/m/0");
    }

    #[test]
    fn infinities_are_told_apart() {
        let refused = |value, name| {
            let message = format!("/0: {name} has no canonical form");
            assert_value_refused([value], ErrorKind::NotFinite, &message);
        };
        refused(f64::INFINITY, "infinity");
        refused(f64::NEG_INFINITY, "-infinity");
        assert_value_refused(
            [f32::NAN],
            ErrorKind::NotFinite,
            "/0: NaN has no canonical form",
        );
    }
}

#[cfg(unix)]
mod not_utf8 {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

    use super::*;

    fn path() -> PathBuf {
        PathBuf::from(OsStr::from_bytes(b"/tmp/\xff"))
    }

    #[test]
    fn a_path_says_so() {
        let kind = ErrorKind::NotUtf8;
        assert_value_refused(path(), kind, "the path is not UTF-8");
        assert_value_refused(path().as_path(), kind, "the path is not UTF-8");
        assert_value_refused(
            (1, [Path::new("a"), &path()]),
            kind,
            "/1/1: the path is not UTF-8",
        );
        let files = BTreeMap::from([("files", vec![path()])]);
        assert_value_refused(files, kind, "/files/0: the path is not UTF-8");
    }

    #[test]
    fn a_path_that_names_a_member_says_in_which_object() {
        let by_path = BTreeMap::from([("sizes", BTreeMap::from([(path(), 1)]))]);
        assert_value_refused(by_path, ErrorKind::NotUtf8, "/sizes: the path is not UTF-8");
    }
}

mod duplicate_members {
    use super::*;

    #[track_caller]
    fn assert_twins(value: impl Canonical, message: &str) {
        assert_value_refused(value, ErrorKind::DuplicateMember, message);
    }

    /// Keys of different types that have one text.
    #[derive(IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
    #[serde(untagged)]
    enum Name {
        Number(i64),
        Bool(bool),
        Text(&'static str),
    }

    #[test]
    fn map_keys_that_are_one_text() {
        let one = BTreeMap::from([(Name::Number(1), 1), (Name::Text("1"), 1)]);
        assert_twins(one, r#"/1: two members are named "1""#);
        let yes = BTreeMap::from([
            (Name::Bool(true), 1),
            (Name::Text("true"), 2),
            (Name::Number(3), 3),
        ]);
        assert_twins([yes], r#"/0/true: two members are named "true""#);
        let different = BTreeMap::from([(Name::Number(1), 1), (Name::Text("01"), 2)]);
        assert_canonical(different, r#"{"01":2,"1":1}"#);
    }

    #[test]
    fn members_written_by_hand() {
        let twice = by_hand(|out| {
            out.object()
                .member("a", &1)
                .member("b", &2)
                .member("a", &3)
                .finish()
        });
        assert_twins(&twice, r#"/a: two members are named "a""#);
        let mixed = by_hand(|out| out.object().entry(&1, &1).entry("1", &1).finish());
        assert_twins(
            BTreeMap::from([("m", mixed)]),
            r#"/m/1: two members are named "1""#,
        );
        assert_twins(
            [BTreeMap::from([("s", &twice)])],
            r#"/0/s/a: two members are named "a""#,
        );
        let thrice = by_hand(|out| {
            out.object()
                .member("", &1)
                .member("", &1)
                .member("", &1)
                .finish();
        });
        assert_twins(thrice, r#"/: two members are named """#);
    }

    /// Even where the two have one value: which of the two counts is not said anywhere.
    #[test]
    fn equal_values_do_not_make_it_better() {
        let twice = by_hand(|out| out.object().member("a", &1).member("a", &1).finish());
        assert_twins(twice, r#"/a: two members are named "a""#);
    }

    #[derive(IdempotencyKey)]
    struct Flattened {
        model: &'static str,
        #[serde(flatten)]
        extra: BTreeMap<&'static str, u8>,
        #[serde(flatten)]
        more: BTreeMap<&'static str, u8>,
    }

    #[test]
    fn flattened_members() {
        let request = |extra, more| Flattened {
            model: "m",
            extra: [extra].into(),
            more: [more].into(),
        };
        assert_twins(
            request(("model", 1), ("b", 1)),
            r#"/model: two members are named "model""#,
        );
        assert_twins(
            request(("a", 1), ("a", 1)),
            r#"/a: two members are named "a""#,
        );
        assert_canonical(request(("a", 1), ("b", 2)), r#"{"a":1,"b":2,"model":"m"}"#);
    }

    /// The name in the pointer is escaped, the one in the reason is not.
    #[test]
    fn the_name_is_shown() {
        let twice = by_hand(|out| out.object().member("a/\"", &1).member("a/\"", &1).finish());
        assert_twins(twice, r#"/a~1": two members are named "a/\"""#);
    }

    #[test]
    fn one_name_in_two_objects_is_fine() {
        let value = BTreeMap::from([("a", BTreeMap::from([("a", [BTreeMap::from([("a", 1)])])]))]);
        assert_canonical(value, r#"{"a":{"a":[{"a":1}]}}"#);
    }
}

mod map_keys {
    use super::*;

    #[derive(IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
    enum Shape {
        Circle(u8),
    }

    #[track_caller]
    fn assert_no_name(name: impl Canonical, what: &str) {
        let map = by_hand(|out| out.object().member("a", &1).entry(&name, &1).finish());
        let message = format!("/sizes: {what} cannot be the name of a member");
        assert_value_refused(
            BTreeMap::from([("sizes", map)]),
            ErrorKind::InvalidMemberName,
            &message,
        );
    }

    #[test]
    fn what_is_no_text_is_no_name() {
        assert_no_name(1.5_f64, "a float");
        assert_no_name(1.0_f32, "a float");
        assert_no_name(-0.0_f64, "a float");
        assert_no_name((), "null");
        assert_no_name([1], "an array");
        assert_no_name((1, 2), "an array");
        assert_no_name(b"ab".as_slice(), "an array");
        assert_no_name(BTreeSet::from([1]), "a set");
        assert_no_name(BTreeMap::from([("a", 1)]), "an object");
        assert_no_name(Shape::Circle(1), "an object");
        assert_no_name(Payload([1]), "an array");
    }

    /// Whether it is `None` or not.
    #[test]
    fn an_option_is_no_name() {
        assert_no_name(None::<&str>, "an option");
        assert_no_name(Some("a"), "an option");
        assert_no_name(Some(Some(1)), "an option");
        let request = Payload(BTreeMap::from([(Some(1), 1)]));
        assert_refused(&request, "an option cannot be the name of a member");
    }

    #[test]
    fn a_nan_is_no_name() {
        let map = by_hand(|out| out.object().entry(&f64::NAN, &1).finish());
        assert_value_refused(map, ErrorKind::NotFinite, "NaN has no canonical form");
    }
}

mod failing_display {
    use super::*;

    const REASON: &str = "the `Display` implementation reported an error";

    #[test]
    fn in_a_string() {
        let failing = by_hand(|out| out.display(&FailingDisplay));
        assert_value_refused(&failing, ErrorKind::Display, REASON);
        assert_value_refused([&failing], ErrorKind::Display, &format!("/0: {REASON}"));
        assert_value_refused(format_args!("{FailingDisplay}"), ErrorKind::Display, REASON);
    }

    #[test]
    fn in_a_name() {
        let name = by_hand(|out| out.display(&FailingDisplay));
        let map = by_hand(|out| out.object().entry(&name, &1).finish());
        assert_value_refused([map], ErrorKind::Display, &format!("/0: {REASON}"));
    }

    #[derive(IdempotencyKey)]
    struct Request {
        #[idem(scope)]
        user: FailingDisplay,
        #[idem(scope)]
        tenant: u8,
        text: &'static str,
    }

    impl Canonical for FailingDisplay {
        fn encode(&self, out: &mut Encoder<'_>) {
            out.display(self);
        }
    }

    #[test]
    fn in_a_scope() {
        let request = Request {
            user: FailingDisplay,
            tenant: 1,
            text: "a",
        };
        assert_refused(&request, &format!("/user: {REASON}"));
        assert_eq!(error_of(&request).kind(), ErrorKind::Display);
    }

    #[test]
    fn in_the_scope_of_an_identity() {
        let identity = Identity::new().scope_field("user", FailingDisplay);
        let error = identity.key("payload").unwrap_err();
        assert_eq!(error.to_string(), format!("/user: {REASON}"));
        assert_eq!(identity.canonical_bytes("payload"), Err(error));
    }
}

mod scopes {
    use super::*;

    #[derive(IdempotencyKey)]
    #[idem(scope = "charges.create")]
    struct Charge<'a> {
        amount: u8,
        #[idem(scope)]
        user: &'a str,
        #[idem(scope = "tenant")]
        owner: &'a str,
    }

    #[test]
    fn a_hostile_value_cannot_leave_its_field() {
        for (value, escaped) in [
            ("", ""),
            (":", "%3A"),
            ("%", "%25"),
            ("%3A", "%253A"),
            ("%3a", "%253a"),
            ("::%%", "%3A%3A%25%25"),
            ("a:user:b", "a%3Auser%3Ab"),
            ("x:{\"amount\":1}", "x%3A{\"amount\"%3A1}"),
            ("\n\0\"\\", "\n\0\"\\"),
            (" a b ", " a b "),
            ("\u{e9}\u{1f600}\u{ff1a}", "\u{e9}\u{1f600}\u{ff1a}"),
            ("ik_", "ik_"),
        ] {
            let charge = |user, owner| {
                text_of(&Charge {
                    amount: 5,
                    user,
                    owner,
                })
            };
            assert_eq!(
                charge(value, "t"),
                format!(r#"charges.create:tenant:t:user:{escaped}:{{"amount":5}}"#)
            );
            assert_eq!(
                charge("u", value),
                format!(r#"charges.create:tenant:{escaped}:user:u:{{"amount":5}}"#)
            );
        }
    }

    /// A value as long as it likes, over the bounds of the encoder's blocks.
    #[test]
    fn a_long_hostile_value_is_escaped_throughout() {
        for length in [255, 256, 511, 512, 513, 5000] {
            let user = ":%".repeat(length);
            let text = text_of(&Charge {
                amount: 5,
                user: &user,
                owner: "",
            });
            let escaped = "%3A%25".repeat(length);
            assert_eq!(
                text,
                format!(r#"charges.create:tenant::user:{escaped}:{{"amount":5}}"#)
            );
        }
    }

    /// A request whose scope is written by hand.
    struct ByHand<F>(F);

    impl<F: Fn(&mut Scope<'_, '_>)> Canonical for ByHand<F> {
        fn encode(&self, out: &mut Encoder<'_>) {
            ().encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            (self.0)(scope);
        }
    }

    impl<F: Fn(&mut Scope<'_, '_>)> IdempotencyKey for ByHand<F> {}

    #[track_caller]
    fn assert_scope_refused(write: impl Fn(&mut Scope<'_, '_>), message: &str) {
        let request = ByHand(write);
        assert_refused(&request, message);
        assert_eq!(error_of(&request).kind(), ErrorKind::InvalidScope);
    }

    const OPERATION: &str = "the operation of a scope is empty, or holds `:`, `%` or `>`";
    const OPERATION_ORDER: &str = "the operation of a scope comes first";
    const LABEL: &str = "the label of a scope field is empty, or holds `:` or `%`";
    const ORDER: &str = "the labels of a scope ascend and do not repeat";

    #[test]
    fn an_operation_is_plain() {
        for operation in ["", ":", "a:b", "op:tenant:acme", "50%", "a>b", ">"] {
            assert_scope_refused(
                |scope| {
                    scope.operation(operation);
                },
                OPERATION,
            );
        }
    }

    #[test]
    fn an_operation_comes_first_and_once() {
        assert_scope_refused(
            |scope| {
                scope.operation("a").operation("b");
            },
            OPERATION_ORDER,
        );
        assert_scope_refused(
            |scope| {
                scope.field("a", &1).operation("b");
            },
            OPERATION_ORDER,
        );
        assert_scope_refused(
            |scope| {
                scope.delegate(&1).operation("b");
            },
            OPERATION_ORDER,
        );
    }

    #[test]
    fn a_request_within_comes_before_the_fields() {
        assert_scope_refused(
            |scope| {
                scope.field("a", &1).delegate(&1);
            },
            "the request within comes before the fields of a scope",
        );
    }

    #[test]
    fn a_label_is_plain() {
        for label in ["", ":", "a:", "%", "a%3A", "a:b:c"] {
            assert_scope_refused(
                |scope| {
                    scope.field(label, &1);
                },
                LABEL,
            );
        }
    }

    /// By UTF-16 code units, as names are.
    #[test]
    fn labels_ascend() {
        assert_scope_refused(
            |scope| {
                scope.field("b", &1).field("a", &1);
            },
            ORDER,
        );
        assert_scope_refused(
            |scope| {
                scope.field("a", &1).field("a", &1);
            },
            ORDER,
        );
        assert_scope_refused(
            |scope| {
                scope.operation("z").field("b", &1).field("a", &1);
            },
            ORDER,
        );
        assert_scope_refused(
            |scope| {
                scope.field("\u{fb33}", &1).field("\u{1f600}", &1);
            },
            ORDER,
        );
        let ascending = ByHand(|scope: &mut Scope<'_, '_>| {
            scope
                .operation("z y")
                .field("a", &1)
                .field("\u{1f600}", &2)
                .field("\u{fb33}", &3);
        });
        assert_eq!(text_of(&ascending), "z y:a:1:\u{1f600}:2:\u{fb33}:3:null");
    }

    #[test]
    fn the_payload_does_not_hide_what_is_wrong_with_the_scope() {
        struct Request;
        impl Canonical for Request {
            fn encode(&self, out: &mut Encoder<'_>) {
                BTreeMap::from([("a", [f64::NAN])]).encode(out);
            }

            fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
                scope.operation("");
            }
        }
        impl IdempotencyKey for Request {}
        assert_refused(&Request, OPERATION);
    }
}

mod panics {
    use super::*;

    /// What a call panics with.
    #[track_caller]
    fn panic_of<T>(call: impl FnOnce() -> T + std::panic::UnwindSafe) -> String {
        let Err(panic) = std::panic::catch_unwind(call) else {
            panic!("the call has returned");
        };
        *panic.downcast::<String>().expect("a panic has a message")
    }

    #[derive(IdempotencyKey)]
    struct Sampling {
        temperature: f64,
    }

    const NAN: Sampling = Sampling {
        temperature: f64::NAN,
    };

    #[test]
    fn the_plain_calls_panic_with_the_error_and_what_to_do() {
        let reason = "/temperature: NaN has no canonical form: make the number finite before the \
                      request is built, or take the field out with `#[idem(skip)]`, or call";
        assert_eq!(
            panic_of(|| NAN.idempotency_key()),
            format!("{reason} `try_idempotency_key` to handle the error")
        );
        assert_eq!(
            panic_of(|| NAN.canonical_bytes()),
            format!("{reason} `try_canonical_bytes` to handle the error")
        );
    }

    #[test]
    fn the_plain_calls_panic_for_misuse_and_twins_too() {
        let unwritten = panic_of(|| by_hand(|_| {}).idempotency_key());
        assert!(
            unwritten.starts_with("no value was written: "),
            "{unwritten}"
        );
        let twins = || by_hand(|out| out.object().member("a", &1).member("a", &1).finish());
        let twins = panic_of(|| twins().canonical_bytes());
        assert!(
            twins.starts_with(r#"/a: two members are named "a": "#),
            "{twins}"
        );
    }
}

mod the_error_type {
    use super::*;

    #[test]
    fn is_an_ordinary_error() {
        fn is_error<T: std::error::Error + Clone + Eq + Send + Sync + 'static>() {}
        is_error::<Error>();
        assert!(size_of::<Result<(), Error>>() <= size_of::<usize>());
    }

    /// Help is one sentence that can be joined to others.
    #[test]
    fn helps() {
        let errors = [
            error_of(&Payload(f64::NAN)),
            error_of(&Payload(BTreeMap::from([(Some(1), 1)]))),
            error_of(&by_hand(|out| {
                out.object().member("a", &1).member("a", &1).finish()
            })),
            error_of(&by_hand(|out| out.object().flatten(&1).finish())),
            error_of(&by_hand(|out| out.display(&FailingDisplay))),
            error_of(&by_hand(|out| out.refuse("no"))),
            error_of(&by_hand(|_| {})),
        ];
        let kinds: BTreeSet<_> = errors
            .iter()
            .map(|error| format!("{:?}", error.kind()))
            .collect();
        assert_eq!(kinds.len(), errors.len());
        for error in errors {
            assert!(
                !error.help().is_empty() && !error.help().ends_with('.'),
                "{error:?}"
            );
            assert!(error.help().starts_with(char::is_lowercase), "{error:?}");
        }
    }
}

/// What a `Serialize` says, and the names of members, can hold text of the payload.
#[test]
fn an_error_shows_nothing_that_cannot_be_seen() {
    struct Refuses;

    impl serde::Serialize for Refuses {
        fn serialize<S: serde::Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("\u{1b}[31mred\n\u{202e}"))
        }
    }

    let payload = std::collections::BTreeMap::from([("a\u{1b}\n\u{200b}", Refuses)]);
    let error = agentidemp::Identity::new().key(&payload).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#""/a\u001b\u000a\u200b": \u001b[31mred\u000a\u202e"#
    );
    assert_eq!(error.pointer(), "/a\u{1b}\n\u{200b}");

    let body = "{\"\u{202e}\":1,\"\u{202e}\":2}";
    let error = agentidemp::Identity::new()
        .key_of_json(body.as_bytes())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        r#""/\u202e": two members are named "\u202e" (byte 9)"#
    );
}

/// The pointer itself is whole.
#[test]
fn an_error_shows_the_first_ten_and_the_last_ten_names_of_a_long_pointer() {
    let error = |levels: usize| {
        let innermost = Box::new(f64::NAN) as Box<dyn Canonical>;
        let names = (1..=levels).rev().map(|level| format!("n{level}"));
        let payload = names.fold(innermost, |value, name| {
            Box::new(BTreeMap::from([(name, value)])) as Box<dyn Canonical>
        });
        error_of(&Payload(payload))
    };
    let pointer = |levels: std::ops::RangeInclusive<usize>| {
        levels.map(|level| format!("/n{level}")).collect::<String>()
    };
    let reason = "NaN has no canonical form";
    assert_eq!(
        error(20).to_string(),
        format!("{}: {reason}", pointer(1..=20))
    );
    for levels in [21, 22, 30, 100] {
        let (start, end) = (pointer(1..=10), pointer(levels - 9..=levels));
        let error = error(levels);
        assert_eq!(
            error.to_string(),
            format!("{start}/\u{2026}{end}: {reason}")
        );
        assert_eq!(error.pointer(), pointer(1..=levels));
    }
}

/// A part of the message can be what a server says, or what stands in a record.
#[test]
fn an_error_of_a_store_shows_nothing_that_cannot_be_seen() {
    let error = StoreError::corrupt("`\u{1b}[31m\n\u{202e}` is no claim id");
    assert_eq!(
        error.to_string(),
        r"`\u001b[31m\u000a\u202e` is no claim id"
    );
}

/// But for the names of members, and the one character at which a text is no JSON.
#[test]
fn an_error_of_a_body_shows_nothing_of_its_content() {
    let identity = Identity::new()
        .unordered(["/a"])
        .json(["/json"])
        .scope_member("b", "/b");
    for body in [
        r#"{"b":1,"a":"hunter2"}"#,
        r#"{"b":1,"json":"hunter2"}"#,
        r#"{"b":1,"json":"{\"x\":\"hunter2\",}"}"#,
        r#"{"b":["hunter2"]}"#,
        r#"{"b":1,"c":"hunter2","c":"hunter2"}"#,
        r#"{"b":1,"c":"hunter2\q"}"#,
        r#"{"b":1,"c":"hunter2\ud800"}"#,
        r#"{"b":1,"c":"hunter2"#,
        r#"{"b":1,"c":hunter2}"#,
        r#"{"b":1,"c":"hunter2"}hunter2"#,
        "{\"b\":1,\"c\":\"hunter2\u{1}\"}",
    ] {
        let error = identity.key_of_json(body.as_bytes()).unwrap_err();
        for shown in [
            error.to_string(),
            format!("{error:?}"),
            error.help().to_owned(),
        ] {
            assert!(!shown.contains("unter"), "{shown}");
        }
    }
    for number in ["90071992547409931.25", "1e987654321"] {
        let error = identity.key_of_json(format!("{{\"b\":1,\"c\":{number}}}").as_bytes());
        let shown = error.unwrap_err().to_string();
        assert!(!shown.contains(number), "{shown}");
    }
}
