//! Some thousand inputs of each fuzz target, and every input that ever failed. The long runs are those of
//! the package `fuzz`.

use std::path::Path;
use std::{env, fs};

use agentidemp_tests::fuzz::{self, TARGETS};
use fastrand::Rng;

/// So many inputs for each target, unless `FUZZ_RUNS` says otherwise; the first of them has the number
/// `FUZZ_SEED`.
fn seeds() -> std::ops::Range<u64> {
    let number = |name, otherwise| {
        let text = env::var(name).ok();
        text.map_or(otherwise, |text| text.parse().expect("it is a number"))
    };
    let first = number("FUZZ_SEED", 0);
    first..first + number("FUZZ_RUNS", 2000)
}

/// Runs the target and says which input failed.
fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("it is a target");
    for seed in seeds() {
        let input = (target.input)(&mut Rng::with_seed(seed));
        let failed = std::panic::catch_unwind(|| (target.run)(&input)).is_err();
        let shown = input.escape_ascii();
        assert!(!failed, "{name}: FUZZ_SEED={seed} FUZZ_RUNS=1: {shown}");
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        #[test]
        fn no_target_is_left_out() {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

targets! { json_text rules encoder key explain canonical_bytes record }

/// The folder of a target holds what once broke a promise of it, and inputs that a change should pass by.
#[test]
fn what_was_found_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fuzz");
    for target in TARGETS {
        let files = fs::read_dir(folder.join(target.name)).expect("each target has a folder");
        for file in files {
            let path = file.expect("it can be listed").path();
            let input = fs::read(&path).expect("it can be read");
            let failed = std::panic::catch_unwind(|| fuzz::run(target.name, &input)).is_err();
            assert!(!failed, "{}", path.display());
        }
    }
}
