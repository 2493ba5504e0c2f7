//! What stands at the top level of the payload is the request, and its scope is the request's.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::num::Wrapping;
use std::rc::Rc;
use std::sync::Arc;

use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, ErrorKind, IdempotencyKey, Scope};
use proptest::prelude::*;

/// The canonical bytes, as text: the scope included.
fn canonical(request: &(impl IdempotencyKey + ?Sized)) -> String {
    String::from_utf8(request.canonical_bytes()).unwrap()
}

#[track_caller]
fn assert_refused(request: &(impl IdempotencyKey + ?Sized), message: &str) {
    let error = request.try_idempotency_key().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidScope);
    assert_eq!(error.to_string(), message);
    assert_eq!(request.try_canonical_bytes().unwrap_err(), error);
}

#[derive(Clone, IdempotencyKey)]
#[idem(scope = "charges.create")]
struct Charge {
    amount: u8,
    #[idem(scope)]
    user: u8,
}

/// Of the shape of a [`Charge`], and another operation.
#[derive(Clone, IdempotencyKey)]
#[idem(scope = "refunds.create")]
struct Refund {
    amount: u8,
    #[idem(scope)]
    user: u8,
}

const CHARGE: Charge = Charge { amount: 1, user: 2 };
const REFUND: Refund = Refund { amount: 1, user: 2 };

const CHARGE_TEXT: &str = r#"charges.create:user:2:{"amount":1}"#;
const REFUND_TEXT: &str = r#"refunds.create:user:2:{"amount":1}"#;

mod comes_through_by_itself {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Newtype<T>(T);

    #[derive(IdempotencyKey)]
    struct NewtypeOfCharge(Charge);

    #[test]
    fn a_newtype_struct() {
        assert_eq!(canonical(&Newtype(CHARGE)), CHARGE_TEXT);
        assert_eq!(canonical(&Newtype(REFUND)), REFUND_TEXT);
        assert_eq!(canonical(&Newtype(Newtype(REFUND))), REFUND_TEXT);
        assert_eq!(canonical(&NewtypeOfCharge(CHARGE)), CHARGE_TEXT);
    }

    #[derive(IdempotencyKey)]
    #[serde(transparent)]
    struct Transparent<T> {
        request: T,
        marker: std::marker::PhantomData<T>,
    }

    #[derive(IdempotencyKey)]
    #[serde(transparent)]
    struct TransparentCharge {
        charge: Charge,
    }

    #[test]
    fn a_transparent_struct() {
        let marker = std::marker::PhantomData;
        let request = CHARGE;
        assert_eq!(canonical(&Transparent { request, marker }), CHARGE_TEXT);
        let charge = CHARGE;
        assert_eq!(canonical(&TransparentCharge { charge }), CHARGE_TEXT);
    }

    #[derive(IdempotencyKey)]
    struct Flat<T> {
        id: u8,
        #[serde(flatten)]
        request: T,
    }

    #[derive(IdempotencyKey)]
    struct FlatCharge {
        #[serde(flatten)]
        charge: Option<Box<Charge>>,
        id: u8,
    }

