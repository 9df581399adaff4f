//! ms of a change of what plugins want: compiling it, and installing it in the kernel.

use std::{cell::RefCell, rc::Rc, time::Instant};

use ringtap_interest::{Interest, Tables};
use ringtap_tap::{Config, Taps};

use crate::{
    packets::Flow,
    rules::{self, Prefixes},
    suite::Suite,
};

/// Changes of a case in a round.
const CHANGES: u32 = 5;

const FLOW: Flow = Flow { ipv6: false, tcp: true, vlan: false, number: 1 };

/// In real time, since installing is mostly waiting until no packet is judged by the old tables.
pub(crate) fn suite() -> anyhow::Result<Suite> {
    let mut suite = Suite::new("Change of interests", "change", &[]).in_milliseconds();
    let taps = Rc::new(RefCell::new(Taps::load(Config::default())?));
    let half_nets = rules::half_prefixes(FLOW, Prefixes::Nets).collect();
    for (name, filters) in
        [("1 rule", vec!["tcp dst port 8443".to_owned()]), ("256 rules, half nets", half_nets)]
    {
        let interests = rules::interests(filters)?;
        let tables = compile(&interests)?;
        suite.case(format!("{name}: compile"), &[], move || {
            mean_of(|_| compile(&interests).map(drop))
        });
        let taps = Rc::clone(&taps);
        suite.case(format!("{name}: install"), &[], move || {
            mean_of(|change| Ok(taps.borrow_mut().install(&tables, change)?))
        });
    }
    Ok(suite)
}

fn compile(interests: &[Interest]) -> anyhow::Result<Tables> {
    Ok(Tables::compile(&interests.iter().collect::<Vec<_>>(), &[])?)
}

fn mean_of(mut change: impl FnMut(u32) -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    (0..CHANGES).try_for_each(&mut change)?;
    Ok(start.elapsed().as_nanos() as f64 / f64::from(CHANGES))
}
