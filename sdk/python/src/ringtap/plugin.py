"""What a plugin is, and the roles it may have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .batch import Batch
    from .event import Received
    from .interest import Interest
    from .packet import Packet


class Plugin(ABC):
    """A plugin's life: made, called, stopped.

    Calls never overlap, and each has a deadline in CPU time; a call that raises or overruns takes the
    instance down and leaves no trace in metrics or events.
    """

    name: ClassVar[str]
    """For people; the host calls an instance by its file. 1 to 64 characters."""
    version: ClassVar[str]
    """The plugin's own version, for people. Up to 64 characters."""
    tick_ms: ClassVar[int] = 0
    """How often `tick` is called, in ms; the host rounds up to 10. Default: never."""
    interests: ClassVar[Sequence[Interest]] = ()
    """Which packets the plugin wants, at most 64; `Packet.matches` tells by their index which of them
    took a packet. Default: none, which is every packet, headers only. It can depend on nothing, the
    config included. A plugin that does not take packets has none."""

    @abstractmethod
    def __init__(self, config: str) -> None:
        """Start. Called once, first of all that may call the host.

        `config` is the text of `NAME.toml` beside `NAME.wasm`, or empty; see `Config`. An error refuses
        the plugin, and its message is shown to the operator.
        """

    def tick(self, now_ns: int) -> None:  # noqa: B027
        """Do what is due, about every `tick_ms`, between batches; missed ticks are not made up for.

        `now_ns` is Unix time, in replay the capture's.
        """

    def stop(self, now_ns: int) -> None:  # noqa: B027
        """Emit what is still held.

        Called once, last: the plugin is unloaded or replaced, or the runtime or the capture ends. Not
        called after an error, nor where `State.save` has handed on what is held.
        """


class Aggregate(ABC):
    """The role that takes packets."""

    @abstractmethod
    def on_packets(self, batch: Batch) -> None:
        """Take a batch, 1 to 1024 packets."""


class Filter(ABC):
    """The role that says which packets go on to the plugins whose `input` this plugin is.

    What interests can say, let them say: they discard in the kernel.
    """

    @abstractmethod
    def keep(self, packet: Packet) -> bool:
        """Say whether the packet goes on. Asked about each, in the order of its batch."""

    def keep_batch(self, batch: Batch) -> Iterable[bool]:
        """Say for each packet whether it goes on.

        To be overridden by a filter that wants to know more than one packet at a time.
        """
        return map(self.keep, batch)


class Exporter(ABC):
    """The role that takes the events of other plugins, those that are configured as its `input`.

    They go nowhere else: what is to reach a sink, this plugin emits.
    """

    @abstractmethod
    def on_events(self, events: list[Received]) -> None:
        """Take 1 to 1024 events; those of one plugin are in the order in which it emitted them."""


class State(ABC):
    """The role that hands what the plugin knows to the version that replaces it.

    The two versions need not be built from the same sources, so number the forms of the state, and take
    none on trust.
    """

    schema: ClassVar[int]
    """The form that `save` writes."""
    reads_from: ClassVar[int | None] = None
    """The oldest form that `restore` takes; it takes those from here to `schema`. A replacement that
    does not take the form of its predecessor is refused. Default: `schema`, and no other."""

    @abstractmethod
    def save(self) -> bytes:
        """Give what the next version gets.

        Where that one takes over, this is the last call of this instance: `stop` is not called. Where it
        fails, this instance goes on, so leave in place what you save. What is done through capabilities
        is undone. An error keeps this version.
        """

    @abstractmethod
    def restore(self, schema: int, saved: bytes) -> None:
        """Take what the predecessor saved, in a form from `reads_from` to `schema`.

        Called at most once, after the start and before all other calls. The config may be another one
        than the predecessor's. An error refuses this version, and the predecessor goes on.
        """
