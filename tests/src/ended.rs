use std::process::{Command, Output, Stdio};

use crate::running::ringtap_environment;

/// How a `ringtap` ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `None` when a signal killed it.
    pub code: Option<i32>,
    /// Lines of stderr.
    pub log: Vec<String>,
    pub stdout: String,
}

impl Ended {
    /// Whether some line of the log contains all of these.
    pub fn says(&self, texts: &[&str]) -> bool {
        self.log.iter().any(|line| texts.iter().all(|text| line.contains(text)))
    }

    /// Panics unless it ended well, and the ledgers that it logged last close.
    pub fn assert_clean(&self) {
        assert_eq!(self.code, Some(0), "{:#?}", self.log);
        let ledgers: Vec<_> = self.log.iter().filter_map(|line| ledger(line)).collect();
        assert!(!ledgers.is_empty(), "no ledger in {:#?}", self.log);
        for (line, total, parts) in ledgers {
            assert_eq!(total, parts.iter().sum::<u64>(), "{line}");
        }
    }
}

/// The numbers in "near0 tc ingress: 5 packets seen = 0 lost + 5 published" and its like.
fn ledger(line: &str) -> Option<(&str, u64, Vec<u64>)> {
    let (total, parts) = line.split_once(" = ")?;
    let number = |text: &str| text.split(' ').find_map(|word| word.parse().ok());
    let total = total.rsplit(": ").next().and_then(number)?;
    Some((line, total, parts.split(" + ").map(number).collect::<Option<_>>()?))
}

/// Let a command of `ringtap` that ends by itself do so.
pub fn finish(command: &mut Command) -> Ended {
    ringtap_environment(command);
    let Output { status, stdout, stderr } = output(command);
    let log = String::from_utf8_lossy(&stderr).lines().map(str::to_owned).collect();
    Ended { code: status.code(), log, stdout: String::from_utf8(stdout).unwrap() }
}

/// The output of a command that gets no input.
pub fn output(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledgers_are_read_from_the_log() {
        let line = "2026 INFO ringtap: near0 tc ingress: 7 packets seen = 1 lost + 6 published";
        assert_eq!(ledger(line), Some((line, 7, vec![1, 6])));
        assert_eq!(ledger("2026 INFO ringtap: a = b"), None);
    }
}