    #[test]
    fn a_flattened_field() {
        let (id, request) = (9, CHARGE);
        let text = r#"charges.create:user:2:{"amount":1,"id":9}"#;
        assert_eq!(canonical(&Flat { id, request }), text);
        let charge = Some(Box::new(CHARGE));
        assert_eq!(canonical(&FlatCharge { id, charge }), text);
        let charge = None;
        assert_eq!(canonical(&FlatCharge { id, charge }), r#"{"id":9}"#);
    }

    #[derive(IdempotencyKey)]
    struct Conditional {
        id: u8,
        #[serde(flatten, skip_serializing_if = "is_free")]
        charge: Charge,
    }

    fn is_free(charge: &Charge) -> bool {
        charge.amount == 0
    }

    #[test]
    fn a_flattened_field_that_is_left_out_leaves_its_scope_out() {
        let request = |amount| Conditional {
            id: 9,
            charge: Charge { amount, user: 2 },
        };
        assert_eq!(
            canonical(&request(1)),
            r#"charges.create:user:2:{"amount":1,"id":9}"#
        );
        assert_eq!(canonical(&request(0)), r#"{"id":9}"#);
    }

    #[derive(IdempotencyKey)]
    #[serde(untagged)]
    enum Untagged {
        Charge(Charge),
        Refund(Box<Refund>),
        Flat {
            #[serde(flatten)]
            charge: Charge,
        },
        Struct {
            charge: Charge,
        },
        Tuple(Charge, u8),
        #[serde(skip)]
        #[allow(dead_code)]
        Skipped(Charge),
    }

    #[test]
    fn an_untagged_newtype_variant() {
        assert_eq!(canonical(&Untagged::Charge(CHARGE)), CHARGE_TEXT);
        assert_eq!(canonical(&Untagged::Refund(REFUND.into())), REFUND_TEXT);
        let charge = CHARGE;
        assert_eq!(canonical(&Untagged::Flat { charge }), CHARGE_TEXT);
        let charge = CHARGE;
        assert_eq!(
            canonical(&Untagged::Struct { charge }),
            r#"{"charge":{"amount":1,"user":2}}"#
        );
        assert_eq!(
            canonical(&Untagged::Tuple(CHARGE, 3)),
            r#"[{"amount":1,"user":2},3]"#
        );
    }

    #[derive(IdempotencyKey)]
    #[serde(tag = "type")]
    enum Internal {
        Charge(Charge),
        Refund(Refund),
        Flat {
            #[serde(flatten)]
            refund: Refund,
            id: u8,
        },
    }

    #[test]
    fn an_internally_tagged_newtype_variant() {
        assert_eq!(
            canonical(&Internal::Charge(CHARGE)),
            r#"charges.create:user:2:{"amount":1,"type":"Charge"}"#
        );
        assert_eq!(
            canonical(&Internal::Refund(REFUND)),
            r#"refunds.create:user:2:{"amount":1,"type":"Refund"}"#
        );
        let refund = REFUND;
        assert_eq!(
            canonical(&Internal::Flat { refund, id: 9 }),
            r#"refunds.create:user:2:{"amount":1,"id":9,"type":"Flat"}"#
        );
    }

    #[derive(IdempotencyKey)]
    #[serde(untagged)]
    enum OrByFunction {
        Charge(Charge),
        #[serde(serialize_with = "amount_alone")]
        Amount(Charge),
    }

    fn amount_alone<S: serde::Serializer>(
        charge: &Charge,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(charge.amount)
    }

    #[test]
    fn but_not_through_a_variant_that_a_function_writes() {
        assert_eq!(canonical(&OrByFunction::Charge(CHARGE)), CHARGE_TEXT);
        assert_eq!(canonical(&OrByFunction::Amount(CHARGE)), "1");
    }

    /// Two fields, of which none is the request.
    #[derive(IdempotencyKey)]
    struct Two<T>(T, T);

    /// There all scope fields are members.
    #[test]
    fn but_not_through_what_is_no_request_itself() {
        const MEMBERS: &str = r#"{"amount":1,"user":2}"#;

        fn assert_members<T: IdempotencyKey>(request: impl Fn() -> T) {
            let two = Two(request(), request());
            assert_eq!(canonical(&two), format!("[{MEMBERS},{MEMBERS}]"));
        }

        assert_members(|| Newtype(CHARGE));
        assert_members(|| NewtypeOfCharge(CHARGE));
        assert_members(|| TransparentCharge { charge: CHARGE });
        assert_members(|| Untagged::Charge(CHARGE));
    }

    #[test]
    fn pointers_and_wrappers() {
        let requests: [&dyn IdempotencyKey; 8] = [
            &&CHARGE,
            &Box::new(CHARGE),
            &Rc::new(CHARGE),
            &Arc::new(CHARGE),
            &Cow::Borrowed(&CHARGE),
            &Newtype(Some(CHARGE)),
            &Newtype(Wrapping(CHARGE)),
            &Newtype(Reverse(CHARGE)),
        ];
        for request in requests {
            assert_eq!(canonical(request), CHARGE_TEXT);
        }
        assert_eq!(canonical(&Newtype(None::<Charge>)), "null");
    }

    #[test]
    fn trait_objects() {
        let request: Box<dyn Canonical> = Box::new(REFUND);
        assert_eq!(canonical(&Newtype(request)), REFUND_TEXT);
    }

    #[derive(Clone, IdempotencyKey)]
    #[serde(into = "Charge")]
    struct Converted;

    impl From<Converted> for Charge {
        fn from(_: Converted) -> Self {
            CHARGE
        }
    }

    #[test]
    fn what_is_put_on_the_wire_instead() {
        assert_eq!(canonical(&Converted), CHARGE_TEXT);
    }

    #[derive(IdempotencyKey)]
    struct ByFunction(#[idem(with = |id: &u8| Charge { amount: 1, user: *id })] u8);

    #[test]
    fn what_a_function_gives() {
        assert_eq!(canonical(&ByFunction(2)), CHARGE_TEXT);
    }

    struct ByHand(u8);

    impl Canonical for ByHand {
        fn encode(&self, out: &mut Encoder<'_>) {
            out.object().member("user", &self.0).finish();
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            scope.operation("by hand").field("user", &self.0);
        }

        fn encode_payload(&self, out: &mut Encoder<'_>) {
            out.object().finish();
        }
    }

    #[test]
    fn a_scope_written_by_hand() {
        assert_eq!(canonical(&Newtype(ByHand(2))), "by hand:user:2:{}");
        let request = ByHand(2);
        assert_eq!(
            canonical(&Flat { id: 9, request }),
            r#"by hand:user:2:{"id":9}"#
        );
    }
}

mod the_one_field_of_a_type_parameter {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Envelope<T> {
        id: u8,
        body: T,
    }

    #[derive(IdempotencyKey)]
    struct Pointers<'a, T, const N: usize> {
        id: [u8; N],
        body: &'a Arc<T>,
    }

    #[derive(IdempotencyKey)]
    struct Tuple<T>(u8, T);

    #[derive(IdempotencyKey)]
    enum Message<T> {
        Request {
            id: u8,
            body: T,
        },
        Newtype(T),
        #[serde(skip)]
        #[allow(dead_code)]
        Skipped(T),
        None,
    }

    #[test]
    fn is_the_request() {
        let (id, body) = (9, CHARGE);
        assert_eq!(
            canonical(&Envelope { id, body }),
            r#"charges.create:user:2:{"body":{"amount":1},"id":9}"#
        );
        let body = &Arc::new(REFUND);
        assert_eq!(
            canonical(&Pointers { id: [9], body }),
            r#"refunds.create:user:2:{"body":{"amount":1},"id":[9]}"#
        );
        assert_eq!(
            canonical(&Tuple(9, CHARGE)),
            r#"charges.create:user:2:[9,{"amount":1}]"#
        );
    }

    #[test]
    fn of_a_variant_too() {
        let body = CHARGE;
        assert_eq!(
            canonical(&Message::Request { id: 9, body }),
            r#"charges.create:user:2:{"Request":{"body":{"amount":1},"id":9}}"#
        );
        assert_eq!(
            canonical(&Message::Newtype(REFUND)),
            r#"refunds.create:user:2:{"Newtype":{"amount":1}}"#
        );
        assert_eq!(canonical(&Message::<Charge>::None), r#""None""#);
    }

    #[derive(IdempotencyKey)]
    struct Two<T, U> {
        body: T,
        other: U,
    }

    #[derive(IdempotencyKey)]
    struct Marked<T, U> {
        #[idem(delegate)]
        body: T,
        other: U,
    }

    #[derive(IdempotencyKey)]
    struct Beside<T, U, V, W> {
        body: T,
        #[idem(skip)]
        _skipped: U,
        #[idem(serde)]
        by_serialize: V,
        list: Vec<W>,
    }

    #[test]
    fn is_none_where_there_are_several() {
        let (body, other) = (CHARGE, REFUND);
        assert_eq!(
            canonical(&Two { body, other }),
            r#"{"body":{"amount":1,"user":2},"other":{"amount":1,"user":2}}"#
        );
    }

    #[test]
    fn is_the_one_that_is_marked() {
        let (body, other) = (CHARGE, REFUND);
        assert_eq!(
            canonical(&Marked { body, other }),
            r#"charges.create:user:2:{"body":{"amount":1},"other":{"amount":1,"user":2}}"#
        );
    }

    #[test]
    fn does_not_count_what_can_have_no_scope() {
        let request = Beside {
            body: CHARGE,
            _skipped: REFUND,
            by_serialize: 1,
            list: vec![REFUND],
        };
        assert_eq!(
            canonical(&request),
            r#"charges.create:user:2:{"body":{"amount":1},"by_serialize":1,"list":[{"amount":1,"user":2}]}"#
        );
    }
}

mod delegate {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Signed {
        #[idem(delegate)]
        charge: Charge,
        signature: u8,
    }

    #[derive(IdempotencyKey)]
    struct Optional {
        #[idem(delegate, skip_if = Option::is_none)]
        charge: Option<Charge>,
    }

    #[derive(IdempotencyKey)]
    enum External {
        Charge(#[idem(delegate)] Charge),
        Refund(Refund),
        Tuple(u8, #[idem(delegate)] Refund),
    }

    #[derive(IdempotencyKey)]
    #[serde(tag = "type", content = "content")]
    enum Adjacent {
        Charge {
            #[idem(delegate)]
            charge: Charge,
        },
        Refund(#[idem(delegate, with = refund)] u8),
    }

    fn refund(user: &u8) -> Refund {
        Refund {
            amount: 1,
            user: *user,
        }
    }

    #[test]
    fn a_field_that_is_marked_is_the_request() {
        let charge = CHARGE;
        assert_eq!(
            canonical(&Signed {
                charge,
                signature: 7
            }),
            r#"charges.create:user:2:{"charge":{"amount":1},"signature":7}"#
        );
        assert_eq!(
            canonical(&External::Tuple(7, REFUND)),
            r#"refunds.create:user:2:{"Tuple":[7,{"amount":1}]}"#
        );
        let charge = CHARGE;
        assert_eq!(
            canonical(&Adjacent::Charge { charge }),
            r#"charges.create:user:2:{"content":{"charge":{"amount":1}},"type":"Charge"}"#
        );
        assert_eq!(
            canonical(&Adjacent::Refund(2)),
            r#"refunds.create:user:2:{"content":{"amount":1},"type":"Refund"}"#
        );
    }

    #[test]
    fn a_field_that_is_left_out_is_not() {
        let some = Optional {
            charge: Some(CHARGE),
        };
        assert_eq!(
            canonical(&some),
            r#"charges.create:user:2:{"charge":{"amount":1}}"#
        );
        assert_eq!(canonical(&Optional { charge: None }), "{}");
    }

    #[test]
    fn what_is_tagged_externally_keeps_its_scope_unless_it_is_marked() {
        assert_eq!(
            canonical(&External::Charge(CHARGE)),
            r#"charges.create:user:2:{"Charge":{"amount":1}}"#
        );
        assert_eq!(
            canonical(&External::Refund(REFUND)),
            r#"{"Refund":{"amount":1,"user":2}}"#
        );
    }

    #[derive(IdempotencyKey)]
    struct Nested {
        signed: Vec<Signed>,
    }

    #[test]
    fn within_another_request_all_scope_fields_are_members() {
        let signed = vec![Signed {
            charge: CHARGE,
            signature: 7,
        }];
        assert_eq!(
            canonical(&Nested { signed }),
            r#"{"signed":[{"charge":{"amount":1,"user":2},"signature":7}]}"#
        );
    }
}

mod where_scopes_meet {
    use super::*;

    #[derive(IdempotencyKey)]
    #[idem(scope = "queue")]
    struct Queued<T> {
        #[idem(scope)]
        tenant: &'static str,
        #[idem(scope)]
        zone: &'static str,
        id: u8,
        body: T,
    }

    fn queued<T>(body: T) -> Queued<T> {
        Queued {
            tenant: "acme:eu",
            zone: "z",
            id: 9,
            body,
        }
    }

    #[test]
    fn operations_are_joined_outermost_first_and_fields_sorted() {
        assert_eq!(
            canonical(&queued(CHARGE)),
            concat!(
                "queue>charges.create:tenant:acme%3Aeu:user:2:zone:z:",
                r#"{"body":{"amount":1},"id":9}"#
            )
        );
    }

    #[derive(IdempotencyKey)]
    #[idem(scope = "outer")]
    struct Plain<T>(T);

    #[derive(IdempotencyKey)]
    struct Bare<T> {
        id: u8,
        #[serde(flatten)]
        body: T,
    }

    #[test]
    fn a_level_without_an_operation_adds_none() {
        assert_eq!(
            canonical(&Plain(Bare {
                id: 9,
                body: Plain(CHARGE)
            })),
            r#"outer>outer>charges.create:user:2:{"amount":1,"id":9}"#,
        );
    }

    #[derive(IdempotencyKey)]
    struct Fields<T> {
        #[idem(scope)]
        user: u8,
        body: T,
    }

    #[test]
    fn two_fields_of_one_label_are_refused() {
        assert_refused(
            &Fields {
                user: 2,
                body: CHARGE,
            },
            "/user: two fields of the scope are labelled `user`",
        );
    }

    #[derive(IdempotencyKey)]
    struct Siblings<T, U> {
        #[serde(flatten)]
        first: T,
        #[serde(flatten)]
        second: U,
    }

    #[derive(IdempotencyKey)]
    struct Page {
        #[idem(scope)]
        list: u8,
        page: u8,
    }

    #[test]
    fn two_operations_side_by_side_are_refused() {
        let (first, second) = (CHARGE, Plain(Page { list: 1, page: 2 }));
        assert_refused(
            &Siblings { first, second },
            "two values at the top level of the payload name an operation each",
        );
    }

    #[test]
    fn fields_side_by_side_are_sorted() {
        let (first, second) = (CHARGE, Page { list: 1, page: 2 });
        assert_eq!(
            canonical(&Siblings { first, second }),
            r#"charges.create:list:1:user:2:{"amount":1,"page":2}"#
        );
    }

    #[test]
    fn a_member_may_have_the_name_of_a_label_within() {
        #[derive(IdempotencyKey)]
        struct Beside {
            user: u8,
            #[serde(flatten)]
            charge: Charge,
        }
        let request = || Beside {
            user: 3,
            charge: CHARGE,
        };
        assert_eq!(
            canonical(&request()),
            r#"charges.create:user:2:{"amount":1,"user":3}"#
        );
        // As a part of another request it has two members of one name.
        #[derive(IdempotencyKey)]
        struct Nested {
            beside: Beside,
        }
        let nested = Nested { beside: request() };
        let error = nested.try_idempotency_key().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DuplicateMember);
    }

    /// A list that nests without a bracket.
    #[derive(IdempotencyKey)]
    struct Chain(Option<Box<Chain>>);

    fn chain(length: usize) -> Chain {
        (0..length).fold(Chain(None), |chain, _| Chain(Some(Box::new(chain))))
    }

    #[track_caller]
    fn assert_too_deep(request: &dyn IdempotencyKey) {
        let error = request.try_idempotency_key().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooDeep);
    }

    #[test]
    fn a_scope_comes_through_so_many_levels() {
        assert_eq!(canonical(&chain(500)), "null");
        assert_too_deep(&chain(513));
    }

    #[test]
    fn a_scope_comes_through_so_many_pointers() {
        let pointers = |count: usize| {
            (1..count).fold(Box::new(1) as Box<dyn Canonical>, |pointer, _| {
                Box::new(pointer)
            })
        };
        assert_eq!(canonical(&Plain(pointers(500))), "outer:1");
        assert_too_deep(&Plain(pointers(513)));
    }
}

mod wrapping_never_merges_two_scopes {
    use super::*;

    /// A request whose whole identity is its scope.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Scoped {
        operation: Option<String>,
        fields: Vec<(&'static str, String)>,
    }

    const LABELS: [&str; 3] = ["a", "charges", "tenant"];

    impl Canonical for Scoped {
        fn encode(&self, out: &mut Encoder<'_>) {
            out.object().finish();
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            if let Some(operation) = &self.operation {
                scope.operation(operation);
            }
            for (label, value) in &self.fields {
                scope.field(label, value);
            }
        }
    }

    impl IdempotencyKey for Scoped {}

    /// Few texts, which hold what divides a scope where it is allowed.
    fn scoped() -> impl Strategy<Value = Scoped> {
        let operation = proptest::option::of("(a|charges|tenant|[{\"]|\\}| ){1,2}");
        let value = "(a|charges|tenant|[:%>{\"]){0,2}";
        let values = [0, 1, 2].map(|_| proptest::option::of(value));
        (operation, values).prop_map(|(operation, values)| Scoped {
            operation,
            fields: LABELS
                .into_iter()
                .zip(values)
                .filter_map(|(label, value)| Some((label, value?)))
                .collect(),
        })
    }

    #[derive(IdempotencyKey)]
    struct Newtype<T>(T);

    #[derive(IdempotencyKey)]
    #[serde(transparent)]
    struct Transparent<T> {
        request: T,
    }

    #[derive(IdempotencyKey)]
    struct Flat<T> {
        #[serde(flatten)]
        request: T,
    }

    #[derive(IdempotencyKey)]
    #[serde(untagged)]
    enum Untagged<T> {
        Request(T),
    }

    #[derive(IdempotencyKey)]
    #[serde(tag = "type")]
    enum Internal<T> {
        Request(T),
    }

    #[derive(IdempotencyKey)]
    #[idem(scope = "a")]
    struct Envelope<T> {
        #[idem(scope)]
        zone: u8,
        body: T,
    }

    fn envelope<T>(body: T) -> Envelope<T> {
        Envelope { zone: 0, body }
    }

    proptest! {
        #[test]
        fn by_any_wrapper(left in scoped(), right in scoped()) {
            let key = |request: &dyn IdempotencyKey| request.idempotency_key();
            let keys = |scoped: &Scoped| {
                let request = || scoped.clone();
                [
                    key(&request()),
                    key(&Newtype(request())),
                    key(&Transparent { request: request() }),
                    key(&Flat { request: request() }),
                    key(&Untagged::Request(request())),
                    key(&Internal::Request(request())),
                    key(&envelope(request())),
                    key(&Newtype(Flat { request: Internal::Request(request()) })),
                    key(&envelope(Untagged::Request(Newtype(request())))),
                ]
            };
            for (left_key, right_key) in keys(&left).iter().zip(&keys(&right)) {
                prop_assert_eq!(left == right, left_key == right_key);
            }
            // These five add nothing to the payload.
            let [bare, same @ .., _, _, _, _] = keys(&left);
            prop_assert!(same.iter().all(|key| *key == bare));
        }
    }
}
