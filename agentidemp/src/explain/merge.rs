//! [`merge`]: two sorted lists at once.

use core::cmp::Ordering;
use core::iter;

/// The items of two lists in ascending order, those that compare as equal together.
pub(super) fn merge<A, B>(
    old: impl Iterator<Item = A>,
    new: impl Iterator<Item = B>,
    order: impl Fn(&A, &B) -> Ordering,
) -> impl Iterator<Item = (Option<A>, Option<B>)> {
    let (mut old, mut new) = (old.peekable(), new.peekable());
    iter::from_fn(move || {
        let order = match (old.peek(), new.peek()) {
            (Some(old), Some(new)) => order(old, new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let old = old.next_if(|_| order.is_le());
        let new = new.next_if(|_| order.is_ge());
        Some((old, new))
    })
}
