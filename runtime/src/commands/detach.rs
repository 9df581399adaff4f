use crate::{
    cli::Detach,
    exit::{Exit, Failure, OrExit},
    stdout,
};

/// Remove what dead processes left, and say what that was.
pub(crate) fn detach(args: &Detach) -> Result<(), Failure> {
    let wanted = |interface: &str| {
        args.interfaces.is_empty()
            || args.interfaces.iter().any(|pattern| pattern.matches(interface))
    };
    let reaped = ringtap_tap::reap(wanted).or_exit(Exit::Host)?;
    for filter in &reaped {
        stdout::write(&format!("{}: removed {}\n", filter.interface, filter.name))?;
    }
    if reaped.is_empty() {
        stdout::write(
            "nothing to remove: every tap here belongs to a process that lives, or is a link\n",
        )?;
    }
    Ok(())
}
