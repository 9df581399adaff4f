use wasmtime::{
    AsContextMut,
    component::{ResourceDynamic, ResourceType, Val},
};

/// What a handle that a guest holds stands for. Nothing is kept for any of them: the number that
/// comes with a handle says all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    InputStream,
    OutputStream,
    Pollable,
    Network,
    /// Files, sockets and the like, of which no guest ever gets one.
    Other,
}

impl Kind {
    /// Of the resource that an interface of WASI calls so. Types that other interfaces use keep
    /// their names, and none stands for two things.
    pub(super) fn of(resource: &str) -> Self {
        match resource {
            "input-stream" => Self::InputStream,
            "output-stream" => Self::OutputStream,
            "pollable" => Self::Pollable,
            "network" => Self::Network,
            _ => Self::Other,
        }
    }

    pub(super) fn ty(self) -> ResourceType {
        ResourceType::host_dynamic(self as u32)
    }
}

/// A new handle for the guest.
pub(super) fn give(store: impl AsContextMut, kind: Kind, number: u32) -> wasmtime::Result<Val> {
    let handle = ResourceDynamic::new_own(number, kind as u32);
    Ok(Val::Resource(handle.try_into_resource_any(store)?))
}

/// The numbers of all handles in `values`, in their order. They are let go: each that is only lent
/// would take room in the store's table otherwise.
pub(super) fn take(mut store: impl AsContextMut, values: &[Val]) -> wasmtime::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for value in values {
        visit(value, &mut |value| {
            let Val::Resource(handle) = value else { return Ok(()) };
            let handle = handle.try_into_resource_dynamic(store.as_context_mut())?;
            numbers.push(handle.rep());
            Ok(())
        })?;
    }
    Ok(numbers)
}

/// See every value in `value`. They are nested as deep as a component's types at most.
fn visit(value: &Val, see: &mut impl FnMut(&Val) -> wasmtime::Result<()>) -> wasmtime::Result<()> {
    see(value)?;
    match value {
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter().try_for_each(|value| visit(value, see))
        }
        Val::Record(fields) => fields.iter().try_for_each(|(_, value)| visit(value, see)),
        Val::Map(pairs) => pairs.iter().try_for_each(|(key, value)| {
            visit(key, see)?;
            visit(value, see)
        }),
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => visit(value, see),
        _ => Ok(()),
    }
}
