use std::ops::Range;

use ringtap_lab::Side;
use ringtap_tests::{BadPlugin, Flow, PluginDirectory, Wish, finish, ringtap, wanting};

use crate::bench::{Bench, Taps};

const NEAR: Flow = Flow::new(Side::Near, 40000, 443);

/// Packets of three kinds, of which `interest-web` takes the first.
fn send(bench: &Bench) {
    let dns = Flow { ports: (40000, 53), ..NEAR };
    bench.send(Side::Near, &[(7, NEAR.tcp(b"")), (5, dns.udp(b"")), (3, NEAR.echo())]);
}

#[test]
fn what_is_refused_leaves_the_others_as_they_were() {
    let Some(bench) = Bench::new(
        PluginDirectory::new(&["interest-web"]),
        "[plugins.clash]\nfilter = \"udp\"\n[plugins.elsewhere]\nfilter = \"not iface eth7\"\n",
    ) else {
        return;
    };
    send(&bench);
    bench.delivered(&[("interest-web", 7)]);
    bench.plugins.install("clash", "interest-web");
    bench.plugins.install("elsewhere", "interest-web");
    bench.plugins.put("untapped.wasm", &wanting(&[Wish::new("eth7", "iface eth7")]));
    let clash = "interest `web`: its filter and the one that is configured for the plugin don't go \
                 together: no packet can match: protocol 6 (tcp) and protocol 17 (udp) exclude \
                 each other, in: >>(tcp dst port 443) and (udp)<<";
    let untapped = "interest `eth7` names the interface \"eth7\", which is not tapped: tap it with \
                    `-i eth7`";
    let elsewhere = "what is configured for the plugin names the interface \"eth7\"";
    let bad = BadPlugin::all();
    for BadPlugin { name, content, .. } in &bad {
        bench.plugins.put(&format!("{name}.wasm"), content);
    }
    let told = bad.iter().map(|bad| (bad.name, bad.why));
    let told = told.chain([("clash", clash), ("untapped", untapped), ("elsewhere", elsewhere)]);
    for (name, why) in told {
        let about = format!("plugin={name} ");
        let line = bench.running.log_line(&about);
        assert!(line.contains("ERROR") && line.contains(why), "{why}, and not {line}");
        assert_eq!(bench.running.metrics().state(name), "quarantined");
    }
    send(&bench);
    let (_, taps) = bench.delivered(&[("interest-web", 14), ("clash", 0), ("untapped", 0)]);
    assert_eq!(taps, Taps { uninterested: 16, sampled_out: 0, published: 14 });
    bench.finish(&[("interest-web", 14)]);
}

#[test]
fn a_version_that_wants_what_it_may_not_leaves_the_old_one_with_its_own() {
    let Some(bench) = Bench::new(PluginDirectory::new(&["interest-web"]), "") else { return };
    let udp = || Wish::new("dns", "udp");
    let many = [("some", 0..129), ("more", 129..257)];
    let many = many.map(|(name, ports)| Wish::new(name, &rules(ports)));
    let bad = [
        (vec![Wish::new("web", "tcp and port 99999")], "99999 is too large"),
        (vec![Wish::new("web", "tcp and udp")], "exclude each other"),
        (vec![Wish { one_in: 0, ..udp() }], "a sample of one in 0"),
        (vec![Wish { payload: 1501, ..udp() }], "at most 1500"),
        (vec![Wish { payload: 1, ..udp() }], "grant them with `payload = 1`"),
        (vec![Wish::new("out", "iface eth7")], "which is not tapped"),
        // The old one has a bit until the new one takes over.
        (many.to_vec(), "interest \"more\" of plugin interest-web: it needs 128 rules and 126 of"),
    ];
    for ((wishes, why), count) in bad.into_iter().zip(1..) {
        bench.plugins.put("interest-web.wasm", &wanting(&wishes));
        let kept = [("plugin", "interest-web"), ("outcome", "kept_old")];
        bench.running.metrics_when(&format!("{why}: kept"), |metrics| {
            metrics.sum("ringtap_reloads_total", &kept) == count
        });
        let line = bench.running.log_line(why);
        assert!(line.contains("interest-web") && line.contains("the old one runs on"), "{line}");
        send(&bench);
        bench.delivered(&[("interest-web", 7 * count)]);
    }
    bench.finish(&[("interest-web", 49)]);
}

/// A filter with a rule for each port: that it is the same on both sides, which no range says.
fn rules(ports: Range<u16>) -> String {
    let rules = ports.map(|port| format!("(src port {port} and dst port {port})"));
    rules.collect::<Vec<_>>().join(" or ")
}

#[test]
fn the_bits_are_shared_and_one_too_many_is_refused_by_name() {
    let plugins = PluginDirectory::new(&[]);
    plugins.put("many.wasm", &wanting(&[Wish::new("ports", &rules(1..201))]));
    let Some(bench) = Bench::new(plugins, "") else { return };
    let send = |ports: Range<u16>| {
        let flows = ports.map(|port| Flow::new(Side::Near, port, port));
        bench.send(Side::Near, &flows.map(|flow| (1, flow.udp(b""))).collect::<Vec<_>>());
    };
    send(1..211);
    let (_, taps) = bench.delivered(&[("many", 200)]);
    assert_eq!(taps, Taps { uninterested: 10, sampled_out: 0, published: 200 });

    bench.plugins.put("more.wasm", &wanting(&[Wish::new("ports", &rules(201..301))]));
    let line = bench.running.log_line("plugin=more ");
    let why = "interest \"ports\" of plugin more: it needs 100 rules and 56 of 256 are left: narrow \
               it, or load fewer plugins with filters of their own";
    assert!(line.contains("ERROR") && line.contains(why), "{line}");
    let check = finish(ringtap(&bench.lab, Side::Near).args([
        "check",
        "-i",
        "near0",
        "--listen",
        "none",
        "--plugins",
        bench.plugins.as_str(),
    ]));
    let said = |beginning: &str, words: &str| {
        let mut lines = check.stdout.lines();
        lines.any(|line| line.starts_with(beginning) && line.contains(words))
    };
    assert!(said("ok   plugin many (", ""), "{check:#?}");
    assert!(said("FAIL plugin more (", "it needs 100 rules and 56 of 256 are left"), "{check:#?}");

    // Equal rules take no bits of their own.
    bench.plugins.put("same.wasm", &wanting(&[Wish::new("ports", &rules(1..151))]));
    bench.running.metrics_when("the same rules", |now| now.state("same") == "running");
    send(100..310);
    let (_, taps) = bench.delivered(&[("many", 301), ("same", 51), ("more", 0)]);
    assert_eq!(taps, Taps { uninterested: 10 + 109, sampled_out: 0, published: 301 });
    bench.finish(&[("many", 301), ("same", 51)]);
}
