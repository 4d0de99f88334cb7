//! How long single events take: the table of the record that `table` makes, alone.

use sluicegate_benches::latency::{latencies, table};

fn main() {
    print!("{}", table(&latencies()));
}
