use crate::{
    app::{
        endpoint,
        events::EventSink,
        live::{Live, Moment},
        progress::Progress,
    },
    cli::Run,
    config::Loaded,
    exit::Failure,
    privileges::Privileges,
};

pub(crate) fn run(args: &Run, loaded: &Loaded) -> Result<(), Failure> {
    if let Some(file) = &loaded.file {
        tracing::info!("configured by {}", file.display());
    }
    let mut config = loaded.config.clone();
    // The port may be one that only root can take.
    let listener = endpoint::bind(config.listen)?;
    let privileges = Privileges::take(&mut config)?;
    let mut live = Live::start(&config, listener, privileges, |registry, reader_gone| {
        let tell = move || reader_gone.notify_one();
        EventSink::start(&config.events, false, privileges, registry, tell)
    })?;
    if let Some(url) = live.metrics_url() {
        tracing::info!("serving {url}");
    }
    let mut progress = Progress::new();
    let ended = live.run(args.duration, |moment: &Moment<'_>| {
        tracing::info!("{}", moment.line(&mut progress));
    });
    live.finish()?;
    Ok(ended?)
}
