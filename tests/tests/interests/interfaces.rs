use ringtap_lab::{Lab, Side};
use ringtap_net::{
    create_veth, delete_link, interface_named, rename_link, set_arp, set_link_local, set_up,
};
use ringtap_tests::{Flow, PluginDirectory, Wish, until, wanting};

use crate::bench::{Bench, Taps};

/// A pair of which both ends are on the near side, up and silent.
fn make_near(lab: &Lab) {
    let index = |name: &str| interface_named(name).unwrap().unwrap().index;
    let make = || {
        create_veth("near0", "peer0", lab.namespace(Side::Near)).unwrap();
        for end in ["peer0", "near0"].map(index) {
            set_link_local(end, false).unwrap();
            set_arp(end, false).unwrap();
            set_up(end).unwrap();
        }
        until("the pair is up", || {
            interface_named("near0").unwrap().unwrap().operational == Some(true)
        });
    };
    lab.inside(Side::Near, make).unwrap();
}

#[test]
fn a_filter_follows_the_name_of_an_interface() {
    let plugins = PluginDirectory::new(&["interest-iface"]);
    plugins.put("others.wasm", &wanting(&[Wish::new("others", "udp and not iface near0")]));
    let Some(bench) = Bench::on(&["near0", "box*"], plugins, "") else { return };
    let (near, index) = (Flow::new(Side::Near, 1, 2), bench.lab.index(Side::Near).unwrap());
    let far = near.reversed();
    let rename = |name: &str| bench.lab.inside(Side::Near, || rename_link(index, name)).unwrap();
    bench.send(Side::Near, &[(5, near.udp(b""))]);
    bench.send(Side::Far, &[(6, far.udp(b""))]);
    let (_, taps) = bench.delivered(&[("interest-iface", 11), ("others", 0)]);
    assert_eq!(taps, Taps { uninterested: 0, sampled_out: 0, published: 11 });

    rename("box9").unwrap();
    bench.running.log_line("near0 is called box9 now");
    bench.send(Side::Far, &[(7, far.udp(b"")), (2, far.tcp(b""))]);
    let (_, taps) = bench.delivered(&[("interest-iface", 11), ("others", 7)]);
    assert_eq!(taps, Taps { uninterested: 2, sampled_out: 0, published: 18 });

    rename("near0").unwrap();
    bench.running.log_line("box9 is called near0 now");
    bench.send(Side::Far, &[(3, far.tcp(b""))]);
    let (_, taps) = bench.delivered(&[("interest-iface", 14), ("others", 7)]);
    assert_eq!(taps, Taps { uninterested: 2, sampled_out: 0, published: 21 });

    bench.lab.inside(Side::Near, || delete_link(index)).unwrap().unwrap();
    bench.running.log_line("near0 is gone, and with it its tap tc egress");
    make_near(&bench.lab);
    assert_ne!(bench.lab.index(Side::Near).unwrap(), index);
    let attached = || {
        let lines = bench.running.log();
        lines.iter().filter(|line| line.contains("tapping near0 (asked for): tc egress")).count()
            == 2
    };
    until("taps on the new interface", attached);
    bench.send(Side::Near, &[(4, near.udp(b"")), (1, near.echo())]);
    let (_, taps) = bench.delivered(&[("interest-iface", 19), ("others", 7)]);
    assert_eq!(taps, Taps { uninterested: 2, sampled_out: 0, published: 26 });
    bench.finish(&[("interest-iface", 19), ("others", 7)]);
}

/// What is configured holds in the kernel, like what a plugin asks for itself.
#[test]
fn a_plugin_may_be_given_the_packets_of_some_interfaces() {
    let plugins = PluginDirectory::new(&["counts"]);
    plugins.put("elsewhere.wasm", &wanting(&[Wish::new("udp", "udp")]));
    let config = "[plugins.counts]\ninterfaces = [\"near0\"]\nfilter = \"udp\"\n\
                  [plugins.elsewhere]\ninterfaces = [\"near0\", \"near7\"]\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let near = Flow::new(Side::Near, 1, 2);
    bench.send(Side::Near, &[(5, near.udp(b"")), (3, near.tcp(b""))]);
    let (_, taps) = bench.delivered(&[("counts", 5), ("elsewhere", 0)]);
    assert_eq!(taps, Taps { uninterested: 3, sampled_out: 0, published: 5 });
    let wanted = [("counts".to_owned(), vec!["(udp) and (iface near0)".to_owned()])];
    let (_, filters) = bench.wanted();
    assert!(filters.starts_with(&wanted), "{filters:?}");
    let why = "what is configured for the plugin names the interface \"near7\", which is not \
               tapped: tap it with `-i near7`, or change its `filter` or `interfaces`";
    let line = bench.running.log_line("plugin=elsewhere");
    assert!(line.contains(why), "{line}");
    bench.finish(&[("counts", 5)]);
}
