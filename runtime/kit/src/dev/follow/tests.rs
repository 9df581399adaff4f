use tokio::time::timeout;

use super::*;

/// Nothing waits this long unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Long enough for an event to come, were there one. Passing does not depend on it.
const SILENCE: Duration = Duration::from_millis(400);

fn project(parent: &Path, name: &str, manifest: &str) -> Project {
    let folder = parent.join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("plugin.toml"), manifest).unwrap();
    Project::open(&folder).unwrap()
}

async fn changed(follower: &mut Follower) -> Vec<usize> {
    let changed = timeout(PATIENCE, follower.changed()).await.expect("a change is told");
    changed.unwrap().into_iter().collect()
}

async fn silent(follower: &mut Follower) -> bool {
    timeout(SILENCE, follower.changed()).await.is_err()
}

#[tokio::test]
async fn a_save_is_told_of_the_project_that_it_is_in() {
    let parent = tempfile::tempdir().unwrap();
    let one = project(parent.path(), "one", "language = \"rust\"");
    let other = project(parent.path(), "other", "language = \"rust\"");
    let mut follower = Follower::new(&[one.clone(), other.clone()]).unwrap();

    fs::write(one.folder.join("src/lib.rs"), "1").unwrap();
    assert_eq!(changed(&mut follower).await, [0]);
    // As editors save: a new file takes the place of the old one.
    fs::write(other.folder.join("src/.lib.rs.new"), "2").unwrap();
    fs::rename(other.folder.join("src/.lib.rs.new"), other.folder.join("src/lib.rs")).unwrap();
    assert_eq!(changed(&mut follower).await, [1]);
    fs::write(one.folder.join("src/lib.rs"), "3").unwrap();
    fs::remove_file(other.folder.join("src/lib.rs")).unwrap();
    assert_eq!(changed(&mut follower).await, [0, 1]);
}

#[tokio::test]
async fn folders_that_are_new_are_followed_too() {
    let parent = tempfile::tempdir().unwrap();
    let one = project(parent.path(), "one", "language = \"rust\"");
    let mut follower = Follower::new(std::slice::from_ref(&one)).unwrap();
    fs::create_dir_all(one.folder.join("src/a/b")).unwrap();
    assert_eq!(changed(&mut follower).await, [0]);
    fs::write(one.folder.join("src/a/b/c.rs"), "1").unwrap();
    assert_eq!(changed(&mut follower).await, [0]);
}

#[tokio::test]
async fn an_sdk_elsewhere_is_followed() {
    let parent = tempfile::tempdir().unwrap();
    let sdk = parent.path().canonicalize().unwrap().join("sdk");
    fs::create_dir(&sdk).unwrap();
    let manifest = "language = \"rust\"\nsdk = \"../sdk\"";
    let projects =
        [project(parent.path(), "one", manifest), project(parent.path(), "two", manifest)];
    let mut follower = Follower::new(&projects).unwrap();
    fs::write(sdk.join("lib.rs"), "1").unwrap();
    assert_eq!(changed(&mut follower).await, [0, 1]);
}

#[tokio::test]
async fn what_a_build_writes_is_no_change() {
    let parent = tempfile::tempdir().unwrap();
    let one = project(parent.path(), "one", "language = \"rust\"");
    let mut follower = Follower::new(std::slice::from_ref(&one)).unwrap();
    for folder in ["build", "target/release", "node_modules/a", ".git"] {
        fs::create_dir_all(one.folder.join(folder)).unwrap();
        fs::write(one.folder.join(folder).join("file"), "1").unwrap();
    }
    for file in ["one.wasm", "one.wasm.tmp", "Cargo.lock", ".lib.rs.swp", "lib.rs~"] {
        fs::write(one.folder.join(file), "1").unwrap();
    }
    fs::read(one.folder.join("plugin.toml")).unwrap();
    assert!(silent(&mut follower).await);
    fs::write(one.folder.join("src/lib.rs"), "1").unwrap();
    assert_eq!(changed(&mut follower).await, [0]);
}
