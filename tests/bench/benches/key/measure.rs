//! Measures contenders with criterion, each paired with raw SHA-256: a sample times both, one right
//! after the other, so that what else the machine does meets both alike. The ratio of a contender is
//! the median of its samples' ratios: of all rounds the lowest, and beside it the highest.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};

use crate::contenders::Contender;

/// How long a contender is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) warm_up: Duration,
    pub(crate) measurement: Duration,
    pub(crate) samples: usize,
}

impl Effort {
    pub(crate) const FULL: Self = Self {
        warm_up: Duration::from_millis(150),
        measurement: Duration::from_millis(600),
        samples: 60,
    };
    pub(crate) const SHORT: Self = Self {
        warm_up: Duration::from_millis(20),
        measurement: Duration::from_millis(120),
        samples: 30,
    };

    pub(crate) fn criterion(self) -> Criterion {
        Criterion::default()
            .warm_up_time(self.warm_up)
            .measurement_time(self.measurement)
            .sample_size(self.samples)
            .nresamples(5000)
            .without_plots()
            .configure_from_args()
    }
}

/// What a contender takes for a key.
pub(crate) struct Figure {
    pub(crate) contender: &'static str,
    pub(crate) nanoseconds: f64,
    /// In multiples of raw SHA-256: in the round in which it was lowest.
    pub(crate) ratio: f64,
    /// The same in the round in which it was highest.
    pub(crate) highest_ratio: f64,
}

/// The figures of one request; empty where criterion's arguments leave the case out.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) figures: Vec<Figure>,
}

impl Case {
    pub(crate) fn of(&self, contender: &str) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|figure| figure.contender == contender)
    }

    /// Takes in another round: each contender's figure is from the round in which its ratio was lower.
    pub(crate) fn take_in(&mut self, again: Self) {
        for (figure, again) in self.figures.iter_mut().zip(again.figures) {
            let highest_ratio = figure.highest_ratio.max(again.highest_ratio);
            if again.ratio < figure.ratio {
                *figure = again;
            }
            figure.highest_ratio = highest_ratio;
        }
    }
}

/// One sample: a contender and raw SHA-256, as many times each.
#[derive(Clone, Copy)]
struct Sample {
    iterations: u64,
    contender: Duration,
    raw: Duration,
}

pub(crate) fn measure(
    criterion: &mut Criterion,
    effort: Effort,
    name: &'static str,
    size: usize,
    raw: &Contender<'_>,
    contenders: &[Contender<'_>],
) -> Case {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Bytes(size as u64));
    let figures = std::iter::once(raw)
        .chain(contenders)
        .filter_map(|contender| {
            let samples = samples(&mut group, raw, contender);
            // The first ones were warm-up.
            let measured = samples.get(samples.len().checked_sub(effort.samples)?..)?;
            Some(figure(contender.name, measured))
        })
        .collect();
    group.finish();
    Case {
        name,
        size,
        figures,
    }
}

fn samples(
    group: &mut BenchmarkGroup<'_, WallTime>,
    raw: &Contender<'_>,
    contender: &Contender<'_>,
) -> Vec<Sample> {
    let samples = RefCell::new(Vec::new());
    group.bench_function(contender.name, |bencher| {
        bencher.iter_custom(|iterations| {
            let sample = Sample {
                iterations,
                raw: time(&*raw.run, iterations),
                contender: time(&*contender.run, iterations),
            };
            samples.borrow_mut().push(sample);
            sample.contender
        });
    });
    samples.into_inner()
}

fn time(run: &dyn Fn(), iterations: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..iterations {
        run();
    }
    start.elapsed()
}

fn figure(contender: &'static str, samples: &[Sample]) -> Figure {
    let seconds = |sample: &Sample| sample.contender.as_secs_f64() / sample.iterations as f64;
    let ratio = |sample: &Sample| sample.contender.as_secs_f64() / sample.raw.as_secs_f64();
    let ratio = median(samples.iter().map(ratio));
    Figure {
        contender,
        nanoseconds: median(samples.iter().map(seconds)) * 1e9,
        ratio,
        highest_ratio: ratio,
    }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
