//! What is written in Go: formatting, vet, tests.

use std::path::Path;

use super::check::Check;

/// The modules, in the checkout.
const MODULES: [&str; 6] = [
    "sdk/go",
    "plugins/dns-log",
    "tests/conformance/go/meter",
    "tests/conformance/go/sieve",
    "tests/conformance/go/scribe",
    "tests/go/speaks",
];

/// In a module. There is nothing to download. `gofmt` is where the installation has it; not all put it
/// into PATH.
pub(super) const CHECKED: &str = "\
export GOTOOLCHAIN=local GOPROXY=off
files=$(\"$(go env GOROOT)/bin/gofmt\" -l .)
if [ -n \"$files\" ]; then echo \"run gofmt -w on: $files\"; exit 1; fi
go vet ./...
go test ./...";

/// Packages of the SDK that are other code in a component than in a test.
const IN_COMPONENTS: &str = "\
GOTOOLCHAIN=local GOPROXY=off GOOS=wasip1 GOARCH=wasm \
go vet . ./internal/... ./aggregate ./filter ./exporter ./state ./lifecycle ./kv";

pub(super) fn checks(root: &Path) -> impl Iterator<Item = Check> {
    let modules = MODULES.map(|module| (module, CHECKED));
    modules.into_iter().chain([("sdk/go", IN_COMPONENTS)]).map(|(module, script)| Check {
        of: module.to_owned(),
        folder: root.join(module),
        needs: &["go"],
        script: script.to_owned(),
        root: root.to_owned(),
    })
}
