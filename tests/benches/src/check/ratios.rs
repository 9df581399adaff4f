use anyhow::Context;

use crate::{Arguments, kernel, plugin, suite::Measured};

/// Rounds: enough for a median of ratios that are taken within each.
const ROUNDS: u32 = 7;

/// How many times another case a case may take: about twice what it took when this was written, so
/// that no machine's mood exceeds it, and something that has gone wrong does.
struct Bound {
    case: &'static str,
    reference: &'static str,
    at_most: f64,
}

/// Beside a program that calls a helper, since an empty one takes next to nothing on some machines.
const TAPS: [Bound; 3] = [
    Bound {
        case: "XDP tap: TCP/IPv4, 64 B",
        reference: "XDP: `bpf_ktime_get_ns` alone",
        at_most: 4.0,
    },
    Bound {
        case: "TC ingress tap: TCP/IPv4, 64 B",
        reference: "TC: `bpf_ktime_get_ns` alone",
        at_most: 4.0,
    },
    Bound {
        case: "TC egress tap: TCP/IPv4, 64 B",
        reference: "TC: `bpf_ktime_get_ns` alone",
        at_most: 4.0,
    },
];

const PLUGINS: [Bound; 2] = [
    Bound {
        case: "top-talkers, batches of 1024: sandboxed",
        reference: "top-talkers, batches of 1024: native",
        at_most: 7.0,
    },
    Bound {
        case: "flow-log, batches of 1024: sandboxed",
        reference: "flow-log, batches of 1024: native",
        at_most: 4.0,
    },
];

/// Print a line for each bound. Those that are exceeded.
pub(super) fn check(arguments: &Arguments) -> anyhow::Result<Vec<String>> {
    let mut worse = Vec::new();
    hold(&kernel::suite()?.measure(ROUNDS)?, &TAPS, &mut worse)?;
    let plugins = plugin::suite(&arguments.components, &arguments.native)?;
    hold(&plugins.measure(ROUNDS)?, &PLUGINS, &mut worse)?;
    Ok(worse)
}

fn hold(measured: &Measured, bounds: &[Bound], worse: &mut Vec<String>) -> anyhow::Result<()> {
    for Bound { case, reference, at_most } in bounds {
        let ratio = measured.ratio(case, reference);
        let ratio = ratio.with_context(|| format!("{case} or {reference} is not measured"))?;
        let line = format!("{case}: {:.2} times {reference}, at most {at_most}", ratio.median);
        println!("{line}");
        if ratio.median > *at_most {
            worse.push(line);
        }
    }
    Ok(())
}
