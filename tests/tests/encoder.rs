//! Hand-written `Canonical` implementations: what the builders of `Encoder` write, and that each
//! misuse of them is an error of the request, never a key.

use std::collections::BTreeMap;
use std::time::Duration;

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, ErrorKind};
use agentidemp_tests::payload::{Payload, assert_refused, by_hand, error_of, text_of};

/// What a closure writes, as text.
#[track_caller]
fn written(encode: impl Fn(&mut Encoder<'_>)) -> String {
    text_of(&by_hand(encode))
}

#[track_caller]
fn assert_misuse(encode: impl Fn(&mut Encoder<'_>), message: &str) {
    let request = by_hand(encode);
    assert_refused(&request, message);
    assert_eq!(error_of(&request).kind(), ErrorKind::Misuse);
}

/// What somebody logs who debugs an implementation: it holds texts of the request nowhere.
#[test]
fn an_encoder_shows_nothing_of_the_request() {
    let request = by_hand(|out| {
        let mut object = out.object();
        object.member("hunter1", "hunter2");
        let shown = format!("{object:?}");
        assert!(!shown.contains("hunter"), "{shown}");
        for part in ["writer: Writer { .. }", "collection: Collection { .. }"] {
            assert!(shown.contains(part), "{shown}");
        }
        object.finish();
    });
    assert_eq!(text_of(&request), r#"{"hunter1":"hunter2"}"#);
}

mod objects {
    use super::*;

    #[test]
    fn members_come_out_sorted() {
        let text = written(|out| {
            out.object()
                .member("b", &2)
                .member("", "empty")
                .member("a", &[1])
                .finish();
        });
        assert_eq!(text, r#"{"":"empty","a":[1],"b":2}"#);
    }

    #[test]
    fn an_object_may_be_empty() {
        assert_eq!(written(|out| out.object().finish()), "{}");
    }

    #[test]
    fn names_are_escaped_as_strings_are() {
        let text = written(|out| {
            out.object().member("a\"\n\u{1f}\u{e9}", &1).finish();
        });
        assert_eq!(text, "{\"a\\\"\\n\\u001f\u{e9}\":1}");
    }

    /// The order is that of the names, not that of their escaped text, in which `\n` comes after
    /// `1`.
    #[test]
    fn names_are_sorted_before_they_are_escaped() {
        let text = written(|out| {
            out.object().member("1", &1).member("\n", &2).finish();
        });
        assert_eq!(text, r#"{"\n":2,"1":1}"#);
    }

    #[test]
    fn an_entry_is_named_by_a_value() {
        let text = written(|out| {
            out.object()
                .entry(&10, &'c')
                .entry("b", &'b')
                .entry(&true, &'t')
                .entry(&format_args!("{}", 1), &'f')
                .finish();
        });
        assert_eq!(text, r#"{"1":"f","10":"c","b":"b","true":"t"}"#);
    }

    #[test]
    fn objects_nest() {
        let inner = by_hand(|out| {
            out.object()
                .member("z", &BTreeMap::from([(9, 1), (10, 2)]))
                .member("y", &1)
                .finish();
        });
        let text = written(|out| {
            out.object()
                .member("b", &inner)
                .member("a", &inner)
                .finish();
        });
        assert_eq!(
            text,
            r#"{"a":{"y":1,"z":{"10":2,"9":1}},"b":{"y":1,"z":{"10":2,"9":1}}}"#
        );
    }

    #[test]
    fn flattened_members_are_sorted_in() {
        let map = BTreeMap::from([("d", 4), ("a", 1)]);
        let text = written(|out| {
            out.object()
                .member("c", &3)
                .flatten(&map)
                .member("b", &2)
                .finish();
        });
        assert_eq!(text, r#"{"a":1,"b":2,"c":3,"d":4}"#);
    }

    #[test]
    fn flattened_objects_nest() {
        let inner = by_hand(|out| {
            let map = BTreeMap::from([
                ("e", BTreeMap::from([("y", 1), ("x", 2)])),
                ("b", BTreeMap::new()),
            ]);
            out.object().flatten(&map).member("d", &1).finish();
        });
        let text = written(|out| {
            out.object()
                .member("c", &3)
                .flatten(&inner)
                .flatten(&Duration::new(5, 7))
                .finish();
        });
        assert_eq!(
            text,
            r#"{"b":{},"c":3,"d":1,"e":{"x":2,"y":1},"nanos":7,"secs":5}"#
        );
    }

    #[test]
    fn nothing_flattens_to_no_members() {
        let text = written(|out| {
            out.object()
                .flatten(&())
                .flatten(&None::<Duration>)
                .flatten(&Some(BTreeMap::from([("a", 1)])))
                .flatten(&BTreeMap::<u8, u8>::new())
                .finish();
        });
        assert_eq!(text, r#"{"a":1}"#);
    }
}

mod arrays_and_sets {
    use super::*;

    #[test]
    fn elements_of_an_array_keep_their_order() {
        let text = written(|out| {
            out.array().element(&2).element("a").element(&1).finish();
        });
        assert_eq!(text, r#"[2,"a",1]"#);
    }

    #[test]
    fn elements_of_a_set_come_out_sorted_by_their_bytes() {
        let text = written(|out| {
            out.set()
                .element(&9)
                .element(&10)
                .element("9")
                .element(&())
                .element(&[9])
                .finish();
        });
        assert_eq!(text, r#"["9",10,9,[9],null]"#);
    }

    #[test]
    fn equal_elements_of_a_set_are_all_kept() {
        let text = written(|out| {
            out.set().element(&2).element(&1).element(&2).finish();
        });
        assert_eq!(text, "[1,2,2]");
    }

    #[test]
    fn arrays_and_sets_may_be_empty() {
        assert_eq!(written(|out| out.array().finish()), "[]");
        assert_eq!(written(|out| out.set().finish()), "[]");
    }

    #[test]
    fn a_set_in_a_set_is_in_order_before_it_is_compared() {
        let pair = |a, b| by_hand(move |out| out.set().element(&a).element(&b).finish());
        let text = written(|out| {
            out.set()
                .element(&pair(5, 2))
                .element(&pair(4, 3))
                .element(&pair(9, 1))
                .finish();
        });
        assert_eq!(text, "[[1,9],[2,5],[3,4]]");
    }
}

mod other_values {
    use super::*;

    #[test]
    fn display_text_is_a_string() {
        let text = written(|out| out.display(&format_args!("a\"{}\n", 1)));
        assert_eq!(text, r#""a\"1\n""#);
    }

    #[test]
    fn another_value_may_be_encoded_instead() {
        assert_eq!(written(|out| "a".encode(out)), r#""a""#);
        assert_eq!(written(|out| Some(1.5).encode(out)), "1.5");
    }

    #[test]
    fn any_serialize_may_be_encoded_instead() {
        let text = written(|out| agentidemp::by_serialize::encode(&("a", [1]), out));
        assert_eq!(text, r#"["a",[1]]"#);
    }

    #[test]
    fn a_refusal_is_the_error_of_the_request() {
        let request = by_hand(|out| out.refuse("the amount is negative"));
        assert_refused(&request, "the amount is negative");
        assert_eq!(error_of(&request).kind(), ErrorKind::Custom);
    }

    #[test]
    fn a_refusal_says_where() {
        let refused = by_hand(|out| out.refuse(String::from("the amount is negative")));
        let request = by_hand(|out| out.object().member("amount", &refused).finish());
        assert_refused(&request, "/amount: the amount is negative");
    }

    #[test]
    fn what_is_written_around_a_refusal_does_not_undo_it() {
        let message = "no";
        assert_refused(
            &by_hand(|out| {
                1.encode(out);
                out.refuse("no");
            }),
            message,
        );
        assert_refused(
            &by_hand(|out| {
                out.refuse("no");
                1.encode(out);
            }),
            message,
        );
    }

    #[test]
    fn the_first_error_counts() {
        let request = by_hand(|out| {
            out.refuse("first");
            out.refuse("second");
            out.object().member("a", &f64::NAN).finish();
        });
        assert_refused(&request, "first");
    }
}

mod misuse {
    use super::*;

    const NOTHING: &str = "no value was written";
    const UNFINISHED: &str = "a builder was not finished";
    const FINISHED: &str = "a builder was used after `finish`";

    #[test]
    fn writing_nothing() {
        assert_misuse(|_| {}, NOTHING);
        assert_misuse(
            |out| out.object().member("a", &by_hand(|_| {})).finish(),
            "/a: no value was written",
        );
        assert_misuse(
            |out| out.array().element(&1).element(&by_hand(|_| {})).finish(),
            "/1: no value was written",
        );
        assert_misuse(
            |out| out.set().element(&by_hand(|_| {})).finish(),
            "/0: no value was written",
        );
        assert_misuse(
            |out| out.object().entry(&by_hand(|_| {}), &1).finish(),
            NOTHING,
        );
        assert_misuse(
            |out| out.object().flatten(&by_hand(|_| {})).finish(),
            NOTHING,
        );
    }

    /// Each pair of values is refused, whatever the two are.
    #[test]
    fn writing_two_values() {
        type Write = fn(&mut Encoder<'_>);
        let values: [(&str, Write); 12] = [
            ("a number or boolean", |out| 1.encode(out)),
            ("a number or boolean", |out| true.encode(out)),
            ("a float", |out| 1.5.encode(out)),
            ("a string", |out| "a".encode(out)),
            ("a string", |out| out.display("a")),
            ("null", |out| ().encode(out)),
            ("null", |out| None::<u8>.encode(out)),
            ("an object", |out| out.object().finish()),
            ("an object", |out| Duration::ZERO.encode(out)),
            ("an array", |out| out.array().finish()),
            ("a set", |out| out.set().finish()),
            ("an array", |out| {
                agentidemp::by_serialize::encode(&[1], out)
            }),
        ];
        for (_, first) in values {
            for (name, second) in values {
                let stands = "stands where a value was already written or a builder is still open";
                assert_misuse(
                    |out| {
                        first(out);
                        second(out);
                    },
                    &format!("{name} {stands}"),
                );
                let twice = by_hand(|out| {
                    first(out);
                    second(out);
                });
                assert_misuse(
                    |out| out.object().member("a", &twice).finish(),
                    &format!("/a: {name} {stands}"),
                );
                assert_misuse(
                    |out| out.array().element(&0).element(&twice).finish(),
                    &format!("/1: {name} {stands}"),
                );
            }
        }
    }

    #[test]
    fn leaving_a_builder_open() {
        assert_misuse(|out| drop(out.object()), UNFINISHED);
        assert_misuse(|out| drop(out.array()), UNFINISHED);
        assert_misuse(|out| drop(out.set()), UNFINISHED);
        assert_misuse(
            |out| {
                let _ = out.object().member("a", &1);
            },
            UNFINISHED,
        );
        assert_misuse(
            |out| {
                let _ = out.array().element(&1);
            },
            UNFINISHED,
        );
        assert_misuse(
            |out| {
                let _ = out.set().element(&1);
            },
            UNFINISHED,
        );
        let open = by_hand(|out| drop(out.object()));
        assert_misuse(
            |out| out.object().member("a", &open).finish(),
            "/a: a builder was not finished",
        );
        assert_misuse(|out| out.object().flatten(&open).finish(), UNFINISHED);
        assert_misuse(
            |out| out.set().element(&open).finish(),
            "/0: a builder was not finished",
        );
    }

    #[test]
    fn writing_a_value_beside_an_open_builder() {
        assert_misuse(
            |out| {
                drop(out.object());
                1.encode(out);
            },
            "a number or boolean stands where a value was already written or a builder is still open",
        );
        assert_misuse(
            |out| {
                drop(out.array());
                out.object().finish();
            },
            "an object stands where a value was already written or a builder is still open",
        );
    }

    #[test]
    fn using_a_builder_after_finish() {
        assert_misuse(
            |out| {
                let mut object = out.object();
                object.finish();
                object.finish();
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut object = out.object();
                object.finish();
                object.member("a", &1);
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut object = out.object();
                object.finish();
                object.entry(&1, &1);
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut object = out.object();
                object.finish();
                object.flatten(&());
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut array = out.array();
                array.finish();
                array.finish();
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut array = out.array();
                array.finish();
                array.element(&1);
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut set = out.set();
                set.finish();
                set.finish();
            },
            FINISHED,
        );
        assert_misuse(
            |out| {
                let mut set = out.set();
                set.finish();
                set.element(&1);
            },
            FINISHED,
        );
    }

    /// The builder is used after `finish` within a member, so that the one around it is open.
    #[test]
    fn using_a_builder_after_finish_within_another() {
        let twice = by_hand(|out| {
            let mut object = out.object();
            object.finish();
            object.member("b", &1);
        });
        assert_misuse(
            |out| out.object().member("a", &twice).finish(),
            "/a: a builder was used after `finish`",
        );
        assert_misuse(|out| out.object().flatten(&twice).finish(), FINISHED);
    }

    #[test]
    fn writing_two_values_as_a_name() {
        let twice = by_hand(|out| {
            "a".encode(out);
            "b".encode(out);
        });
        assert_misuse(
            |out| out.object().entry(&twice, &1).finish(),
            "a string stands where a value was already written or a builder is still open",
        );
    }

    #[test]
    fn flattening_two_objects_as_one() {
        let twice = by_hand(|out| {
            BTreeMap::from([("a", 1)]).encode(out);
            BTreeMap::from([("b", 1)]).encode(out);
        });
        assert_misuse(
            |out| out.object().flatten(&twice).finish(),
            "an object stands where a value was already written or a builder is still open",
        );
    }

    /// What goes wrong in one part of a request is not hidden by what comes after.
    #[test]
    fn a_misuse_is_not_undone_by_what_follows() {
        let nothing = by_hand(|_| {});
        assert_misuse(
            |out| {
                out.object()
                    .member("a", &nothing)
                    .member("b", &BTreeMap::from([(1, [1])]))
                    .entry(&1, &nothing)
                    .flatten(&BTreeMap::from([("c", 1)]))
                    .finish();
            },
            "/a: no value was written",
        );
    }
}

mod merging {
    use super::*;

    /// The error of flattening a value.
    #[track_caller]
    fn assert_not_mergeable(value: impl Canonical, what: &str) {
        let request = by_hand(|out| out.object().member("a", &1).flatten(&value).finish());
        let reason = "has no members that could be merged into the object around it";
        assert_refused(&request, &format!("{what} {reason}"));
        assert_eq!(error_of(&request).kind(), ErrorKind::NotMergeable);
    }

    #[test]
    fn only_objects_flatten() {
        assert_not_mergeable(1, "a number or boolean");
        assert_not_mergeable(true, "a number or boolean");
        assert_not_mergeable(1.5, "a float");
        assert_not_mergeable("a", "a string");
        assert_not_mergeable(format_args!("a"), "a string");
        assert_not_mergeable([1], "an array");
        assert_not_mergeable(Some([1]), "an array");
        assert_not_mergeable(by_hand(|out| out.set().finish()), "a set");
        assert_not_mergeable(by_hand(|out| out.set().element(&1).finish()), "a set");
    }

    #[test]
    fn flattening_says_in_which_object() {
        let flat = by_hand(|out| out.object().flatten(&1).finish());
        let request = Payload(BTreeMap::from([("outer", [flat])]));
        assert_eq!(error_of(&request).pointer(), "/outer/0");
    }
}
