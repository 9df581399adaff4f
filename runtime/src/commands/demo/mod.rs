//! `ringtap demo`: the main job, in a lab of its own.

mod table;

use std::{net::TcpListener, sync::Arc};

use ringtap_capture::Capture;
use ringtap_lab::{Lab, LabConfig, Side, traffic::Mix};
use table::{Source, Table};

use crate::{
    app::{
        accounts::Readings,
        endpoint,
        live::{Live, Moment},
        plugins::Mode,
        recent::Recent,
        replaying::Replaying,
    },
    cli::Demo,
    config::{Config, Ingress, InterfacePattern, Loaded, Place},
    exit::{Exit, Failure, OrExit},
    privileges::Privileges,
    stdout::Screen,
};

/// Made by `cargo xtask captures`.
static CAPTURE: &[u8] = include_bytes!("../../../../tests/captures/demo.pcap");

/// Events that the table may look back on.
const KEEP: usize = 64;

pub(crate) fn demo(args: &Demo, loaded: &Loaded) -> Result<(), Failure> {
    let listener = endpoint::bind(loaded.config.listen)?;
    match Lab::new(LabConfig::default()) {
        Ok(lab) => match in_lab(args, &loaded.config, &lab, listener) {
            Err(failure) if is_not_permitted(&failure) => instead(&failure.error, loaded),
            outcome => outcome,
        },
        Err(error) if error.is_not_permitted() => instead(&error.into(), loaded),
        Err(error) => Err(error).or_exit(Exit::Host),
    }
}

fn is_not_permitted(failure: &Failure) -> bool {
    matches!(failure.error.downcast_ref(), Some(ringtap_tap::TapError::Privilege { .. }))
}

fn in_lab(
    args: &Demo,
    config: &Config,
    lab: &Lab,
    listener: Option<TcpListener>,
) -> Result<(), Failure> {
    let config = lab_config(config)?;
    let recent = Recent::default();
    let privileges = Privileges::in_lab()?;
    let start = || {
        Live::start(&config, listener, privileges, |registry, _| recent.sink(KEEP, false, registry))
    };
    let mut live = lab.inside(Side::Near, start)??;
    privileges.settle()?;
    let traffic = Mix::start(lab)?;
    let screen = Screen::new();
    let url = live.metrics_url();
    let registry = Arc::clone(&live.registry);
    let each_second = |moment: &Moment<'_>| {
        let families = registry.collect();
        // A reader that has gone is no reason to end: /metrics is still there.
        screen.show(&Table {
            source: Source::Lab { readings: moment.taps().readings() },
            families: &families,
            flows: recent.newest(5),
            metrics_url: url.as_deref(),
        });
    };
    let ended = lab.inside(Side::Near, || live.run(args.duration, each_second));
    let ended = ended.map_err(anyhow::Error::from).flatten();
    let sent = traffic.stop();
    live.finish()?;
    tracing::info!("the lab is gone, after {} rounds of traffic", sent?);
    Ok(ended?)
}

/// The near end of the pair, tapped at XDP and TC, whatever a veth would get outside a lab.
fn lab_config(config: &Config) -> Result<Config, Failure> {
    let mut config = config.clone();
    let near: InterfacePattern = Side::Near.interface().parse()?;
    config.interfaces = vec![near];
    config.taps.ingress = Ingress::Xdp;
    // It leaves nothing behind, no directory either.
    config.control = Place::Nowhere;
    config.state_directory = Place::Nowhere;
    Ok(config)
}

/// Without privileges: the same plugins, over packets from the box.
fn instead(missing: &anyhow::Error, loaded: &Loaded) -> Result<(), Failure> {
    tracing::warn!("{missing:#}");
    tracing::warn!("so there is no lab: replaying a bundled capture through the same plugins");
    let recent = Recent::default();
    let mut replaying = Replaying::start(&loaded.config, &[], Mode::Capture, |registry| {
        recent.sink(KEEP, true, registry)
    })?;
    let mut packets = 0;
    let mut capture = Capture::new("the bundled capture", CAPTURE)?;
    replaying.feed.capture(&mut capture, |packet| {
        packets = packet.number;
        Ok::<_, Failure>(())
    })?;
    let (registry, plugins) = replaying.finish();
    Screen::new().show(&Table {
        source: Source::Capture { packets },
        families: &registry.collect(),
        flows: recent.newest(5),
        metrics_url: None,
    });
    plugins
}
