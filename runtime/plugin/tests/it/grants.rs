use ringtap_plugin::{Capability, Grants, LoadError, Misfit, Plugin, Terms};

use crate::{
    support::{Bench, SWITCH, SWITCH_WORLD, compiler, component, switch},
    wasi_guest::WasiGuest,
};

fn load(wasm: &[u8], grants: Grants) -> Result<Plugin, String> {
    let terms = Terms { grants, ..Terms::default() };
    match Plugin::load(&Bench::new().engine, &compiler(), &terms, wasm) {
        Err(LoadError::Misfit(misfit @ Misfit::Ungranted { .. })) => Err(misfit.to_string()),
        other => Ok(other.unwrap()),
    }
}

#[test]
fn what_is_not_granted_is_refused_with_the_line_that_grants_it() {
    let imports = [("ringtap:plugin/kv@0.1.0", "delete", "(param i32 i32)")];
    let guest = WasiGuest { imports: &imports, ..WasiGuest::default() };
    let wanted = "imports `ringtap:plugin/kv@0.1.0` without being granted `kv`: grant that with \
                  `grants = [\"log\", \"clock\", \"interfaces\", \"metrics\", \"events\", \
                  \"random\", \"kv\"]` in [plugins.NAME]";
    assert_eq!(load(&guest.component(), Grants::default()).unwrap_err(), wanted);
}

#[test]
fn a_list_of_its_own_takes_away_what_is_granted_by_default() {
    let granted = [Capability::Log, Capability::Events];
    let wanted = "imports `ringtap:plugin/clock@0.1.0` and `ringtap:plugin/metrics@0.1.0` without \
                  being granted `clock` and `metrics`: add \"clock\", \"metrics\" to the `grants` \
                  of its [plugins.NAME]";
    assert_eq!(load(&switch(), granted.into_iter().collect()).unwrap_err(), wanted);
    let enough = [Capability::Clock, Capability::Metrics].into_iter().chain(granted);
    load(&switch(), enough.collect()).unwrap();
}

/// What no grant would help against is said first.
#[test]
fn another_version_is_told_before_a_grant() {
    let edit = |text: &str| text.replace("0.1.0", "0.2.0");
    let wasm = component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, edit);
    let terms = Terms { grants: [].into_iter().collect(), ..Terms::default() };
    let error = Plugin::load(&Bench::new().engine, &compiler(), &terms, &wasm).unwrap_err();
    assert!(matches!(error, LoadError::Misfit(Misfit::OtherVersion { .. })), "{error}");
}
