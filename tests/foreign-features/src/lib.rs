//! Nothing: the tests are in `tests/`, and in the workspace's `tests/tests/foreign_types.rs`.
