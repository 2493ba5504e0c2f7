//! Enums, under each tagging of serde.

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

/// The same variants under each tagging: an internally tagged enum has no tuple variants.
macro_rules! tagging {
    ($name:ident, [$($tagging:meta)?] $(, Tuple($($tuple:ty),*))?) => {
        #[derive(Serialize, IdempotencyKey)]
        $(#[$tagging])?
        enum $name {
            Unit,
            Newtype(Point),
            $(Tuple($($tuple),*),)?
            Struct { x: u8, label: &'static str },
            #[serde(rename = "\u{fb33}")]
            Renamed { value: Option<u8> },
        }
    };
}

#[derive(Serialize, IdempotencyKey)]
struct Point {
    y: i8,
    x: i8,
}

tagging!(External, [], Tuple(u8, bool));
tagging!(Internal, [serde(tag = "type")]);
tagging!(Adjacent, [serde(tag = "t", content = "c")], Tuple(u8, bool));
tagging!(
    AdjacentReversed,
    [serde(tag = "kind", content = "args")],
    Tuple(u8, bool)
);
tagging!(Untagged, [serde(untagged)], Tuple(u8, bool));

#[derive(Serialize, IdempotencyKey)]
struct Shapes<T> {
    shapes: Vec<T>,
}

/// A vector for each variant, and one for all of them in an array.
macro_rules! variants {
    ($tagging:literal, $name:ident $(, $tuple:ident)?) => {{
        let all = || {
            vec![
                ("unit", $name::Unit),
                ("newtype", $name::Newtype(Point { y: -1, x: 1 })),
                $(("tuple", $name::$tuple(7, true)),)?
                ("struct", $name::Struct { x: 2, label: "b" }),
                ("renamed", $name::Renamed { value: None }),
            ]
        };
        let mut vectors: Vec<_> = all()
            .iter()
            .map(|(variant, value)| Vector::new(format!("enum/{}/{variant}", $tagging), value))
            .collect();
        let shapes = all().into_iter().map(|(_, value)| value).collect();
        vectors.push(Vector::new(format!("enum/{}/all", $tagging), &Shapes { shapes }));
        vectors
    }};
}

pub(super) fn vectors() -> Vec<Vector> {
    let taggings = [
        variants!("external", External, Tuple),
        variants!("internal", Internal),
        variants!("adjacent", Adjacent, Tuple),
        variants!("adjacent, content first", AdjacentReversed, Tuple),
        variants!("untagged", Untagged, Tuple),
    ];
    taggings.into_iter().flatten().collect()
}
