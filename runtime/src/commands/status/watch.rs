use std::time::Duration;

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::spawn_blocking,
    time::sleep,
};

use super::{
    look::{Ask, Look},
    nobody, shown,
};
use crate::{
    exit::{Exit, Failure},
    stdout::Screen,
};

/// Look again and again, until a signal, until nobody is left, or until nobody reads.
pub(super) fn watch(ask: Ask, every: Duration, json: bool) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("start the watch")?;
    let ended = runtime.block_on(looks(ask, every, json));
    // A look that waits for an answer is not worth waiting for.
    runtime.shutdown_background();
    ended
}

async fn looks(ask: Ask, every: Duration, json: bool) -> Result<Exit, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let screen = Screen::new();
    let mut before: Option<Look> = None;
    loop {
        let asked = ask.clone();
        let look = tokio::select! {
            look = spawn_blocking(move || asked.look()) => look.context("look for instances")?,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        look.warn();
        if look.instances.is_empty() {
            match &before {
                None => return Err(nobody(&ask, &look)),
                Some(_) if look.unanswered.is_empty() => {
                    tracing::info!("no instance is left");
                    break;
                }
                Some(_) => {}
            }
        }
        let text = shown(&look, before.as_ref(), json)?;
        let read = match json {
            true => screen.append(&text),
            false => screen.show(&text),
        };
        if !read {
            break;
        }
        before = Some(look);
        tokio::select! {
            () = sleep(every) => {}
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    Ok(Exit::Success)
}
