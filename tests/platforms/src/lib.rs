//! What the runtime crate does on another machine than the one it is built on: see the tests, and run.sh.
