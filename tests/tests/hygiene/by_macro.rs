//! Types that a macro writes, from names, types, literals and paths that it is given.

use agentidemp::IdempotencyKey;

macro_rules! request {
    (
        $krate:path, $operation:literal, $name:ident<$parameter:ident> {
            $scope:ident: $scope_type:ty,
            $field:ident ($rename:literal, $with:path): $type:ty $(,)?
        }
    ) => {
        #[derive(IdempotencyKey)]
        #[idem(scope = $operation, crate = $krate)]
        struct $name<$parameter> {
            #[idem(scope)]
            $scope: $scope_type,
            nested: Option<$parameter>,
            #[idem(rename = $rename, with = $with)]
            $field: $type,
            out: $parameter,
        }
    };
}

request!(::agentidemp, "charges.create", Charge<T> {
    user: &'static str,
    amount ("cents", Vec::len): Vec<T>,
});

macro_rules! tool {
    ($name:ident: $($variant:ident($type:ty)),*) => {
        #[derive(IdempotencyKey)]
        enum $name {
            $($variant($type)),*
        }
    };
}

tool!(Tool: Search(&'static str), Stop(()));

#[test]
fn types_that_a_macro_writes() {
    let charge = Charge {
        user: "ada",
        nested: Some(2),
        amount: vec![3, 4],
        out: 1,
    };
    assert_eq!(
        charge.canonical_bytes(),
        br#"charges.create:user:ada:{"cents":2,"nested":2,"out":1}"#
    );
    assert_eq!(Tool::Search("x").canonical_bytes(), br#"{"Search":"x"}"#);
    assert_eq!(Tool::Stop(()).canonical_bytes(), br#"{"Stop":null}"#);
}
