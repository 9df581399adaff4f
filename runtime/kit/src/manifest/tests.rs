use super::*;

fn parse(text: &str) -> Result<Manifest, String> {
    Manifest::parse(Path::new("p/plugin.toml"), text).map_err(|error| error.to_string())
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err()
}

#[test]
fn a_manifest_says_little() {
    let rust = parse("language = \"rust\"").unwrap();
    assert_eq!(
        rust,
        Manifest {
            language: Language::Rust,
            name: None,
            sdk: "sdk".into(),
            wit: None,
            sources: Vec::new(),
            world: None,
            target: RustTarget::Unknown,
        }
    );
    let text = r#"
        language = "c"
        name = "meter"
        sdk = "../../sdk/c"
        wit = "../wit"
        sources = ["src/a.c", "src/b.c"]
    "#;
    let c = parse(text).unwrap();
    assert_eq!(c.name.unwrap().as_str(), "meter");
    assert_eq!((c.sdk, c.wit), ("../../sdk/c".into(), Some("../wit".into())));
    assert_eq!(c.sources, [PathBuf::from("src/a.c"), "src/b.c".into()]);
    let wasip2 = parse("language = \"rust\"\ntarget = \"wasm32-wasip2\"").unwrap();
    assert_eq!(wasip2.target, RustTarget::Wasip2);
}

#[test]
fn a_script_tells_its_world() {
    let text = r#"
        language = "python"
        sources = ["src/plugin.py"]
        roles = ["aggregate", "state"]
        capabilities = ["log", "metrics"]
    "#;
    let world = parse(text).unwrap().world.unwrap();
    assert_eq!(world.roles, ["aggregate", "lifecycle", "state"].map(str::to_owned).into());
    assert_eq!(world.capabilities, ["log", "metrics"].map(str::to_owned).into());
    let bare = parse("language = \"js\"\nsources = [\"a.js\"]").unwrap().world.unwrap();
    assert_eq!(bare.roles, ["lifecycle".to_owned()].into());
}

#[test]
fn what_makes_no_sense_is_refused_at_its_place() {
    let cases = [
        ("", "p/plugin.toml:1:1: language: is missing: say what the plugin is written in"),
        (
            "language = \"pyton\"",
            "p/plugin.toml:1:12: language: found \"pyton\", expected one of rust, c, cpp, go, js, \
             ts, python, zig; did you mean \"python\"?",
        ),
        (
            "language = \"rust\"\nsource = []",
            "p/plugin.toml:2:1: source: no such key; did you mean \"sources\"?",
        ),
        (
            "language = \"rust\"\nsources = [\"src/lib.rs\"]",
            "p/plugin.toml:2:1: sources: Rust's own tools find them: leave it out",
        ),
        (
            "language = \"c\"",
            "p/plugin.toml:1:1: sources: name the plugin's C files, such as [\"src/plugin.c\"]",
        ),
        (
            "language = \"js\"\nsources = [\"a.js\", \"b.js\"]",
            "p/plugin.toml:2:1: sources: name the one JavaScript file that the plugin starts from",
        ),
        (
            "language = \"c\"\nsources = [\"/a.c\"]",
            "p/plugin.toml:2:12: sources: found \"/a.c\", expected a path relative to plugin.toml",
        ),
        (
            "language = \"go\"\nroles = [\"filter\"]",
            "p/plugin.toml:2:1: roles: is for scripts; what a plugin in Go imports and exports is \
             read off its code: leave it out",
        ),
        (
            "language = \"js\"\nsources = [\"a.js\"]\nroles = [\"filter\", \"exporter\"]",
            "p/plugin.toml:3:1: roles: it exports both `filter` and `exporter`: a plugin has one of \
             the roles aggregate, filter and exporter",
        ),
        (
            "language = \"js\"\nsources = [\"a.js\"]\nroles = [\"lifecycle\"]",
            "p/plugin.toml:3:10: roles: found \"lifecycle\", expected one of aggregate, filter, \
             exporter, state",
        ),
        (
            "language = \"js\"\nsources = [\"a.js\"]\ncapabilities = [\"metric\"]",
            "p/plugin.toml:3:17: capabilities: found \"metric\", expected one of log, clock, \
             interfaces, metrics, events, kv, random; did you mean \"metrics\"?",
        ),
        (
            "language = \"js\"\nsources = [\"a.js\"]\ncapabilities = [\"kv\", \"kv\"]",
            "p/plugin.toml:3:23: capabilities: found \"kv\", expected \"kv\" once",
        ),
        (
            "language = \"go\"\ntarget = \"wasm32-wasip2\"",
            "p/plugin.toml:2:1: target: is for Rust: leave it out",
        ),
        (
            "language = \"rust\"\ntarget = \"wasm32-wasip1\"",
            "p/plugin.toml:2:10: target: found \"wasm32-wasip1\", expected one of \
             wasm32-unknown-unknown, wasm32-wasip2",
        ),
        (
            "language = \"rust\"\nname = \"My plugin\"",
            "p/plugin.toml:2:8: name: found \"My plugin\", expected 1 to 64 characters of a-z, 0-9 \
             and '-', the first a letter and the last none of '-'",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(text), message, "{text}");
    }
    let two = refusal("language = \"rust\"\nsdk = 1\nwit = \"\"");
    assert_eq!(two.lines().count(), 2, "{two}");
}

#[test]
fn a_folder_without_one_is_no_project() {
    let folder = tempfile::tempdir().unwrap();
    let error = Manifest::read(folder.path()).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "there is no plugin.toml in {}: name the folder of a plugin project, or make one with \
             `ringtap plugin new`",
            folder.path().display()
        )
    );
}

#[test]
fn the_manifest_that_is_documented_is_one() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/plugins.md");
    let page = fs::read_to_string(page).unwrap();
    let block = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let manifest = parse(block).unwrap();
    assert_eq!((manifest.language, manifest.sdk), (Language::Python, "sdk".into()));
    assert_eq!(manifest.name.unwrap().as_str(), "tcp-watch");
}
