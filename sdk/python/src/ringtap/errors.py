"""What can be refused."""

from __future__ import annotations


class RingtapError(ValueError):
    """What the host or the config refused."""


class HostError(RingtapError):
    """What the host refused. `reason` has its words."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


class ConfigError(RingtapError):
    """What is wrong with the plugin's config."""


def chain(error: BaseException) -> str:
    """Write an error and what caused it, in one line.

    What is neither ours nor meant for people has its class in front, since `'x'` alone says little.
    """
    plain = isinstance(error, RingtapError) or type(error) in (Exception, ValueError)
    text = str(error) if plain else f"{type(error).__name__}: {error}"
    return text if error.__cause__ is None else f"{text}: {chain(error.__cause__)}"
