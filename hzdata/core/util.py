"""Checks of arguments, times, and load balancers."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Sized
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from .cluster import ClusterService
from .core import MemberInfo
from .dispatch import this_thread

_T = TypeVar("_T")

_MOST_MILLIS = (1 << 63) - 1


def check_not_none(val: Any, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is None.

    Examples
    --------
    >>> check_not_none(None, "key cannot be None")
    Traceback (most recent call last):
    ...
    AssertionError: key cannot be None
    """
    check_true(val is not None, message)


def check_true(val: bool, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is not true.

    Examples
    --------
    >>> check_true(2 > 3, "2 is less")
    Traceback (most recent call last):
    ...
    AssertionError: 2 is less
    """
    if not val:
        raise AssertionError(message)


def check_not_negative(val: float, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is below 0.

    Examples
    --------
    >>> check_not_negative(-1, "count is below 0")
    Traceback (most recent call last):
    ...
    AssertionError: count is below 0
    """
    check_true(not val < 0, message)


def check_not_empty(collection: Sized, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``collection`` has nothing in it.

    Examples
    --------
    >>> check_not_empty([], "give some")
    Traceback (most recent call last):
    ...
    AssertionError: give some
    """
    check_true(len(collection) > 0, message)


def check_is_number(val: Any, message: str = "Number value expected") -> None:
    """Raise an AssertionError with ``message`` when ``val`` is no number.

    Examples
    --------
    >>> check_is_number("3")
    Traceback (most recent call last):
    ...
    AssertionError: Number value expected
    """
    check_true(isinstance(val, (int, float)), message)


def check_is_int(val: Any, message: str = "Int value expected") -> None:
    """Raise an AssertionError with ``message`` when ``val`` is no int.

    Examples
    --------
    >>> check_is_int(3.0)
    Traceback (most recent call last):
    ...
    AssertionError: Int value expected
    """
    check_true(isinstance(val, int), message)


def current_time() -> float:
    """Seconds since the epoch.

    Examples
    --------
    >>> current_time() <= current_time()
    True
    """
    return time.time()


def current_time_in_millis() -> int:
    """Milliseconds since the epoch.

    Examples
    --------
    >>> current_time_in_millis() >= int(current_time() * 1000) - 1
    True
    """
    return int(time.time() * 1000)


def to_millis(seconds: float | None) -> int:
    """Seconds as whole milliseconds, as many as members take; -1, "not said", for None. What is above 0 stays so.

    Examples
    --------
    >>> to_millis(1.5), to_millis(None), to_millis(0.0001), to_millis(1e30)
    (1500, -1, 1, 9223372036854775807)
    """
    return -1 if seconds is None else int(min(seconds * 1000, _MOST_MILLIS)) or int(seconds > 0)


def to_nanos(seconds: float) -> int:
    """Seconds as whole nanoseconds.

    Examples
    --------
    >>> to_nanos(1.5)
    1500000000
    """
    return int(seconds * 1_000_000_000)


def to_signed(unsigned: int, bit_len: int) -> int:
    """The number that the lowest ``bit_len`` bits are in two's complement.

    Examples
    --------
    >>> to_signed(255, 8), to_signed(127, 8)
    (-1, 127)
    """
    value = unsigned & ((1 << bit_len) - 1)
    return value - (1 << bit_len) if value >> (bit_len - 1) else value


def int_from_bytes(buf: bytes | bytearray) -> int:
    """The number that bytes are in two's complement, big endian.

    Examples
    --------
    >>> int_from_bytes(b"\\xff\\x00")
    -256
    """
    return int.from_bytes(buf, "big", signed=True)


def int_to_bytes(number: int) -> bytes:
    """A number in two's complement, big endian, in as few bytes as hold it.

    Examples
    --------
    >>> int_to_bytes(-256), int_to_bytes(127), int_to_bytes(128)
    (b'\\xff\\x00', b'\\x7f', b'\\x00\\x80')
    """
    width = (8 + (number + (number < 0)).bit_length()) // 8
    return number.to_bytes(width, "big", signed=True)


def to_list(*args: Any, **kwargs: Any) -> list[Any]:
    """As ``list``.

    Examples
    --------
    >>> to_list("ab")
    ['a', 'b']
    """
    return list(*args, **kwargs)


def deserialize_list_in_place(data_list: list[Any], to_object_fn: Callable[[Any], Any]) -> list[Any]:
    """Replace each item by the object that it is.

    Examples
    --------
    >>> deserialize_list_in_place(["1", "2"], int)
    [1, 2]
    """
    data_list[:] = map(to_object_fn, data_list)
    return data_list


def deserialize_entry_list_in_place(
    entry_data_list: list[Any], to_object_fn: Callable[[Any], Any]
) -> list[tuple[Any, Any]]:
    """Replace key and value of each entry by the objects that they are.

    Examples
    --------
    >>> deserialize_entry_list_in_place([("1", "2")], int)
    [(1, 2)]
    """
    entry_data_list[:] = [(to_object_fn(key), to_object_fn(value)) for key, value in entry_data_list]
    return entry_data_list


def get_portable_version(portable: Any, default_version: int) -> int:
    """The version that an object's class says by ``get_class_version()``, else the default.

    Examples
    --------
    >>> get_portable_version(object(), 0)
    0
    """
    get_class_version = getattr(portable, "get_class_version", None)
    return default_version if get_class_version is None else int(get_class_version())


def calculate_version(version_str: str | None) -> int:
    """A version such as ``"5.7.0"`` as a number, 50700, that can be compared; -1 for what is none.

    Examples
    --------
    >>> calculate_version("5.7.0") > calculate_version("5.4.0"), calculate_version("latest")
    (True, -1)
    """
    parts = (version_str or "").split("-")[0].split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:3]):
        return -1
    patch = int(parts[2]) if len(parts) > 2 else 0
    return int(parts[0]) * 10_000 + int(parts[1]) * 100 + patch


def get_attr_name(cls: type, value: Any) -> str | None:
    """The name of the constant of a class that has this value; None when there is none.

    Examples
    --------
    >>> from hzdata.core.config import EvictionPolicy
    >>> get_attr_name(EvictionPolicy, EvictionPolicy.LFU)
    'LFU'
    """
    return next((name for name, constant in vars(cls).items() if constant == value), None)


def try_to_get_enum_value(value: Any, enum_class: type) -> Any:
    """The value of a constant of a class, given by value or by name.

    Raises
    ------
    TypeError
        When there is no such constant.

    Examples
    --------
    >>> from hzdata.core.config import EvictionPolicy
    >>> try_to_get_enum_value("LFU", EvictionPolicy) == EvictionPolicy.LFU
    True
    """
    if get_attr_name(enum_class, value) is not None:
        return value
    if isinstance(value, str) and value in vars(enum_class):
        return vars(enum_class)[value]
    raise TypeError(f"{value!r} must be one of the values or names of the constants of {enum_class.__name__}")


def validate_type(_type: Any) -> None:
    """Raise a ValueError when this is no class.

    Examples
    --------
    >>> validate_type("int")
    Traceback (most recent call last):
    ...
    ValueError: 'int' must be a class
    """
    if not isinstance(_type, type):
        raise ValueError(f"{_type!r} must be a class")


def validate_serializer(serializer: type, _type: type) -> None:
    """Raise a ValueError when a class of serializers is not derived from another.

    Examples
    --------
    >>> validate_serializer(int, str)
    Traceback (most recent call last):
    ...
    ValueError: Serializer should be an instance of str
    """
    if not issubclass(serializer, _type):
        raise ValueError(f"Serializer should be an instance of {_type.__name__}")


def try_to_get_error_message(error: BaseException) -> str | None:
    """The message of an error; None when it has none.

    Examples
    --------
    >>> try_to_get_error_message(ValueError("no")), try_to_get_error_message(ValueError())
    ('no', None)
    """
    message = getattr(error, "message", None) or (error.args[0] if error.args else None)
    return None if message is None else str(message)


def re_raise(exception: BaseException, traceback: TracebackType | None) -> NoReturn:
    """Raise an error with a traceback.

    Examples
    --------
    >>> re_raise(ValueError("no"), None)
    Traceback (most recent call last):
    ...
    ValueError: no
    """
    raise exception.with_traceback(traceback)


def member_of_larger_same_version_group(members: Iterable[MemberInfo]) -> MemberInfo | None:
    """A member, by chance, of the version that most members with data have, the newer one of two; None without any.

    Raises
    ------
    ValueError
        When there are more than two versions: a cluster that is upgraded has two.

    Examples
    --------
    >>> members = client.cluster_service.get_members()
    >>> member_of_larger_same_version_group(members) in members
    True
    """
    groups: dict[tuple[int, int], list[MemberInfo]] = {}
    for member in members:
        if not member.lite_member and member.version is not None:
            groups.setdefault(member.version[:2], []).append(member)
    if not groups:
        return None
    if len(groups) > 2:
        raise ValueError(f"More than 2 distinct member versions found: {sorted(groups)}")
    return random.choice(max(groups.items(), key=lambda group: (len(group[1]), group[0]))[1])


class AtomicInteger:
    """A count that several threads may change at once.

    Examples
    --------
    >>> count = AtomicInteger(3)
    >>> count.add(2)
    >>> count.get_and_increment(), count.increment_and_get(), count.get()
    (5, 7, 7)
    """

    def __init__(self, initial: int = 0) -> None:
        self._value = initial
        self._lock = threading.Lock()

    def get(self) -> int:
        """Return the count."""
        return self._value

    def add(self, count: int) -> None:
        """Change the count by so much."""
        self._add(count)

    def get_and_increment(self) -> int:
        """Add 1 and return what it was before."""
        return self._add(1) - 1

    def increment_and_get(self) -> int:
        """Add 1 and return what it is then."""
        return self._add(1)

    def _add(self, count: int) -> int:
        with self._lock:
            self._value += count
            return self._value


class IterationType:
    """What of the entries a query asks for, as comparators on the members are told.

    Examples
    --------
    >>> IterationType.KEY, IterationType.VALUE, IterationType.ENTRY
    (0, 1, 2)
    """

    KEY = 0
    VALUE = 1
    ENTRY = 2


def thread_id() -> int:
    """The id by which members know the calling thread: locks belong to it.

    Examples
    --------
    >>> thread_id() == threading.get_ident()
    True
    """
    return this_thread.acts_as or threading.get_ident()


def acting_as(caller: int, call: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
    """Return ``call(*args, **kwargs)``, for which ``thread_id()`` is ``caller``: it goes on for that thread."""
    outer, this_thread.acts_as = this_thread.acts_as, caller
    try:
        return call(*args, **kwargs)
    finally:
        this_thread.acts_as = outer


class LoadBalancer:
    """Chooses the member for operations that any member can do. Subclass it to choose otherwise.

    Examples
    --------
    >>> class TheOldest(LoadBalancer):
    ...     def init(self, cluster_service):
    ...         self.members = cluster_service.get_members
    ...
    ...     def next(self):
    ...         return self.members()[0]
    >>> from hzdata.core.config import Config
    >>> config = Config.from_dict({"load_balancer": TheOldest()})
    """

    def init(self, cluster_service: ClusterService) -> None:
        """Called once, before ``next``, with the service that tells the members."""
        raise NotImplementedError

    def next(self) -> MemberInfo | None:
        """Return a member, or None when there is none."""
        raise NotImplementedError


class _AbstractLoadBalancer(LoadBalancer):
    _members: Callable[[], list[MemberInfo]] = staticmethod(list)

    def init(self, cluster_service: ClusterService) -> None:
        self._members = cluster_service.get_members

    def next(self) -> MemberInfo | None:
        members = self._members()
        return self._choose(members) if members else None

    def _choose(self, members: list[MemberInfo]) -> MemberInfo:
        return random.choice(members)


class RoundRobinLB(_AbstractLoadBalancer):
    """One member after the other.

    Examples
    --------
    >>> balancer = RoundRobinLB()
    >>> balancer.init(client.cluster_service)
    >>> balancer.next() in client.cluster_service.get_members()
    True
    """

    def __init__(self) -> None:
        self._turn = -1

    def _choose(self, members: list[MemberInfo]) -> MemberInfo:
        self._turn += 1
        return members[self._turn % len(members)]


class RandomLB(_AbstractLoadBalancer):
    """A member by chance.

    Examples
    --------
    >>> balancer = RandomLB()
    >>> balancer.next() is None  # It knows no members before init().
    True
    """
