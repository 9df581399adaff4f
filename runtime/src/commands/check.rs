use crate::{
    check::{PLACES, Tally},
    config::Loaded,
    exit::{Exit, Failure},
    stdout,
};

/// Say what would keep `run` from working, line by line as it is found.
pub(crate) fn check(loaded: &Loaded) -> Result<Exit, Failure> {
    let mut tally = Tally::default();
    for place in PLACES {
        for finding in place(loaded) {
            tally.count(&finding);
            stdout::write(&format!("{finding}\n"))?;
        }
    }
    stdout::write(&format!("{tally}\n"))?;
    Ok(tally.exit())
}
