use std::{ffi::CString, fmt, fs, io};

use anyhow::{Context, bail, ensure};
use nix::unistd::{self, User, getgrouplist};
use rustix::{
    process::{Gid, Uid, getegid, geteuid},
    thread::{
        CapabilitySet, capabilities, set_keep_capabilities, set_thread_groups, set_thread_res_gid,
        set_thread_res_uid,
    },
};

use super::capabilities::reduce_to;
use crate::config::{Config, UserName};

/// A user of this host. Shown, by name and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    name: Option<String>,
    pub(super) uid: Uid,
    pub(super) gid: Gid,
    /// The supplementary ones.
    groups: Vec<Gid>,
}

impl Account {
    /// The one that is configured, if any.
    pub(super) fn wanted(config: &Config) -> anyhow::Result<Option<Self>> {
        config.user.as_ref().map(Self::find).transpose()
    }

    /// Of that name, or else number. A number that has no name has the group of the same number.
    fn find(UserName(user): &UserName) -> anyhow::Result<Self> {
        let asking = || format!("look up user {user}");
        if let Some(found) = User::from_name(user).with_context(asking)? {
            return Self::of(found);
        }
        let Ok(number) = user.parse::<u32>() else {
            bail!(
                "there is no user {user}: name another with `user` or --user, or make it with \
                 `useradd --system {user}`"
            );
        };
        // The largest number means "none" to the kernel.
        ensure!(number != u32::MAX, "{user} is no user's number");
        match User::from_uid(number.into()).with_context(asking)? {
            Some(found) => Self::of(found),
            None => Ok(Self {
                name: None,
                uid: Uid::from_raw(number),
                gid: Gid::from_raw(number),
                groups: Vec::new(),
            }),
        }
    }

    fn of(user: User) -> anyhow::Result<Self> {
        let name = CString::new(user.name.as_str()).context("a user's name")?;
        let groups = getgrouplist(&name, user.gid)
            .with_context(|| format!("look up the groups of user {}", user.name))?;
        let gid = |gid: unistd::Gid| Gid::from_raw(gid.as_raw());
        Ok(Self {
            name: Some(user.name),
            uid: Uid::from_raw(user.uid.as_raw()),
            gid: gid(user.gid),
            groups: groups.into_iter().map(gid).collect(),
        })
    }

    /// The one that this runs as.
    pub(super) fn this() -> Self {
        let (uid, gid) = (geteuid(), getegid());
        let found = User::from_uid(uid.as_raw().into()).ok().flatten();
        Self { name: found.map(|user| user.name), uid, gid, groups: Vec::new() }
    }

    pub(super) fn is_this(&self) -> bool {
        self.uid == geteuid()
    }

    /// Whether this process may become it.
    pub(super) fn may_be_taken(&self) -> anyhow::Result<()> {
        let needed = CapabilitySet::SETUID | CapabilitySet::SETGID;
        let may = capabilities(None)?.effective.contains(needed);
        ensure!(may, "to become user {self}, start it as root (or as that user, without `user`)");
        Ok(())
    }

    /// Have this process be that user's for good, with `kept`.
    pub(super) fn become_it(&self, kept: CapabilitySet) -> anyhow::Result<()> {
        let threads = fs::read_dir("/proc/self/task").context("count the threads")?.count();
        ensure!(threads == 1, "{threads} threads run already: this is a bug in ringtap");
        set_keep_capabilities(true)?;
        self.take_on()?;
        reduce_to(kept)?;
        Ok(set_keep_capabilities(false)?)
    }

    /// Have the calling thread be that user's for good.
    pub(super) fn take_on(&self) -> io::Result<()> {
        set_thread_groups(&self.groups)?;
        set_thread_res_gid(self.gid, self.gid, self.gid)?;
        Ok(set_thread_res_uid(self.uid, self.uid, self.uid)?)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.uid.as_raw()),
            None => write!(f, "{}", self.uid.as_raw()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(user: &str) -> anyhow::Result<Account> {
        Account::find(&UserName(user.to_owned()))
    }

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        let root = find("root").unwrap();
        assert_eq!(
            (root.to_string().as_str(), root.uid, root.gid),
            ("root (0)", Uid::ROOT, Gid::ROOT)
        );
        assert_eq!(find("0").unwrap(), root);
    }

    #[test]
    fn a_number_without_a_name_will_do_and_a_name_without_a_number_will_not() {
        let account = find("1879048193").unwrap();
        assert_eq!(
            (account.to_string().as_str(), account.gid.as_raw()),
            ("1879048193", 1879048193)
        );
        assert_eq!(account.groups, []);
        let refused = find("no-such-user").unwrap_err().to_string();
        assert!(refused.starts_with("there is no user no-such-user: name another"), "{refused}");
        assert!(find("4294967295").is_err());
    }
}
