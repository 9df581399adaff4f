//! What the guide shows of the example is the example.

const GUIDE: &str = include_str!("../../../docs/plugins-rust.md");

#[test]
fn the_guide_shows_the_example_as_it_is() {
    for (name, source) in [
        ("src/lib.rs", include_str!("../examples/bursts/src/lib.rs")),
        ("src/tests.rs", include_str!("../examples/bursts/src/tests.rs")),
    ] {
        assert!(GUIDE.contains(source), "docs/plugins-rust.md does not show {name} as it is");
    }
}
