"""How options are declared, checked and kept.

``Options`` holds one value for each row of a table and checks it when it is set, so that a mistake is told where it was
made and not when the option is first used.
"""

from __future__ import annotations

import copy
import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from .errors import InvalidConfigurationError

Check = Callable[[Any], Any]

MOST = 2**31 - 1
"""What larger numbers are taken as, where nothing else is said; as seconds, 68 years."""

SOCKET_MOST = 2_147_483
"""The most seconds that a socket can be told to wait: a 32-bit number of milliseconds, 24 days."""


class InvalidOptionError(InvalidConfigurationError, TypeError, ValueError):
    """An option has a value that is not allowed. The documented client raises one or the other of the last two."""


class Refused(Exception):
    """What is allowed, when a value is not."""


def check(what: str, holds: Callable[[Any], bool]) -> Check:
    """Lets a value pass for which ``holds``."""

    def checked(value: Any) -> Any:
        if not holds(value):
            raise Refused(what)
        return value

    return checked


def list_of(what: str, holds: Callable[[Any], bool]) -> Check:
    """Makes a list of anything iterable but a str, when each item ``holds``."""

    def checked(value: Any) -> list[Any]:
        items = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else None
        if items is None or not all(map(holds, items)):
            raise Refused(what)
        return items

    return checked


def dict_of(what: str, key_type: type, item_check: Check) -> Check:
    """Makes a dict of what the check allows, by keys of a type."""

    def checked(value: Any) -> dict[Any, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(key, key_type) for key in value):
            raise Refused(what)
        made = {}
        for key, given in value.items():
            try:
                made[key] = item_check(given)
            except InvalidConfigurationError as error:
                raise Refused(f"such that for {key!r} this holds: {error}") from None
        return made

    return checked


def _is_socket_option(value: Any) -> bool:
    match value:
        case [int(), int(), int() | bytes() | bytearray()]:
            return True
    return False


