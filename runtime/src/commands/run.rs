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
};

pub(crate) fn run(args: &Run, loaded: &Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    if let Some(file) = &loaded.file {
        tracing::info!("configured by {}", file.display());
    }
    let listener = endpoint::bind(config.listen)?;
    let mut live = Live::start(config, listener, |registry, reader_gone| {
        EventSink::start(&config.events, false, registry, move || reader_gone.notify_one())
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
