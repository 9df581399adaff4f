//! `ringtap plugin dev`: build at each save, and show what comes of it.

mod child;
mod live;
mod replays;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use ringtap_kit::{
    Project,
    dev::{Follower, Place},
};
use tokio::{
    process::Command,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    cli,
    exit::{Exit, Failure, OrExit},
};
use child::Group;
use live::Live;
use replays::Replays;

/// Follow projects until SIGINT or SIGTERM.
pub(crate) fn dev(args: &cli::Dev) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("start")?.block_on(follow(args))
}

async fn follow(args: &cli::Dev) -> Result<(), Failure> {
    let mut session = Session::open(args)?;
    let mut interrupt = Interrupt::new().context("listen for signals")?;
    let done = tokio::select! {
        () = interrupt.came() => Ok(()),
        failed = session.work() => failed,
    };
    session.show.end().await;
    done
}

/// What is followed and where builds go.
struct Session {
    projects: Vec<Project>,
    folders: Vec<PathBuf>,
    place: Place,
    follower: Follower,
    show: Show,
}

/// How what comes of a build is shown.
enum Show {
    Live(Live),
    Replays(Replays),
}

impl Session {
    fn open(args: &cli::Dev) -> Result<Self, Failure> {
        let folders = args.folders();
        let projects = folders.iter().map(|folder| Project::open(folder));
        let projects: Vec<_> = projects.collect::<Result<_, _>>().or_exit(Exit::Usage)?;
        let names: BTreeSet<_> = projects.iter().map(|project| project.name.as_str()).collect();
        if names.len() < projects.len() {
            let error = anyhow::anyhow!("two of the projects have the same name, and so one file");
            return Err(Failure { exit: Exit::Usage, error });
        }
        let place = Place::make(&args.place())?;
        let show = match &args.capture {
            Some(capture) => Show::Replays(Replays::new(capture, args)?),
            None => Show::Live(Live::new(args)?),
        };
        let follower = Follower::new(&projects)?;
        Ok(Self { projects, folders, place, follower, show })
    }

    async fn work(&mut self) -> Result<(), Failure> {
        let mut due: BTreeSet<_> = (0..self.projects.len()).collect();
        loop {
            for number in due {
                let there = self.build(number).await?;
                if let (Some(there), Show::Replays(replays)) = (there, &mut self.show) {
                    replays.show(self.projects[number].name.as_str(), &there).await?;
                }
            }
            if let Show::Live(live) = &mut self.show {
                live.start(&self.place)?;
            }
            due = tokio::select! {
                due = self.follower.changed() => due?,
                () = self.show.ended() => BTreeSet::new(),
            };
        }
    }

    /// Build a project and put what comes of it in place; `None` where nothing did. A process of its
    /// own does it, which can be ended on the way.
    async fn build(&mut self, number: usize) -> Result<Option<PathBuf>, Failure> {
        let (folder, project) = (&self.folders[number], &mut self.projects[number]);
        say(&project.name, "building");
        let mut command = ringtap()?;
        let status = Group::start(command.args(["plugin", "build"]).arg(folder));
        let status = status.context("start a build")?.wait().await.context("wait for a build")?;
        if !status.success() {
            say(&project.name, "the build failed; what was there goes on");
            return Ok(None);
        }
        // Its manifest may be another one by now.
        if let Ok(now) = Project::open(folder) {
            *project = now;
        }
        let there = self.place.put(&project.name, &project.component())?;
        say(&project.name, &format!("is in {}", self.place.folder.display()));
        Ok(Some(there))
    }
}

impl Show {
    /// When a runtime that was started has ended, once.
    async fn ended(&mut self) {
        match self {
            Self::Live(live) => live.ended().await,
            Self::Replays(_) => std::future::pending().await,
        }
    }

    async fn end(self) {
        if let Self::Live(live) = self {
            live.end().await;
        }
    }
}

/// SIGINT and SIGTERM.
struct Interrupt(Signal, Signal);

impl Interrupt {
    fn new() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn came(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

/// This program.
fn ringtap() -> Result<Command, Failure> {
    let program = std::env::current_exe().context("where is this program?")?;
    Ok(Command::new(program))
}

/// A line on stderr, beside what builds and hosts write there.
fn say(about: &dyn Display, what: &str) {
    writeln!(io::stderr(), "== {about}: {what}").ok();
}

/// What `--config` says, or none: that of this host says nothing about a plugin that is being made.
fn config(args: &cli::Dev) -> &OsStr {
    args.config.as_deref().unwrap_or(OsStr::new("none"))
}
