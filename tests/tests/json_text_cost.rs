//! What it costs to make a key of a JSON body that somebody sends to do harm: time that is linear in
//! its length, no more memory than the body takes once, and hardly any stack.

use std::hint::black_box;
use std::panic::resume_unwind;
use std::thread;

use agentidemp::{Error, ErrorKind, Identity, Key};
use agentidemp_tests::cost;
use allocation_counter::measure;

/// Much less than a thread has by default, in a debug build, too.
const STACK: usize = 128 * 1024;

/// By how much the longer body of a shape is longer.
const LONGER: usize = 8;

/// Beyond the body's length: what the longest scratch space takes, and the list of what is open.
const MEMORY: usize = 64 * 1024;

/// A kind of body, of about so many bytes.
type Shape = fn(usize) -> String;

fn key_of(body: &str) -> Result<Key, Error> {
    Identity::new()
        .exclude(["/excluded", "/*/excluded"])
        .key_of_json(body.as_bytes())
}

/// Says how the cost of a shape grows with its length, and what the key of it is.
fn check(shape: Shape, expected: Result<(), ErrorKind>) {
    let checked = thread::Builder::new().stack_size(STACK).spawn(move || {
        let [short, long] = [shape(LENGTH / LONGER), shape(LENGTH)];
        assert!((LENGTH / 2..=LENGTH * 2).contains(&long.len()));
        let outcome = key_of(&long).map(|_| ()).map_err(|error| error.kind());
        assert_eq!(outcome, expected);
        assert_linear(&short, &long);
        assert_memory(&long);
    });
    if let Err(panic) = checked.unwrap().join() {
        resume_unwind(panic);
    }
}

/// Were the time quadratic, that of the longer body would be [`LONGER`] times more than this allows for a
/// third of it.
#[track_caller]
fn assert_linear(short: &str, long: &str) {
    let growth = u32::try_from(long.len() / short.len()).unwrap();
    let key_of = |body| move || key_of(black_box(body));
    cost::assert_at_most(3 * growth, key_of(long), key_of(short));
}

#[track_caller]
fn assert_memory(body: &str) {
    let most = measure(|| {
        let _ = black_box(key_of(body));
    })
    .bytes_max;
    let allowed = u64::try_from(body.len() + MEMORY).unwrap();
    assert!(most <= allowed, "{most} bytes for a body of {}", body.len());
}

/// As many items as make up a length, with commas between them.
fn list(length: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(length + 100);
    for index in 0.. {
        if text.len() >= length {
            break;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&item(index));
    }
    text
}

fn array(length: usize, element: impl Fn(usize) -> String) -> String {
    format!("[{}]", list(length, element))
}

fn object(length: usize, member: impl Fn(usize) -> String) -> String {
    format!("{{{}}}", list(length, member))
}

/// A number that looks random, another one for each index.
fn scrambled(index: usize) -> u32 {
    u32::try_from(index).unwrap().wrapping_mul(2_654_435_769)
}

/// A test for each shape: what becomes of it, and what it is.
macro_rules! shapes {
    ($($name:ident: $outcome:expr, $shape:expr;)*) => {$(
        #[test]
        fn $name() {
            check($shape, $outcome);
        }
    )*};
}

const MB: usize = 1_000_000;

/// About a million members in a release build. A debug build takes as long for many fewer.
const LENGTH: usize = if cfg!(debug_assertions) {
    MB / 2
} else {
    8 * MB
};

mod brackets {
    use super::*;

    shapes! {
        that_open: Err(ErrorKind::TooDeep), |length| "[".repeat(length);
        that_open_objects: Err(ErrorKind::TooDeep), |length| r#"{"a":"#.repeat(length / 5);
        that_open_and_close: Err(ErrorKind::TooDeep), |length| {
            "[".repeat(length / 2) + &"]".repeat(length / 2)
        };
        that_close: Err(ErrorKind::InvalidJson), |length| "]".repeat(length);
        of_empty_arrays: Ok(()), |length| array(length, |_| "[]".into());
        of_empty_objects: Ok(()), |length| array(length, |_| "{}".into());
        of_arrays_at_127_levels: Ok(()), |length| {
            let deep = "[".repeat(127) + &"]".repeat(127);
            array(length, |_| deep.clone())
        };
    }
}

