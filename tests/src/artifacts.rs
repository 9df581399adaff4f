use std::{
    env,
    path::{Path, PathBuf},
};

/// The binary under test: `RINGTAP_BIN`, or the one that was built in the profile of the tests.
pub fn binary() -> PathBuf {
    if let Some(named) = env::var_os("RINGTAP_BIN") {
        return named.into();
    }
    // The test is target/PROFILE/deps/NAME-HASH.
    let test = env::current_exe().expect("a test knows where it is");
    let built = test.ancestors().nth(2).expect("a test is in target").join("ringtap");
    assert!(
        built.is_file(),
        "{} is not there: run `cargo build --release` first, and the tests with --release, or set \
         RINGTAP_BIN",
        built.display()
    );
    built
}

/// Where the tests' runtimes keep compiled code: what one test has compiled, the others find.
pub fn code_cache() -> PathBuf {
    in_target("test-code-cache")
}

/// What outlives a test, below the folder of the profile.
pub(crate) fn in_target(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("a test is in target").join(name)
}

/// A plugin of one behaviour, by its name in `tests/guests`.
pub fn guest(name: &str) -> PathBuf {
    let path = here("guests/dist").join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not there: run `cargo xtask guests`", path.display());
    path
}

/// A plugin that is embedded in the binary.
pub fn bundled(name: &str) -> PathBuf {
    here("../plugins/dist").join(format!("{name}.wasm"))
}

/// A capture of `tests/captures`.
pub fn capture(name: &str) -> PathBuf {
    here("captures").join(name)
}

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}
