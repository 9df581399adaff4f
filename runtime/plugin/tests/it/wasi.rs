//! WASI is there for every plugin, without a grant, and there is nothing behind it.

use std::time::Duration;

use ringtap_plugin::{
    Call, CallError, Capability, Engine, Grants, Instance, InstanceConfig, Limits, LoadError,
    Misfit, Seeds, StartError, Terms, TimeSource,
};

use crate::{
    support::{Bench, load},
    wasi_guest::WasiGuest,
};

const NONE: [Capability; 0] = [];

fn granting(capabilities: impl IntoIterator<Item = Capability>) -> Terms {
    Terms { grants: capabilities.into_iter().collect(), ..Terms::default() }
}

fn config(bench: &Bench) -> InstanceConfig {
    // What spins is to end soon.
    let limits = Limits { lifecycle_time: Duration::from_millis(200), ..Limits::default() };
    InstanceConfig { limits, ..bench.config("a", "") }
}

fn start(guest: &WasiGuest<'_>, terms: &Terms) -> Result<Instance, StartError> {
    start_wasm(&guest.component(), terms)
}

fn start_wasm(wasm: &[u8], terms: &Terms) -> Result<Instance, StartError> {
    let bench = Bench::new();
    let mut instance = Instance::start(&bench.engine, bench.load(wasm, terms), &config(&bench))?;
    instance.take_over();
    Ok(instance)
}

/// What an `init` that refuses to start says.
fn said(guest: &WasiGuest<'_>, terms: &Terms, seeds: Seeds) -> String {
    let bench = Bench::new();
    let plugin = bench.load(&guest.component(), terms);
    let config = InstanceConfig { seeds, ..config(&bench) };
    match Instance::start(&bench.engine, plugin, &config) {
        Err(StartError::Refused(said)) => said,
        other => panic!("{other:?}"),
    }
}

fn failure(guest: &WasiGuest<'_>) -> String {
    start(guest, &Terms::default()).unwrap_err().to_string()
}

const ENVIRONMENT: [(&str, &str, &str); 4] = [
    ("cli/environment", "get-environment", "(param i32)"),
    ("cli/environment", "get-arguments", "(param i32)"),
    ("cli/environment", "initial-cwd", "(param i32)"),
    ("cli/terminal-stdin", "get-terminal-stdin", "(param i32)"),
];

/// Each would be seen: what is there before is not what is expected.
const NO_ENVIRONMENT: &str = "
    (i64.store $answer (i64.const -1))
    (call $get-environment $answer)
    (call $expect (i32.eqz (i32.load offset=4 $answer)))
    (i64.store $answer (i64.const -1))
    (call $get-arguments $answer)
    (call $expect (i32.eqz (i32.load offset=4 $answer)))
    (i64.store $answer (i64.const -1))
    (call $initial-cwd $answer)
    (call $expect (i32.eqz (i32.load8_u $answer)))
    (i64.store $answer (i64.const -1))
    (call $get-terminal-stdin $answer)
    (call $expect (i32.eqz (i32.load8_u $answer)))";

#[test]
fn there_is_no_environment_in_any_release_of_0_2() {
    let guest = WasiGuest { imports: &ENVIRONMENT, init: NO_ENVIRONMENT, ..WasiGuest::default() };
    for version in ["0.2.0", "0.2.3", "0.2.11"] {
        let wasm = guest.component_for(version, str::to_owned);
        start_wasm(&wasm, &granting(NONE)).unwrap();
    }
}

#[test]
fn a_plugin_may_call_it_while_it_describes_itself() {
    let guest =
        WasiGuest { imports: &ENVIRONMENT, describe: NO_ENVIRONMENT, ..WasiGuest::default() };
    start(&guest, &granting(NONE)).unwrap();
}

