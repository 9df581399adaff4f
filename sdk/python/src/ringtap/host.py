"""The host: in a component its imports, elsewhere a recorder for tests."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from types import ModuleType


def _is_component() -> bool:
    try:
        importlib.import_module("wit_world")
    except ImportError:
        return False
    return True


IS_COMPONENT = _is_component()


class _Missing:
    """A capability that the component's world does not have. A use of it ends the call."""

    def __init__(self, capability: str) -> None:
        self._capability = capability

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(
            f"the plugin does not import `{self._capability}`: "
            f"add it to `capabilities` in its plugin.toml"
        )


def load(capability: str) -> Any:
    """Give the module with the functions of a capability.

    It is looked for when the SDK is imported, since a component is made of what Python has imported by
    then.
    """
    if not IS_COMPONENT:
        return importlib.import_module(f".testing.{capability}", __package__)
    try:
        return importlib.import_module(f"wit_world.imports.{capability}")
    except ImportError:
        return _Missing(capability)


def types() -> ModuleType:
    """Give the module with the types of the host's functions."""
    return importlib.import_module("wit_world.imports.types")


def refusal(error: Exception) -> str | None:
    """Give the host's words, where that is what the error is: bindings raise `Err(text)`."""
    value = getattr(error, "value", None)
    return value if isinstance(value, str) else None