def _is_listener_pair(value: Any) -> bool:
    is_pair = isinstance(value, tuple) and len(value) == 2
    return is_pair and all(f is None or callable(f) for f in value) and any(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


flag = check("True or False", lambda value: isinstance(value, bool))
text = check("a str", lambda value: isinstance(value, str))
password = check(
    "a str, bytes, bytearray, or a function that returns one",
    lambda value: isinstance(value, str | bytes | bytearray) or callable(value),
)
texts = list_of("a list of str", lambda item: isinstance(item, str))
callables = list_of("a list of functions", callable)
socket_options = list_of("a list of (level, option, value), as socket.setsockopt takes them", _is_socket_option)
listener_pairs = list_of("a list of pairs (member_added, member_removed), one of which may be None", _is_listener_pair)


def number(minimum: float, maximum: float | None = None, *, most: float = MOST, above: bool = False) -> Check:
    """Refuses what is out of range; what is more than ``most``, as infinity is, is taken as that."""
    least, top = ("above" if above else "of at least"), math.inf if maximum is None else maximum
    allowed = check(
        f"a number {least} {minimum:g}" + ("" if maximum is None else f" and at most {maximum:g}"),
        # Said so that NaN is refused: it is neither in nor out.
        lambda value: _is_number(value) and minimum <= value <= top and not (above and value == minimum),
    )
    return lambda value: min(allowed(value), most)


def connect_timeout(value: Any) -> Any:
    try:
        return value if _is_number(value) and value == -1 else number(0)(value)
    except Refused as allowed:
        raise Refused(f"{allowed}, or -1 to try for ever") from None


def whole(minimum: int, maximum: int | None = None) -> Check:
    return check(
        f"a whole number of at least {minimum}" + ("" if maximum is None else f" and at most {maximum}"),
        lambda value: _is_number(value) and isinstance(value, int) and minimum <= value <= (maximum or value),
    )


def having(method: str, what: str) -> Check:
    return check(what, lambda value: callable(getattr(value, method, None)))


def each(item_check: Check) -> Check:
    """A list of what the check allows; it says so itself."""
    listed = list_of("a list", lambda _: True)
    return lambda value: [item_check(item) for item in listed(value)]


def choice(cls: type) -> Check:
    names = {name: number for name, number in vars(cls).items() if isinstance(number, int)}

    def checked(value: Any) -> int:
        if isinstance(value, str) and value in names:
            return names[value]
        if not isinstance(value, bool) and value in names.values():
            return int(value)
        raise Refused("one of " + ", ".join(f"{cls.__name__}.{name}" for name in names))

    return checked


def factories(kind: type) -> Check:
    """For each id of a factory, for each id of a class of it, the class."""
    what = f"a dict of factory ids to dicts of class ids to classes of {kind.__name__}: {{1: {{2: TheClass}}}}"
    is_class = check(what, lambda value: isinstance(value, type) and issubclass(value, kind))
    return dict_of(what, int, dict_of(what, int, is_class))


def by_class(method: str, what: str) -> Check:
    """A dict of classes to what has a method."""
    said = f"a dict of classes to {what}"
    return dict_of(said, type, having(method, said))


class Option(NamedTuple):
    """One row of ``OPTIONS``."""

    default: Any
    check: Check
    """Returns the value to keep; raises ``Refused`` with what is allowed."""


def section(kind: type[Options]) -> Check:
    """An object of a class of options, or a dict of them."""

    def checked(value: Any) -> Options:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise Refused(f"a dict of the options {', '.join(kind.TABLE)}")
        return kind.from_dict(value)

    return checked


def by_name(kind: type[Options]) -> Check:
    """For each name of a structure, its options."""
    return dict_of("a dict of str to the options of the structure of that name", str, section(kind))


class Options:
    """Options, each an attribute that is checked when it is set."""

    TABLE: ClassVar[Mapping[str, Option]] = {}
    SECRET: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        for name, option in self.TABLE.items():
            self._keep(name, copy.copy(option.default))

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> Self:
        """Make options of ``{option: value}``."""
        options = cls()
        options._set(d)
        return options

    def _set(self, options: Mapping[str, Any]) -> None:
        for name, value in options.items():
            setattr(self, name, value)

    def _set_given(self, **options: Any) -> None:
        self._set({name: value for name, value in options.items() if value is not None})

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, f"_{name}", value)

    def _kept(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.TABLE}

    def __getattr__(self, name: str) -> Any:
        if name in self.TABLE:
            return object.__getattribute__(self, f"_{name}")
        raise AttributeError(str(unknown_option(name, self.TABLE)))

    def __setattr__(self, name: str, value: Any) -> None:
        option = self.TABLE.get(name)
        if option is None:
            raise unknown_option(name, self.TABLE)
        try:
            checked = option.check(value)
        except Refused as allowed:
            shown = "a value" if name in self.SECRET else repr(value)
            raise InvalidOptionError(f"{name} must be {allowed}, not {shown}") from None
        self._keep(name, checked)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy has options of its own, checked again: a list may have been appended to since."""
        return self.from_dict, ({name: value for name, value in self._kept().items() if value is not None},)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._kept() == self._kept()

    def __dir__(self) -> list[str]:
        return [*self.TABLE, "from_dict"]

    def __repr__(self) -> str:
        said = (
            f"{name}={'***' if name in self.SECRET else repr(value)}"
            for name, value in self._kept().items()
            if value != self.TABLE[name].default
        )
        return f"{type(self).__name__}({', '.join(said)})"


def unknown_option(name: str, table: Mapping[str, Option]) -> InvalidConfigurationError:
    """The error for a name that is no option: it says which option is nearest."""
    near = difflib.get_close_matches(name, table, n=1, cutoff=0.5)
    hint = f": did you mean {near[0]}?" if near else "; the options are " + ", ".join(sorted(table))
    return InvalidConfigurationError(f"{name!r} is not an option{hint}")