#[test]
fn another_line_of_wasi_is_refused_by_name() {
    let guest = WasiGuest { imports: &ENVIRONMENT, ..WasiGuest::default() };
    match load(&guest.component_for("0.3.0", str::to_owned)) {
        Err(LoadError::Misfit(Misfit::Import { import })) => {
            assert!(import.starts_with("wasi:cli/") && import.ends_with("@0.3.0"), "{import}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn input_is_at_its_end_and_output_is_always_taken() {
    let guest = WasiGuest {
        imports: &[
            ("cli/stdin", "get-stdin", "(result i32)"),
            ("cli/stdout", "get-stdout", "(result i32)"),
            ("io/streams", "[method]input-stream.blocking-read", "(param i32 i64 i32)"),
            ("io/streams", "[method]output-stream.check-write", "(param i32 i32)"),
            ("io/streams", "[method]output-stream.write", "(param i32 i32 i32 i32)"),
            ("io/streams", "[method]output-stream.blocking-flush", "(param i32 i32)"),
        ],
        init: "
            (call $method-input-stream.blocking-read (call $get-stdin) (i64.const 10) $answer)
            (call $expect (i32.eq (i32.load8_u $answer) (i32.const 1)))
            (call $expect (i32.eq (i32.load8_u offset=4 $answer) (i32.const 1)))
            (local.set $handle (call $get-stdout))
            (call $method-output-stream.check-write (local.get $handle) $answer)
            (call $expect (i32.eqz (i32.load8_u $answer)))
            (call $expect (i64.eq (i64.load offset=8 $answer) (i64.const 65536)))
            (i64.store $answer (i64.const -1))
            (call $method-output-stream.write
                (local.get $handle) (i32.const 0) (i32.const 65536) $answer)
            (call $expect (i32.eqz (i32.load8_u $answer)))
            (i64.store $answer (i64.const -1))
            (call $method-output-stream.blocking-flush (local.get $handle) $answer)
            (call $expect (i32.eqz (i32.load8_u $answer)))",
        ..WasiGuest::default()
    };
    start(&guest, &granting(NONE)).unwrap();
    start(&guest, &Terms::default()).unwrap();
}

#[test]
fn files_sockets_and_names_are_denied() {
    let guest = WasiGuest {
        imports: &[
            ("filesystem/preopens", "get-directories", "(param i32)"),
            ("sockets/instance-network", "instance-network", "(result i32)"),
            ("sockets/tcp-create-socket", "create-tcp-socket", "(param i32 i32)"),
            ("sockets/ip-name-lookup", "resolve-addresses", "(param i32 i32 i32 i32)"),
        ],
        init: "
            (i64.store $answer (i64.const -1))
            (call $get-directories $answer)
            (call $expect (i32.eqz (i32.load offset=4 $answer)))
            (call $create-tcp-socket (i32.const 0) $answer)
            (call $expect (i32.eq (i32.load8_u $answer) (i32.const 1)))
            (call $expect (i32.eq (i32.load8_u offset=4 $answer) (i32.const 1)))
            (i64.store $answer (i64.const 0))
            (call $resolve-addresses
                (call $instance-network) (i32.const 128) (i32.const 4) $answer)
            (call $expect (i32.eq (i32.load8_u $answer) (i32.const 1)))
            (call $expect (i32.eq (i32.load8_u offset=4 $answer) (i32.const 1)))",
        ..WasiGuest::default()
    };
    start(&guest, &granting(NONE)).unwrap();
}

const CLOCKS: [(&str, &str, &str); 2] = [
    ("clocks/wall-clock", "now", "(param i32)"),
    ("clocks/monotonic-clock", "resolution", "(result i64)"),
];

#[test]
fn the_time_is_that_of_the_capability_and_stands_still_without() {
    // `tick` is told the time, too.
    let tick = "
        (call $now $answer)
        (call $expect (i64.eq (local.get $now)
            (i64.add (i64.extend_i32_u (i32.load offset=8 $answer))
                (i64.mul (i64.load $answer) (i64.const 1000000000)))))";
    let guest = WasiGuest { imports: &CLOCKS, tick, ..WasiGuest::default() };
    let bench = Bench::new();
    let ticks = |terms: &Terms| {
        let plugin = bench.load(&guest.component(), terms);
        let config = InstanceConfig { time: TimeSource::Capture, ..bench.config("a", "") };
        let mut instance = Instance::start(&bench.engine, plugin, &config).unwrap();
        instance.advance(5_000_000_007);
        instance.tick()
    };
    ticks(&granting([Capability::Clock])).unwrap();
    ticks(&granting(NONE)).unwrap_err();

    let still = "
        (i64.store $answer (i64.const -1))
        (call $now $answer)
        (call $expect (i64.eqz (i64.load $answer)))
        (call $expect (i32.eqz (i32.load offset=8 $answer)))";
    let guest = WasiGuest { imports: &CLOCKS, init: still, ..WasiGuest::default() };
    start(&guest, &granting(NONE)).unwrap();
    start(&guest, &granting([Capability::Clock])).unwrap_err();
}

#[test]
fn monotonic_time_goes_by_its_grant() {
    let guest = WasiGuest {
        imports: &[("clocks/monotonic-clock", "now", "(result i64)")],
        init: "(call $expect (i64.eqz (call $now)))",
        ..WasiGuest::default()
    };
    start(&guest, &granting(NONE)).unwrap();
    start(&guest, &granting([Capability::Clock])).unwrap_err();
}

const POLLING: [(&str, &str, &str); 5] = [
    ("clocks/monotonic-clock", "subscribe-duration", "(param i64) (result i32)"),
    ("io/poll", "poll", "(param i32 i32 i32)"),
    ("io/poll", "[method]pollable.ready", "(param i32) (result i32)"),
    ("io/poll", "[method]pollable.block", "(param i32)"),
    ("io/poll", "[resource-drop]pollable", "(param i32)"),
];

/// An hour would show. What the host hands over is forgotten.
const SLEEP: &str = "
    (global.set $free (i32.const 0x10000))
    (local.set $handle (call $subscribe-duration (i64.const 3600000000000)))
    (i32.store $answer (local.get $handle))
    (call $poll $answer (i32.const 1) $answer)
    (call $expect (i32.eq (i32.load offset=4 $answer) (i32.const 1)))
    (call $expect (i32.eqz (i32.load (i32.load $answer))))
    (call $method-pollable.block (local.get $handle))
    (call $expect (call $method-pollable.ready (local.get $handle)))
    (call $resource-drop-pollable (local.get $handle))";

#[test]
fn nothing_waits_and_handles_that_are_dropped_take_no_room() {
    let init = format!(
        "(local.set $count (i32.const 3000))
         (loop $again {SLEEP}
            (br_if $again
                (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))"
    );
    let guest = WasiGuest { imports: &POLLING, init: &init, ..WasiGuest::default() };
    let bench = Bench::new();
    let plugin = bench.load(&guest.component(), &granting(NONE));
    Instance::start(&bench.engine, plugin, &bench.config("a", "")).unwrap();
}

#[test]
fn who_spins_on_a_poll_is_ended_by_the_deadline() {
    let init = format!("(loop $forever {SLEEP} (br $forever))");
    let guest = WasiGuest { imports: &POLLING, init: &init, ..WasiGuest::default() };
    let error = start(&guest, &Terms::default()).unwrap_err();
    let overrun = matches!(error, StartError::Call(CallError::Overrun { call: Call::Init, .. }));
    assert!(overrun, "{error:?}");
}

#[test]
fn who_keeps_all_handles_is_ended_by_their_limit() {
    let init = "(loop $forever
        (drop (call $subscribe-duration (i64.const 1))) (br $forever))";
    let guest = WasiGuest { imports: &POLLING, init, ..WasiGuest::default() };
    let failure = failure(&guest);
    let wanted = "`init` failed: cannot allocate another handle: store handle limit exceeded";
    assert_eq!(failure, wanted);
}

const RANDOM: [(&str, &str, &str); 3] = [
    ("random/random", "get-random-u64", "(result i64)"),
    ("random/random", "get-random-bytes", "(param i64 i32)"),
    ("random/insecure-seed", "insecure-seed", "(param i32)"),
];

const TELL: &str = "(i32.store $refusal (i32.const 1)) (call $letters";

#[test]
fn random_numbers_go_by_the_seed_and_are_constant_without_their_grant() {
    let whole = format!("{TELL} (call $get-random-u64))");
    let bytes = format!(
        "(call $get-random-bytes (i64.const 8) $answer)
         (call $expect (i32.eq (i32.load offset=4 $answer) (i32.const 8)))
         {TELL} (i64.load (i32.load $answer)))"
    );
    let pair = format!("(call $insecure-seed $answer) {TELL} (i64.load offset=8 $answer))");
    for init in [&whole, &bytes, &pair] {
        let guest = WasiGuest { imports: &RANDOM, init, ..WasiGuest::default() };
        let said = |terms: &Terms, seeds| said(&guest, terms, seeds);
        let granted = granting([Capability::Random]);
        let fixed = said(&granted, Seeds::Fixed(7));
        assert_eq!(said(&granted, Seeds::Fixed(7)), fixed);
        assert_ne!(said(&granted, Seeds::Fixed(8)), fixed);
        assert_ne!(said(&granted, Seeds::Os), said(&granted, Seeds::Os));
        assert_eq!(said(&granting(NONE), Seeds::Os), said(&granting(NONE), Seeds::Os));
    }
}

#[test]
fn the_capability_and_wasi_draw_from_one_well() {
    let next = [("ringtap:plugin/random@0.1.0", "next", "(result i64)")];
    let init = format!("{TELL} (call $next))");
    let capability = WasiGuest { imports: &next, init: &init, ..WasiGuest::default() };
    let init = format!("{TELL} (call $get-random-u64))");
    let wasi = WasiGuest { imports: &RANDOM, init: &init, ..WasiGuest::default() };
    let said = |guest| said(guest, &Terms::default(), Seeds::Fixed(7));
    assert_eq!(said(&capability), said(&wasi));
}

#[test]
fn random_bytes_are_given_in_bounds() {
    let init = "(call $get-random-bytes (i64.const -1) $answer)";
    let failure = failure(&WasiGuest { imports: &RANDOM, init, ..WasiGuest::default() });
    let wanted = "`init` failed: the plugin called `wasi:random/random@0.2.0#get-random-bytes` for \
                  18446744073709551615 bytes: at most 65536 are given";
    assert!(failure.starts_with(wanted), "{failure}");
}

#[test]
fn exit_ends_the_call() {
    let exit = [("cli/exit", "exit", "(param i32)")];
    let init = "(call $exit (i32.const 0))";
    let failure = failure(&WasiGuest { imports: &exit, init, ..WasiGuest::default() });
    let wanted = "`init` failed: the plugin called `wasi:cli/exit@0.2.0#exit`: it ended itself";
    assert_eq!(failure, wanted);
}

#[test]
fn what_has_no_empty_answer_ends_the_call_by_name() {
    for (interface, function, ty, init) in [
        ("clocks/timezone", "utc-offset", "(result i32)", "(drop (call $utc-offset))"),
        ("http/types", "[constructor]fields", "(result i32)", "(drop (call $constructor-fields))"),
    ] {
        let imports = [(interface, function, ty)];
        let failure = failure(&WasiGuest { imports: &imports, init, ..WasiGuest::default() });
        let wanted = format!(
            "`init` failed: the plugin called `wasi:{interface}@0.2.0#{function}`, which plugins \
             have no use of"
        );
        assert!(failure.starts_with(&wanted), "{failure}");
    }
}

#[test]
fn functions_of_other_types_than_wasis_fail_their_call() {
    for (from, to, function, ty, init) in [
        (
            "now: func() -> u64",
            "now: func() -> string",
            "now",
            "(param i32)",
            "(call $now $answer)",
        ),
        (
            "now: func() -> u64",
            "now: func(ago: u64) -> u64",
            "now",
            "(param i64) (result i64)",
            "(drop (call $now (i64.const 1)))",
        ),
        (
            "subscribe-duration: func(when: u64) -> pollable",
            "subscribe-duration: func(when: u64) -> list<u8>",
            "subscribe-duration",
            "(param i64 i32)",
            "(call $subscribe-duration (i64.const 1) $answer)",
        ),
    ] {
        let imports = [("clocks/monotonic-clock", function, ty)];
        let guest = WasiGuest { imports: &imports, init, ..WasiGuest::default() };
        let wasm = guest.component_for("0.2.0", |wit| wit.replace(from, to));
        let error = start_wasm(&wasm, &Terms::default()).unwrap_err();
        let failed = matches!(error, StartError::Call(CallError::Failed { call: Call::Init, .. }));
        assert!(failed, "{to}: {error:?}");
    }
}

#[test]
fn a_plugin_says_by_which_capability_it_is_there() {
    let imports = [ENVIRONMENT[0], CLOCKS[0], RANDOM[0]];
    let guest = WasiGuest { imports: &imports, ..WasiGuest::default() };
    let by = |grants: Grants| {
        let terms = Terms { grants, ..Terms::default() };
        let plugin = Bench { engine: Engine::new().unwrap(), ..Bench::new() }
            .load(&guest.component(), &terms);
        let found = plugin.imports().iter().filter_map(|import| import.capability());
        found.collect::<Grants>()
    };
    assert_eq!(by(Grants::default()), Grants::from_iter([Capability::Clock, Capability::Random]));
    assert_eq!(by(Grants::from_iter(NONE)), Grants::from_iter(NONE));
}
