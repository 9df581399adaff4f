//! Time of the parts that run for every packet, batch or call: `cargo bench -p ringtap-benches`.

use criterion::{Criterion, Throughput};
use ringtap_benches::parts::{PARTS, compiles};

fn main() -> anyhow::Result<()> {
    // Plugins are compiled in a child of this executable.
    if compiles() {
        return Ok(());
    }
    let mut criterion = Criterion::default().configure_from_args();
    for named in &PARTS {
        let mut part = named.make()?;
        let mut group = criterion.benchmark_group(named.name);
        group.throughput(Throughput::Elements(part.units));
        let mut failed = None;
        group.bench_function(part.unit, |bencher| {
            bencher.iter(|| failed = (part.run)().err().or(failed.take()));
        });
        group.finish();
        if let Some(error) = failed {
            return Err(error.context(named.name));
        }
    }
    criterion.final_summary();
    Ok(())
}
