//! `key --lines`: one key for each line, in the time that all cores take and in constant memory.
//!
//! [`blocks`] reads, [`pool`] has the blocks worked on, [`keys`] is that work, and [`report`] writes what
//! comes of it, in order.

mod blocks;
mod keys;
mod pool;
mod progress;
mod report;

use std::ops::ControlFlow;

use self::blocks::Blocks;
use self::keys::Keys;
use self::report::Report;
use crate::Answer;
use crate::arguments::Key;
use crate::failure::Failure;

pub(crate) fn run(arguments: &Key) -> Result<Answer, Failure> {
    let identity = arguments.rules.identity()?;
    let source = &arguments.body.file;
    let blocks = Blocks::new(source.open()?);
    let keys = move |block: std::io::Result<Vec<u8>>| Ok(Keys::of_block(&block?, &identity));

    let mut report = Report::new(arguments);
    let mut failure = None;
    pool::in_order(blocks, keys, |keys| {
        let written = match keys {
            Ok(keys) => report.write(&keys),
            Err(error) => Err(Failure::of_reading(source, &error)),
        };
        match written {
            Ok(true) => ControlFlow::Continue(()),
            // Nobody reads any more.
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(report.finish()),
    }
}
