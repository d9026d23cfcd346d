"""How options are declared, checked and kept.

``Options`` holds one value for each row of a table and checks it when it is set, so that a mistake is told where it was
made and not when the option is first used.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from .errors import InvalidConfigurationError

__all__ = ["Check", "Option", "Options", "Refused", "unknown_option"]

Check = Callable[[Any], Any]

MOST = 2**31 - 1
"""The largest number that is taken where nothing else is said; as seconds, 68 years."""

SOCKET_MOST = 2_147_483
"""The most seconds that a socket can be told to wait: a 32-bit number of milliseconds, 24 days."""


class InvalidOptionError(InvalidConfigurationError, TypeError, ValueError):
    """An option has a value that is not allowed. The documented client raises one or the other of the last two."""


class Refused(Exception):
    """What is allowed, when a value is not."""


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("a str")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("True or False")
    return value


def number(minimum: float, maximum: float = MOST, *, above: bool = False) -> Check:
    said = f"a number {'above' if above else 'of at least'} {minimum:g} and at most {maximum:.10g}"

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Refused(said)
        # Said so that NaN is refused: it is neither in nor out.
        if not minimum <= value <= maximum or (above and value == minimum):
            raise Refused(said)
        return value

    return check


def connect_timeout(value: Any) -> Any:
    if value == -1 and not isinstance(value, bool):
        return value
    try:
        return number(0)(value)
    except Refused as allowed:
        raise Refused(f"{allowed}, or -1 to try for ever") from None


def texts(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise Refused("a list of str")
    found = list(value)
    if not all(isinstance(each, str) for each in found):
        raise Refused("a list of str")
    return found


def items(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise Refused("a list")
    return list(value)


def mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise Refused("a dict")
    return dict(value)


def password(value: Any) -> Any:
    if not isinstance(value, str | bytes | bytearray) and not callable(value):
        raise Refused("a str, bytes, bytearray, or a function that returns one")
    return value


def choice(cls: type) -> Check:
    names = {name: number for name, number in vars(cls).items() if isinstance(number, int)}

    def check(value: Any) -> int:
        if isinstance(value, str) and value in names:
            return names[value]
        if not isinstance(value, bool) and value in names.values():
            return int(value)
        raise Refused("one of " + ", ".join(f"{cls.__name__}.{name}" for name in names))

    return check


def having(method: str, what: str) -> Check:
    def check(value: Any) -> Any:
        if not callable(getattr(value, method, None)):
            raise Refused(what)
        return value

    return check


def each(check: Check) -> Check:
    """A list of what the check allows; it says so itself."""
    return lambda value: [check(item) for item in items(value)]


def factories(kind: type) -> Check:
    said = f"a dict of factory ids to dicts of class ids to classes of {kind.__name__}: {{1: {{2: TheClass}}}}"

    def check(value: Any) -> dict[int, dict[int, Any]]:
        if not isinstance(value, Mapping) or not all(isinstance(factory, Mapping) for factory in value.values()):
            raise Refused(said)
        classes = [item for factory in value.values() for item in factory.items()]
        if not all(isinstance(key, int) for key in (*value, *dict(classes))) or not all(
            isinstance(cls, type) and issubclass(cls, kind) for _, cls in classes
        ):
            raise Refused(said)
        return {factory_id: dict(factory) for factory_id, factory in value.items()}

    return check


def by_class(method: str, what: str) -> Check:
    """A dict of classes to what has a method."""
    said = f"a dict of classes to {what}"

    def check(value: Any) -> dict[type, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(clazz, type) for clazz in value):
            raise Refused(said)
        return {clazz: having(method, said)(given) for clazz, given in value.items()}

    return check


def socket_options(value: Any) -> list[Any]:
    options = items(value)
    for option in options:
        match option:
            case [int(), int(), int() | bytes() | bytearray()]:
                continue
        raise Refused("a list of (level, option, value), as socket.setsockopt takes them")
    return options


def callables(value: Any) -> list[Any]:
    functions = items(value)
    if not all(callable(function) for function in functions):
        raise Refused("a list of functions")
    return functions


def listener_pairs(value: Any) -> list[Any]:
    pairs = items(value)
    for item in pairs:
        if not (
            isinstance(item, tuple) and len(item) == 2 and all(f is None or callable(f) for f in item) and any(item)
        ):
            raise Refused("a list of (member_added, member_removed) functions, one of which may be None")
    return pairs


def whole(minimum: int, maximum: int | None = None) -> Check:
    def check(value: Any) -> int:
        most = "" if maximum is None else f" and at most {maximum}"
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum or value > (maximum or value):
            raise Refused(f"a whole number of at least {minimum}{most}")
        return value

    return check


class Option(NamedTuple):
    """One row of ``OPTIONS``."""

    default: Any
    check: Check
    """Returns the value to keep; raises ``Refused`` with what is allowed."""


def section(kind: type[Options]) -> Check:
    """An object of a class of options, or a dict of them."""

    def check(value: Any) -> Options:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise Refused(f"a dict of the options {', '.join(kind.TABLE)}")
        return kind.from_dict(value)

    return check


def by_name(kind: type[Options]) -> Check:
    """For each name of a structure, its options."""
    one = section(kind)

    def check(value: Any) -> dict[str, Options]:
        checked = {}
        for name, given in mapping(value).items():
            if not isinstance(name, str):
                raise Refused("a dict of str to the options of the structure of that name")
            try:
                checked[name] = one(given)
            except InvalidConfigurationError as error:
                raise Refused(f"such that for {name!r} this holds: {error}") from None
        return checked

    return check


class Options:
    """Options, each an attribute that is checked when it is set."""

    TABLE: ClassVar[Mapping[str, Option]] = {}
    SECRET: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        values: dict[str, Any] = {}
        for name, option in self.TABLE.items():
            default = option.default
            values[name] = type(default)(default) if isinstance(default, (list, dict)) else default
        object.__setattr__(self, "_values", values)

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> Self:
        """Make options of ``{option: value}``; an option whose value is None keeps its default."""
        options = cls()
        options._set_given(d)
        return options

    def _set_given(self, options: Mapping[str, Any]) -> None:
        for name, value in options.items():
            if name not in self.TABLE:
                raise unknown_option(name, self.TABLE)
            if value is not None:
                setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        values: dict[str, Any] = object.__getattribute__(self, "_values")
        try:
            return values[name]
        except KeyError:
            raise AttributeError(str(unknown_option(name, self.TABLE))) from None

    def __setattr__(self, name: str, value: Any) -> None:
        option = self.TABLE.get(name)
        if option is None:
            raise unknown_option(name, self.TABLE)
        try:
            checked = option.check(value)
        except Refused as allowed:
            shown = "a value" if name in self.SECRET else repr(value)
            raise InvalidOptionError(f"{name} must be {allowed}, not {shown}") from None
        self._values[name] = checked

    def __copy__(self) -> Self:
        """Options of their own, checked again: a list may have been appended to since."""
        return self.from_dict(self._values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bool(other._values == self._values)

    __hash__ = None  # type: ignore[assignment]

    def __dir__(self) -> list[str]:
        return [*self.TABLE, "from_dict"]

    def __repr__(self) -> str:
        said = (
            f"{name}={'***' if name in self.SECRET else repr(value)}"
            for name, value in self._values.items()
            if value != self.TABLE[name].default
        )
        return f"{type(self).__name__}({', '.join(said)})"


def unknown_option(name: str, table: Mapping[str, Option]) -> InvalidConfigurationError:
    """The error for a name that is no option: it says which option is nearest."""
    near = difflib.get_close_matches(name, table, n=1, cutoff=0.5)
    hint = f": did you mean {near[0]}?" if near else "; the options are " + ", ".join(sorted(table))
    return InvalidConfigurationError(f"{name!r} is not an option{hint}")
