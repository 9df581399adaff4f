//! As whom the runtime would run, and what it would keep.

use super::Finding;
use crate::{config::Loaded, privileges};

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let foreseen = match privileges::foreseen(&loaded.config) {
        Ok(foreseen) => foreseen,
        Err(error) => return vec![Finding::setup(format!("user: {error:#}"))],
    };
    match privileges::obstacles(&loaded.config) {
        Err(error) => vec![Finding::host(format!("user: {error:#}"))],
        Ok(obstacles) if obstacles.is_empty() => {
            vec![Finding::ok(format!("privileges: runs as {foreseen}, once the taps are on"))]
        }
        Ok(obstacles) => obstacles.iter().map(|it| Finding::host(format!("user: {it}"))).collect(),
    }
}
