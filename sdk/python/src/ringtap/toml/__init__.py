"""TOML 1.1 without tables, refused in the words of the Rust SDK."""

from .document import parse
from .value import Integer, Nested, Other, Value

__all__ = ["Integer", "Nested", "Other", "Value", "parse"]