mod members {
    use super::*;

    /// A name of four letters, which stand in ascending or descending order.
    pub(super) fn short_name(is_ascending: bool, index: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let places = [52 * 52 * 52, 52 * 52, 52, 1];
        let letter = |place: usize| match index / place % 52 {
            letter if is_ascending => LETTERS[letter],
            letter => LETTERS[51 - letter],
        };
        places
            .map(|place| char::from(letter(place)))
            .iter()
            .collect()
    }

    shapes! {
        of_short_names: Ok(()), |length| {
            object(length, |index| format!(r#""{}":0"#, short_name(true, index)))
        };
        of_short_names_in_reverse: Ok(()), |length| {
            object(length, |index| format!(r#""{}":0"#, short_name(false, index)))
        };
        in_order: Ok(()), |length| object(length, |index| format!(r#""{index:06}":0"#));
        in_reverse: Ok(()), |length| object(length, |index| format!(r#""{:06}":0"#, 999_999 - index));
        in_no_order: Ok(()), |length| object(length, |index| format!(r#""{:08x}":0"#, scrambled(index)));
        of_one_prefix: Ok(()), |length| {
            let prefix = "a".repeat(1000);
            object(length, |index| format!(r#""{prefix}{:08x}":0"#, scrambled(index)))
        };
        of_one_escaped_prefix: Ok(()), |length| {
            let prefix = r"\u0061".repeat(100);
            object(length, |index| format!(r#""{prefix}{:08x}":0"#, scrambled(index)))
        };
        of_one_name: Err(ErrorKind::DuplicateMember), |length| object(length, |_| r#""a":0"#.into());
        of_names_twice: Err(ErrorKind::DuplicateMember), |length| {
            object(length, |index| format!(r#""{:08x}":0"#, scrambled(index / 2)))
        };
        of_long_names: Ok(()), |length| {
            let name = r"\n\u0041".repeat(length / 16);
            format!(r#"{{"{name}b":1,"{name}a":2}}"#)
        };
        of_small_objects: Ok(()), |length| array(length, |_| r#"{"b":0,"a":0}"#.into());
        of_objects_within_each_other: Ok(()), |length| {
            let open = r#"{"c":0,"b":"#.repeat(100);
            let close = r#","a":0}"#.repeat(100);
            array(length, |_| format!("{open}{{}}{close}"))
        };
        that_are_excluded: Ok(()), |length| array(length, |_| r#"{"excluded":[[],{}],"a":0}"#.into());
        one_of_which_is_excluded: Ok(()), |length| {
            format!(r#"{{"excluded":{},"a":0}}"#, array(length, |_| "[{}]".into()))
        };
    }
}

mod strings {
    use super::*;

    shapes! {
        of_letters: Ok(()), |length| format!(r#"["{}"]"#, "a".repeat(length));
        of_short_escapes: Ok(()), |length| format!(r#""{}""#, r"\n\\".repeat(length / 4));
        of_escapes_that_need_not_be: Ok(()), |length| format!(r#""{}""#, r"\/\u0041".repeat(length / 8));
        of_surrogate_pairs: Ok(()), |length| format!(r#""{}""#, r"\ud83d\ude00".repeat(length / 12));
        of_long_characters: Ok(()), |length| format!(r#""{}""#, "\u{1f600}".repeat(length / 4));
        of_backslashes_without_an_end: Err(ErrorKind::InvalidJson), |length| {
            format!(r#""{}"#, r"\\".repeat(length / 2))
        };
        of_nothing: Ok(()), |length| array(length, |_| r#""""#.into());
        of_quotation_marks: Err(ErrorKind::InvalidJson), |length| "\"".repeat(length);
    }
}

mod white_space {
    use super::*;

    shapes! {
        alone: Err(ErrorKind::InvalidJson), |length| " ".repeat(length);
        around: Ok(()), |length| {
            let space = " \n\t\r".repeat(length / 16);
            format!(r#"{space}{{{space}"b":{space}1,"a":0{space}}}"#)
        };
        between_members_without_order: Ok(()), |length| {
            let space = " ".repeat(100);
            object(length, |index| format!(r#"{space}"{:08x}"{space}:{space}0{space}"#, scrambled(index)))
        };
    }
}

mod numbers {
    use super::*;

    shapes! {
        of_one_digit: Ok(()), |length| array(length, |_| "0".into());
        of_a_thousand_digits: Ok(()), |length| {
            let digits = "9".repeat(1000);
            array(length, |_| digits.clone())
        };
        with_all_digits_of_a_double: Ok(()), |length| {
            let digits = format!("{:.1074}", f64::from_bits(0x000f_ffff_ffff_ffff));
            array(length, |_| digits.clone())
        };
        with_17_digits: Ok(()), |length| array(length, |_| "0.10000000000000001".into());
        of_the_smallest_double: Ok(()), |length| array(length, |_| "5e-324".into());
        of_all_the_digits: Ok(()), |length| "9".repeat(length);
        of_all_the_digits_behind_a_point: Err(ErrorKind::Imprecise), |length| {
            format!("0.{}", "9".repeat(length))
        };
        of_zeros_behind_a_point: Ok(()), |length| format!("1.{}", "0".repeat(length));
        with_an_exponent_of_all_the_digits: Err(ErrorKind::NotFinite), |length| {
            format!("1e{}", "9".repeat(length))
        };
        of_zero_with_such_an_exponent: Ok(()), |length| format!("0e{}", "9".repeat(length));
    }
}

/// What grows by doubling is at its largest just after that, and where this is depends on the length.
#[test]
fn memory_is_limited_at_any_number_of_members() {
    for length in (8..16).map(|eighths| eighths * MB / 16) {
        for is_ascending in [true, false] {
            let name = |index: usize| members::short_name(is_ascending, index);
            assert_memory(&object(length, |index| format!(r#""{}":0"#, name(index))));
        }
        assert_memory(&array(length, |_| r#"{"b":0,"a":0}"#.into()));
    }
}

#[test]
fn what_looks_like_members_within_a_string_takes_no_memory() {
    let members = list(MB / 2, |index| {
        format!(r#""{}":0"#, members::short_name(true, index))
    });
    let colons = ":".repeat(MB / 2);
    assert_memory(&format!(r#"{{{members},"string":"{colons}"}}"#));
    let objects = list(MB / 2, |_| r#"{"b":0,"a":0}"#.into());
    let brackets = "{".repeat(MB / 2);
    assert_memory(&format!(r#"[{objects},"{brackets}"]"#));
}

/// Nesting adds nothing to what a text costs.
#[test]
fn two_megabytes_at_127_levels_take_the_time_of_flat_ones() {
    let flat = array(2 * MB, |index| format!(r#"{{"b":{index},"a":"text"}}"#));
    let nested = ["[".repeat(126), flat.clone(), "]".repeat(126)].concat();
    let key_of = |body| move || key_of(black_box(body)).unwrap();
    cost::assert_at_most(2, key_of(&nested), key_of(&flat));
}

/// The canonical bytes are the only thing of that size.
#[test]
fn a_string_of_64_megabytes_is_not_copied() {
    let body = format!(r#"{{"b":"{}","a":"\u0041"}}"#, "a".repeat(64 * MB));
    let most = measure(|| {
        let _ = black_box(key_of(&body).unwrap());
    })
    .bytes_max;
    assert!(most <= u64::try_from(MEMORY).unwrap(), "{most} bytes");
}
