//! What clients see of each problem, by RFC 9457: they may compare its `type`, and people read the rest.

use std::fmt::Write as _;

use agentidemp::header::server::{Problem, ProblemKind};
use http::header::RETRY_AFTER;
use http_body::Body as _;
use http_body_util::BodyExt as _;

const ALL: [ProblemKind; 15] = [
    ProblemKind::KeyMissing,
    ProblemKind::KeyRepeated,
    ProblemKind::KeyMalformed,
    ProblemKind::KeyTooLong,
    ProblemKind::KeyMismatch,
    ProblemKind::KeyReused,
    ProblemKind::RequestUnreadable,
    ProblemKind::RequestTooLarge,
    ProblemKind::ScopeUnknown,
    ProblemKind::InProgress,
    ProblemKind::AnswerNotKept,
    ProblemKind::AttemptFailed,
    ProblemKind::OutcomeUnknown,
    ProblemKind::StoreUnavailable,
    ProblemKind::RecordUnreadable,
];

#[tokio::test]
async fn each_problem_is_answered_as_it_always_was() {
    let mut all = String::new();
    for kind in ALL {
        let problem = Problem::from(kind);
        assert_eq!(problem.to_string(), kind.title());
        let response = problem.into_response();
        let (parts, body) = response.into_parts();
        assert_eq!(parts.status, kind.status());
        let again = match parts.headers.get(RETRY_AFTER) {
            Some(seconds) => format!(", again after {} s", seconds.to_str().unwrap()),
            None => String::new(),
        };
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        writeln!(all, "{}{again}\n{text}\n", parts.status).unwrap();
    }
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(all);
    });
}

#[test]
fn the_body_of_a_problem_says_how_long_it_is() {
    let body = Problem::from(ProblemKind::KeyMissing)
        .into_response()
        .into_body();
    assert!(body.size_hint().exact().is_some_and(|length| length > 0));
    assert!(!body.is_end_stream());
    assert_eq!(format!("{body:?}"), "ResponseBody { .. }");
}
