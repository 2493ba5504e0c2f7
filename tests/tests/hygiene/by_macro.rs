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

macro_rules! functions {
    ($name:ident<$parameter:ident>: $with:expr, $skip_if:expr, $body:ty, $label:literal) => {
        #[derive(IdempotencyKey)]
        struct $name<$parameter> {
            #[idem(with = $with)]
            with: u8,
            #[idem(skip_if = $skip_if)]
            skip_if: Option<u8>,
            #[idem(scope = $label, with = $with)]
            scope: u8,
            body: $body,
        }
    };
}

functions!(Closures<T>: |number: &u8| number + 1, |option| option.is_none(), T, "shard");
functions!(Paths<T>: u8::count_ones_of, Option::is_none, Box<T>, "shard");

trait CountOnes {
    fn count_ones_of(&self) -> u32;
}

impl CountOnes for u8 {
    fn count_ones_of(&self) -> u32 {
        self.count_ones()
    }
}

#[test]
fn functions_and_types_that_a_macro_is_given() {
    let charge = || Charge {
        user: "ada",
        nested: Some(2),
        amount: vec![3, 4],
        out: 1,
    };
    let closures = Closures {
        with: 1,
        skip_if: None,
        scope: 2,
        body: charge(),
    };
    assert_eq!(
        closures.canonical_bytes(),
        br#"charges.create:shard:3:user:ada:{"body":{"cents":2,"nested":2,"out":1},"with":2}"#
    );
    let paths = Paths {
        with: 3,
        skip_if: Some(1),
        scope: 7,
        body: Box::new(charge()),
    };
    assert_eq!(
        paths.canonical_bytes(),
        br#"charges.create:shard:3:user:ada:{"body":{"cents":2,"nested":2,"out":1},"skip_if":1,"with":2}"#
    );
}

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
