//! The rules of an identity, for bodies whose type is not known.

use super::Vector;

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = exclude();
    vectors.extend(only());
    vectors.extend(unordered());
    vectors.extend(json());
    vectors.extend(scope());
    vectors
}

fn rule(name: &str, identity: &str, body: &str) -> Vector {
    Vector::of_body(&format!("rule/{name}"), identity, body)
}

fn exclude() -> Vec<Vector> {
    vec![
        rule(
            "exclude/a name is a member of the payload alone",
            r#"{"exclude":["at"]}"#,
            r#"{"at":1,"n":{"at":2}}"#,
        ),
        rule(
            "exclude/a name is no element",
            r#"{"exclude":["0"]}"#,
            "[1,2]",
        ),
        rule(
            "exclude/a pointer is an element",
            r#"{"exclude":["/0"]}"#,
            "[1,2]",
        ),
        rule(
            "exclude/an index has no leading zeros",
            r#"{"exclude":["/01","/-"]}"#,
            "[1,2]",
        ),
        rule(
            "exclude/a name is as it is",
            r#"{"exclude":["*","m~0n"," "]}"#,
            r#"{"*":1,"m~0n":2,"m~n":3," ":4,"a":5}"#,
        ),
        rule(
            "exclude/a star is any member or element",
            r#"{"exclude":["/*/at","/list/*/0"]}"#,
            r#"{"at":1,"a":{"at":2,"n":3},"list":[[4,5],[6],{"0":7,"1":8},9]}"#,
        ),
        rule(
            "exclude/stars that cross",
            r#"{"exclude":["/a/*/x","/*/b/y"]}"#,
            r#"{"a":{"b":{"x":1,"y":2,"z":3},"c":{"x":1,"y":2}},"d":{"b":{"x":1,"y":2}}}"#,
        ),
        rule(
            "exclude/what is empty by itself",
            r#"{"exclude":["/a"]}"#,
            "{}",
        ),
        rule(
            "exclude/all of a part is not all",
            r#"{"exclude":["/a/*","/list/*"]}"#,
            r#"{"a":{"b":1},"list":[1]}"#,
        ),
        rule(
            "exclude/128 segments",
            &format!(r#"{{"exclude":["{}"]}}"#, "/0".repeat(128)),
            &["[".repeat(128), "1,2".into(), "]".repeat(128)].concat(),
        ),
        rule(
            "exclude/a scalar has no members",
            r#"{"exclude":["a","/0","/*"]}"#,
            r#""text""#,
        ),
        rule(
            "exclude/a decimal that would be refused",
            r#"{"exclude":["/at","/list/1"]}"#,
            r#"{"at":12345678901234567.89,"list":[0.5,1e999],"n":1}"#,
        ),
        rule(
            "exclude everywhere",
            r#"{"exclude_everywhere":["at","trace/id"]}"#,
            r#"{"at":1,"list":[{"at":{"n":2},"m":{"at":3,"n":4}},[{"at":5}],"at"],"trace/id":6}"#,
        ),
        rule(
            "exclude everywhere/names are as they are",
            r#"{"exclude_everywhere":["*","0","","m~0n"]}"#,
            r#"{"a":[1,2],"*":3,"b":{"0":4,"":5,"m~n":6,"m~0n":7}}"#,
        ),
    ]
}

fn only() -> Vec<Vector> {
    let body = r#"{"a":{"x":1},"b":{"c":1,"d":2},"list":[{"id":1,"n":1},{"n":2},3],"z":1}"#;
    vec![
        rule("only/members", r#"{"only":["/a"]}"#, body),
        rule(
            "only/members within members",
            r#"{"only":["/b/c","/list/0/id"]}"#,
            body,
        ),
        rule(
            "only/behind a star there may be nothing",
            r#"{"only":["/list/*/id"]}"#,
            body,
        ),
        rule(
            "only/a star that leads nowhere",
            r#"{"only":["/b/*/x/y"]}"#,
            body,
        ),
        rule("only/the whole payload", r#"{"only":[""]}"#, body),
        rule(
            "only/any member",
            r#"{"only":["/*/c","/a"]}"#,
            r#"{"a":1,"b":{"c":2,"d":3},"e":{}}"#,
        ),
        rule(
            "only/null is there",
            r#"{"only":["/a"]}"#,
            r#"{"a":null,"b":1}"#,
        ),
        rule(
            "only/a part of what is listed",
            r#"{"only":["/a","/a/x"]}"#,
            r#"{"a":{"x":1,"y":2},"b":3}"#,
        ),
        rule(
            "only/a scalar on the way",
            r#"{"only":["/b/*/x"]}"#,
            r#"{"b":5,"z":1}"#,
        ),
        rule(
            "only/other rules hold within, and list nothing",
            r#"{"only":["/a"],"exclude":["/a/at"],"exclude_everywhere":["id"],"unordered":["/a/tags","/tags"],"json":["/event"]}"#,
            r#"{"a":{"at":1,"id":2,"tags":["b","a"]},"tags":[2,1],"event":"{"}"#,
        ),
    ]
}

fn unordered() -> Vec<Vector> {
    vec![
        rule(
            "unordered/the payload and what is within",
            r#"{"unordered":["","/*"]}"#,
            "[[2,1],[10,0],null]",
        ),
        rule(
            "unordered/equal elements are kept",
            r#"{"unordered":["/tags"]}"#,
            r#"{"tags":["b","a","b",1.0,1]}"#,
        ),
        rule(
            "unordered/null, and what is not there",
            r#"{"unordered":["/a","/b","/list/*/tags"]}"#,
            r#"{"a":null,"list":[{"tags":["z",{"b":1,"a":2},"a"]},{},{"tags":null}]}"#,
        ),
        rule(
            "unordered/places are those in the body",
            r#"{"unordered":["/list","/list/0/tags"],"exclude":["/list/*/id","/list/1"]}"#,
            r#"{"list":[{"id":1,"tags":[3,2]},{"tags":[]},{"id":0,"tags":[1,0]}]}"#,
        ),
        rule(
            "unordered/sorted by what counts",
            r#"{"unordered":["/list"],"exclude_everywhere":["at"]}"#,
            r#"{"list":[{"at":1,"n":2},{"at":2,"n":1}]}"#,
        ),
    ]
}

fn json() -> Vec<Vector> {
    vec![
        rule(
            "json/spelling does not count",
            r#"{"json":["/event"]}"#,
            r#"{"event":" {\"n\": 1.0, \"b\":[ 9007199254740993 ], \"a\": \"\\u00e9\" }\n"}"#,
        ),
        rule(
            "json/rules lead into it",
            r#"{"json":["/event"],"exclude":["/event/at"],"unordered":["/event/tags"],"exclude_everywhere":["id"]}"#,
            r#"{"event":"{\"tags\":[2,1],\"at\":1,\"id\":2,\"n\":{\"id\":3}}"}"#,
        ),
        rule(
            "json/within JSON text",
            r#"{"json":["/a","/a/b"]}"#,
            r#"{"a":"{\"b\":\"[1.50]\",\"c\":\"[1.50]\"}"}"#,
        ),
        rule(
            "json/the payload, unordered",
            r#"{"json":[""],"unordered":[""]}"#,
            r#""[2,1]""#,
        ),
        rule(
            "json/null, a text, and what is not there",
            r#"{"json":["/a","/b","/c"]}"#,
            r#"{"a":null,"b":"\"null\"","d":"{"}"#,
        ),
        rule(
            "json/elements",
            r#"{"json":["/events/*"],"only":["/events/*/n"]}"#,
            r#"{"events":["{\"n\":1,\"m\":2}","{}"],"z":1}"#,
        ),
        rule(
            "json/128 levels with those around it",
            r#"{"json":["/a/0"]}"#,
            &format!(r#"{{"a":["{}{}"]}}"#, "[".repeat(126), "]".repeat(126)),
        ),
    ]
}

fn scope() -> Vec<Vector> {
    vec![
        rule(
            "scope/fields that are given",
            r#"{"scope":"charges.create","scope_field":{"region":"eu:west 100%","user":""}}"#,
            r#"{"amount":500}"#,
        ),
        rule(
            "scope/labels and names of JavaScript's",
            r#"{"scope_field":{"__proto__":"a","constructor":"b"},"scope_member":{"toString":"/__proto__/toString"}}"#,
            r#"{"__proto__":{"toString":"c","valueOf":{"__proto__":[]}}}"#,
        ),
        rule(
            "scope/given, and taken out of the body",
            r#"{"scope":"outer>inner","scope_field":{"b":"given"},"scope_member":{"a":"/x/a","c":"/c"}}"#,
            r#"{"x":{"a":"taken","n":1},"c":true}"#,
        ),
        rule(
            "scope/integers of any spelling",
            r#"{"scope_member":{"a":"/0","b":"/1"}}"#,
            "[-0,123456789012345678901234567890,{}]",
        ),
        rule(
            "scope/a string that looks like a number",
            r#"{"scope_member":{"a":"/a"}}"#,
            r#"{"a":"1.50","n":1}"#,
        ),
        rule(
            "scope/beside an allow-list",
            r#"{"scope_member":{"user":"/meta/user"},"only":["/n"]}"#,
            r#"{"meta":{"user":1,"at":2},"n":3,"z":4}"#,
        ),
        rule(
            "scope/members at two depths",
            r#"{"scope_member":{"a":"/a","b":"/*/b"}}"#,
            r#"{"a":1,"c":{"b":2,"n":3}}"#,
        ),
        rule(
            "scope/out of JSON text",
            r#"{"scope_member":{"user":"/event/user"},"json":["/event"]}"#,
            r#"{"event":"{\"user\":\"a:b\",\"n\":1}"}"#,
        ),
        rule(
            "scope/a member is taken, and nothing else is there",
            r#"{"scope_member":{"user":"/user"},"exclude":["/at"]}"#,
            r#"{"user":1}"#,
        ),
        rule(
            "scope/a name excluded within, and not at the top",
            r#"{"scope_member":{"at":"/at"},"exclude":["/n/at"]}"#,
            r#"{"at":1,"n":{"at":2}}"#,
        ),
    ]
}
