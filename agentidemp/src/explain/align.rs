//! Which elements of two arrays belong together: the longest run of equal ones that is found in
//! about linear time, and between these the most similar ones.
//!
//! The usual difference algorithms (Myers, histogram) take up to quadratic time where arrays have
//! little in common, and recurse. Here equal elements are matched occurrence by occurrence, and the
//! longest increasing subsequence of the matches is kept: n log n steps, no recursion, and exact
//! where no element repeats.

use alloc::vec;
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;
use std::collections::HashMap;

/// Up to so many elements on either side are matched by similarity, which takes quadratic time.
const MAX_SIMILAR: usize = 32;

/// One step from the old array to the new one, by the indices of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The elements belong together; they may be equal.
    Pair(usize, usize),
    Removed(usize),
    Added(usize),
}

/// Aligns two arrays, whose elements are given by their classes.
///
/// `similarity` says how much two elements that differ have in common; it is above zero.
pub(super) fn align(
    old: &[usize],
    new: &[usize],
    similarity: impl Fn(usize, usize) -> usize,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut start = (0, 0);
    for (old_at, new_at) in anchors(old, new) {
        gap(start.0..old_at, start.1..new_at, &similarity, &mut steps);
        steps.push(Step::Pair(old_at, new_at));
        start = (old_at + 1, new_at + 1);
    }
    gap(
        start.0..old.len(),
        start.1..new.len(),
        &similarity,
        &mut steps,
    );
    steps
}

/// Pairs of equal elements, ascending on both sides.
fn anchors(old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
    let shorter = old.len().min(new.len());
    let equal = |pair: &(&usize, &usize)| pair.0 == pair.1;
    let prefix = old.iter().zip(new).take_while(equal).count();
    let backwards = old.iter().rev().zip(new.iter().rev());
    let suffix = backwards.take(shorter - prefix).take_while(equal).count();

    let middle = increasing(&occurrences(
        prefix..old.len() - suffix,
        old,
        prefix..new.len() - suffix,
        new,
    ));
    let suffix = (old.len() - suffix..old.len()).zip(new.len() - suffix..);
    let prefix = (0..prefix).zip(0..);
    prefix.chain(middle).chain(suffix).collect()
}

/// Matches the first occurrence of an element with the first on the other side, the second with the
/// second, and so on.
fn occurrences(
    old_range: Range<usize>,
    old: &[usize],
    new_range: Range<usize>,
    new: &[usize],
) -> Vec<(usize, usize)> {
    let mut places: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in new_range.rev() {
        places.entry(new[at]).or_default().push(at);
    }
    old_range
        .filter_map(|at| Some((at, places.get_mut(&old[at])?.pop()?)))
        .collect()
}

/// The longest part of the pairs, which ascend on the old side, that ascends on the new side also.
fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair with the least new side that ends such a subsequence.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pairs.len()];
    for (at, (_, new)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *new);
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let last = ends.last().copied();
    let mut chain: Vec<_> = iter::successors(last, |at| before[*at])
        .map(|at| pairs[at])
        .collect();
    chain.reverse();
    chain
}

/// Aligns what lies between two anchors.
fn gap(
    old: Range<usize>,
    new: Range<usize>,
    similarity: &impl Fn(usize, usize) -> usize,
    steps: &mut Vec<Step>,
) {
    if old.len().max(new.len()) <= MAX_SIMILAR {
        return most_similar(old, new, similarity, steps);
    }
    let paired = old.len().min(new.len());
    steps.extend(
        old.clone()
            .zip(new.clone())
            .map(|(old, new)| Step::Pair(old, new)),
    );
    steps.extend(old.skip(paired).map(Step::Removed));
    steps.extend(new.skip(paired).map(Step::Added));
}

/// Pairs the elements so that the sum of the similarities is the greatest.
fn most_similar(
    old: Range<usize>,
    new: Range<usize>,
    similarity: &impl Fn(usize, usize) -> usize,
    steps: &mut Vec<Step>,
) {
    // The greatest sum from a pair of places on.
    let mut best = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (row, old) in old.clone().enumerate().rev() {
        for (column, new) in new.clone().enumerate().rev() {
            let paired = similarity(old, new) + best[row + 1][column + 1];
            best[row][column] = paired.max(best[row + 1][column]).max(best[row][column + 1]);
        }
    }
    let (mut old_at, mut new_at) = (old.start, new.start);
    while old_at < old.end && new_at < new.end {
        let (row, column) = (old_at - old.start, new_at - new.start);
        let sum = best[row][column];
        if sum == similarity(old_at, new_at) + best[row + 1][column + 1] {
            steps.push(Step::Pair(old_at, new_at));
            old_at += 1;
            new_at += 1;
        } else if sum == best[row + 1][column] {
            steps.push(Step::Removed(old_at));
            old_at += 1;
        } else {
            steps.push(Step::Added(new_at));
            new_at += 1;
        }
    }
    steps.extend((old_at..old.end).map(Step::Removed));
    steps.extend((new_at..new.end).map(Step::Added));
}
