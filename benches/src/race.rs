//! Times a contest.
//!
//! Input: a contest. Output: what each contender needs, and how many times ours fits into it: medians over rounds.
//! A round runs all contenders once, one after the other, so that what disturbs one disturbs the others, and a ratio is
//! taken inside its round. The clock is the CPU time of this thread: other processes do not count.

use crate::table::{Other, Role, Row};
use cpu_time::ThreadTime;
use std::fmt;
use std::time::Duration;

/// One thing to run.
pub struct Contender {
    /// As in the table.
    pub name: String,
    /// Units of work in one run.
    pub units: usize,
    /// What must be there before a run; takes no time.
    pub prepare: Box<dyn FnMut()>,
    /// One run.
    pub run: Box<dyn FnMut()>,
}

/// Ours against others on one input.
#[derive(Debug)]
pub struct Contest {
    /// As in the table.
    pub thing: String,
    /// What is counted: `event`, `image`, …
    pub unit: &'static str,
    /// What is measured.
    pub ours: Contender,
    /// What it is measured against; how many times ours must fit into it, where that was promised.
    pub others: Vec<(Role, Contender, Option<f64>)>,
}

/// The shortest and longest that a contest is run.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// At least so many rounds.
    pub rounds: usize,
    /// No new round after this, in CPU time.
    pub time: Duration,
}

impl Contender {
    /// `units` of work in each `run`.
    pub fn new(name: &str, units: usize, run: impl FnMut() + 'static) -> Self {
        Self { name: name.to_owned(), units, prepare: Box::new(|| ()), run: Box::new(run) }
    }

    /// The same, with what comes before each run.
    #[must_use]
    pub fn prepared(self, prepare: impl FnMut() + 'static) -> Self {
        Self { prepare: Box::new(prepare), ..self }
    }

    /// Runs it once.
    pub fn go(&mut self) {
        (self.prepare)();
        (self.run)();
    }

    /// Nanoseconds per unit, once.
    fn time(&mut self) -> f64 {
        (self.prepare)();
        let start = ThreadTime::now();
        (self.run)();
        start.elapsed().as_secs_f64() * 1e9 / self.units as f64
    }
}

impl fmt::Debug for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Contest {
    /// All of them, ours first.
    pub fn contenders(&mut self) -> impl Iterator<Item = &mut Contender> {
        std::iter::once(&mut self.ours).chain(self.others.iter_mut().map(|(_, contender, _)| contender))
    }

    /// Runs it.
    pub fn row(&mut self, patience: Patience) -> Row {
        self.contenders().for_each(Contender::go); // caches, page tables, capacities
        let start = ThreadTime::now();
        let mut rounds = Vec::new();
        while rounds.len() < patience.rounds || start.elapsed() < patience.time {
            rounds.push(self.contenders().map(Contender::time).collect::<Vec<f64>>());
        }
        let others = self.others.iter().enumerate().map(|(nth, (role, contender, required))| Other {
            role: *role,
            name: contender.name.clone(),
            ns: median(rounds.iter().map(|times| times[nth + 1])),
            ratio: median(rounds.iter().map(|times| times[nth + 1] / times[0])),
            required: *required,
        });
        let ours = median(rounds.iter().map(|times| times[0]));
        Row { thing: self.thing.clone(), unit: self.unit.to_owned(), ns: ours, others: others.collect() }
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[middle] } else { f64::midpoint(numbers[middle - 1], numbers[middle]) }
}

#[cfg(test)]
mod tests {
    use super::{Contender, Contest, Patience, Role};
    use std::hint::black_box;
    use std::time::Duration;

    fn spin(units: u64) -> impl FnMut() {
        move || (0..units * 20_000).for_each(|n| _ = black_box(n))
    }

    #[test]
    fn a_ratio_is_how_often_ours_fits_into_the_other() {
        let others = vec![
            (Role::Limit, Contender::new("the same", 1, spin(1)), Some(0.5)),
            (Role::Peer, Contender::new("ten times", 1, spin(10)), None),
            (Role::Peer, Contender::new("ten units of one", 10, spin(10)), None),
        ];
        let ours = Contender::new("ours", 1, spin(1));
        let mut contest = Contest { thing: "spin".to_owned(), unit: "spin", ours, others };
        let row = contest.row(Patience { rounds: 31, time: Duration::ZERO });
        let ratios: Vec<f64> = row.others.iter().map(|other| other.ratio).collect();
        for (ratio, expected) in ratios.iter().zip([1.0, 10.0, 1.0]) {
            assert!((expected * 0.6..expected * 1.6).contains(ratio), "{ratios:?}");
        }
    }
}
