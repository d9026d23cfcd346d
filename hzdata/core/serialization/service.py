"""``SerializationService``: Python objects to ``Data`` and back.

What serializes an object is found by its class, in this order, and remembered:

1. None
2. Compact: a serializer in ``compact_serializers``, or a `GenericRecord`
3. `IdentifiedDataSerializable`
4. `Portable`
5. the built-in types, which no one can override
6. ``custom_serializers``, of the class or the nearest of its bases
7. ``global_serializer``
8. NumPy's scalars, as the Python number or string that they hold
9. pickle
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Collection
from struct import Struct
from typing import Any, NoReturn

from ..errors import HazelcastSerializationError, IllegalArgumentError
from ..protocol.byte_order import BIG_ENDIAN, LITTLE_ENDIAN
from .api import IdentifiedDataSerializable, Portable, StreamSerializer
from .builtin import READERS, Reader, Writer, typed, writers
from .compact.codec import CompactCodec
from .compact.schema import Schemas
from .data import HEADER_SIZE, Data, IntType, TypeId
from .hashing import hash_of
from .identified import identified_reader, write_identified
from .io import ObjectDataInput, ObjectDataOutput
from .pickling import read_pickled, refuse_pickled, write_pickled
from .portable.serializer import PortableSerializer
from .scalars import scalar_decoders, scalar_encoders

_logger = logging.getLogger(__name__)
_pack_hash = BIG_ENDIAN.int.pack
_type_id_of = Struct(">4xi").unpack_from
_NAMES: dict[int, str] = {id: f"{id} ({name})" for name, id in vars(TypeId).items() if isinstance(id, int)}
_UNREADABLE = {
    TypeId.JAVA_SERIALIZABLE: "It is a java.io.Serializable object, which only Java can read: store a Compact value "
    "or one of the built-in types instead.",
    TypeId.JAVA_EXTERNALIZABLE: "It is a java.io.Externalizable object, which only Java can read.",
}


class SerializationService:
    """Turns objects into `Data` and `Data` into objects, as the configuration says.

    Parameters
    ----------
    config : Config
        Read here: ``is_big_endian``, ``default_int_type``, ``compact_serializers``, ``custom_serializers``,
        ``global_serializer``, ``data_serializable_factories``, ``allow_unpickling``, and those of Portable:
        ``portable_factories``, ``portable_version``, ``class_definitions``, ``check_class_definition_errors``.

    Attributes
    ----------
    schemas : Schemas
        The Compact schemas that are known.
    compact : CompactCodec
    portable : PortableSerializer
        What reads and writes those nested in others.

    Raises
    ------
    IllegalArgumentError
        When a serializer is registered for a built-in type, or two for one class, type name or type id.
    """

    def __init__(self, config: Any) -> None:
        self.schemas = Schemas()
        self._order = BIG_ENDIAN if config.is_big_endian else LITTLE_ENDIAN
        self.compact: CompactCodec = CompactCodec(map(_instance, config.compact_serializers), self.schemas, self._order)
        self.portable: PortableSerializer = PortableSerializer(config)
        self._writers = writers(config.default_int_type)
        self._builtin = frozenset(self._writers)
        self._writers |= dict.fromkeys(self.compact.classes, typed(TypeId.COMPACT, self.compact.write))
        self._custom: dict[type, Writer] = {}
        self._readers: dict[int, Reader] = {
            **READERS,
            TypeId.IDENTIFIED_DATA_SERIALIZABLE: identified_reader(config.data_serializable_factories),
            TypeId.COMPACT: self.compact.read,
            TypeId.PORTABLE: self.portable.read,
            TypeId.PICKLE: read_pickled if config.allow_unpickling else refuse_pickled,
        }
        self._stream_serializers: list[StreamSerializer] = []
        registered = {"compact_serializers": self.compact.classes, "custom_serializers": config.custom_serializers}
        for option, classes in registered.items():
            for clazz in self._builtin.intersection(classes):
                raise IllegalArgumentError(
                    f"{option} has a serializer for {clazz.__name__}, a built-in type, which cannot be overridden."
                )
        for clazz, serializer in config.custom_serializers.items():
            self._custom[clazz] = self._register(_instance(serializer))
        if config.global_serializer is not None:
            # Of every class, after all others of its bases.
            self._custom.setdefault(object, self._register(_instance(config.global_serializer)))
        self._encoders = scalar_encoders(self._order, config.default_int_type)
        self._decoders = scalar_decoders(self._order)
        self._long = scalar_encoders(self._order, IntType.LONG)[int]

    def to_parameter(self, obj: Any) -> Data | None:
        """Serialize a parameter of SQL: as ``to_data``, but members convert it, so a greater int may be a long."""
        try:
            return self.to_data(obj)
        except HazelcastSerializationError:
            if type(obj) is int and -1 << 63 <= obj < 1 << 63:
                return Data(self._long(obj))
            raise

    def to_data(self, obj: Any, partitioning_strategy: Callable[[Any], Any] | None = None) -> Data | None:
        """Serialize an object.

        Parameters
        ----------
        obj : object
            None gives None, a `Data` is given back as it is.
        partitioning_strategy : callable, optional
            Given the object, returns the key whose partition it is to lie in, or None for its own. Without one an
            object of one's own class is asked for it by its method ``get_partition_key()``, if it has one.

        Raises
        ------
        HazelcastSerializationError
            When the object cannot be serialized.
        SchemaNotReplicatedError
            When a Compact schema it needs is not marked as replicated yet.
        """
        encode = self._encoders.get(type(obj))
        if encode is not None and partitioning_strategy is None:
            try:
                return Data(encode(obj))
            except Exception:
                pass  # the long way finds out what is wrong, and says it
        if obj is None or isinstance(obj, Data):
            return obj
        try:
            has_own = partitioning_strategy is None and type(obj) in self._builtin
            key_hash = 0 if has_own else self._partition_hash(obj, partitioning_strategy)
            out = ObjectDataOutput(self, self._order, _pack_hash(key_hash))
            (self._writers.get(type(obj)) or self._resolve(obj))(out, obj)
            if self._order is LITTLE_ENDIAN:
                out.buffer[4:HEADER_SIZE] = out.buffer[HEADER_SIZE - 1 : 3 : -1]  # a header is always big endian
        except HazelcastSerializationError:
            raise
        except Exception as error:
            raise HazelcastSerializationError(
                f"A value of class {type(obj).__qualname__} cannot be serialized: {error}"
            ) from error
        return Data(out.buffer)

    def to_object(self, data: bytes | memoryview | None) -> Any:
        """Deserialize what `to_data` made, here or in another client or member.

        Parameters
        ----------
        data : bytes-like or None
            A whole `Data`: header and payload.

        Raises
        ------
        HazelcastSerializationError
            When there is nothing that reads its type, or it cannot be read.
        SchemaNotFoundError
            When it has a Compact schema not seen yet.
        """
        if data is None:
            return None
        if type(data) is memoryview:
            data = bytes(data)
        try:
            type_id: int = _type_id_of(data)[0]
            decode = self._decoders.get(type_id)
            if decode is not None:
                return decode(data)
            inp = ObjectDataInput(self, self._order, data, HEADER_SIZE)
            return (self._readers.get(type_id) or _refuse(type_id))(inp)
        except HazelcastSerializationError:
            raise
        except Exception as error:
            raise HazelcastSerializationError(f"{_described(data)} cannot be deserialized: {error}") from error

    def all_to_data(self, objects: Collection[Any], one: Callable[[Any], Data]) -> list[bytes]:
        """Serialize many objects by ``one``; those of one plain type in a fraction of the time.

        They are no `Data` then: the garbage collector counts and visits these, but not bytes.
        """
        types = set(map(type, objects))
        return _all(objects, self._encoders.get(types.pop()) if len(types) == 1 else None, one)

    def all_to_objects(self, datas: Collection[bytes | None]) -> list[Any]:
        """Deserialize many; those of one plain type in a fraction of the time."""
        types = {data[4:HEADER_SIZE] for data in datas if data is not None}
        type_id = int.from_bytes(types.pop(), "big", signed=True) if len(types) == 1 else TypeId.NULL
        return _all(datas, self._decoders.get(type_id), self.to_object)

    def write_object(self, out: ObjectDataOutput, obj: Any) -> None:
        """Write an object into another one: its type id and its payload."""
        if isinstance(obj, Data):
            raise HazelcastSerializationError("A Data cannot be written into another object; write the object itself.")
        (self._writers.get(type(obj)) or self._resolve(obj))(out, obj)

    def read_object(self, inp: ObjectDataInput) -> Any:
        """Read an object that is part of another one."""
        type_id = inp.read_int()
        return (self._readers.get(type_id) or _refuse(type_id))(inp)

    def without_unpickling(self) -> SerializationService:
        """This service, but that it refuses pickled values, those inside of others too."""
        view = copy.copy(self)
        view._readers = {**self._readers, TypeId.PICKLE: refuse_pickled}
        return view

    def destroy(self) -> None:
        """Tell the serializers of the user's that they are not needed any more."""
        for serializer in self._stream_serializers:
            try:
                serializer.destroy()
            except Exception:
                _logger.exception("destroy() of %s failed", type(serializer).__name__)

    def _register(self, serializer: StreamSerializer) -> Writer:
        type_id = serializer.get_type_id()
        if type_id <= 0:
            raise IllegalArgumentError(
                f"The type id of {type(serializer).__name__} is {type_id}; it must be positive, others are taken."
            )
        known = self._readers.setdefault(type_id, serializer.read)
        if known != serializer.read and type(getattr(known, "__self__", None)) is not type(serializer):
            raise IllegalArgumentError(
                f"Two serializers have the type id {type_id}; {type(serializer).__name__} needs another."
            )
        if serializer not in self._stream_serializers:
            self._stream_serializers.append(serializer)
        return typed(type_id, serializer.write)

    def _resolve(self, obj: Any) -> Writer:
        """Find out how objects of a class that is met for the first time are written."""
        writer = self._writers[type(obj)] = self._find(obj, type(obj))
        return writer

    def _find(self, obj: Any, clazz: type) -> Writer:
        if issubclass(clazz, IdentifiedDataSerializable):
            return write_identified
        if issubclass(clazz, Portable):
            return typed(TypeId.PORTABLE, self.portable.write)
        if issubclass(clazz, str | bytearray):
            return self._writers[str if issubclass(clazz, str) else bytearray]
        for base in clazz.__mro__:
            if base in self._custom:
                return self._custom[base]
        # Dates and durations are left out: what they hold in Python depends on their unit.
        is_numpy = any(base.__module__ == "numpy" and base.__name__ == "generic" for base in clazz.__mro__)
        if is_numpy and obj.dtype.kind in "biufUS" and type(obj.item()) in self._builtin:
            write = self._writers[type(obj.item())]
            return lambda out, scalar: write(out, scalar.item())
        return write_pickled

    def _partition_hash(self, obj: Any, strategy: Callable[[Any], Any] | None) -> int:
        get_partition_key = getattr(obj, "get_partition_key", None)
        key = strategy(obj) if strategy is not None else get_partition_key and get_partition_key()
        data = None if key is obj else self.to_data(key)
        return 0 if data is None else hash_of(data)


def _all(items: Collection[Any], quick: Callable[[Any], Any] | None, one: Callable[[Any], Any]) -> list[Any]:
    if quick is not None:
        try:
            return list(map(quick, items))
        except Exception:
            pass  # one is null, or the long way finds out what is wrong, and says it
    return list(map(one, items))


def _instance(serializer: Any) -> Any:
    """Serializers are registered as classes or as objects."""
    return serializer() if isinstance(serializer, type) else serializer


def _refuse(type_id: int) -> NoReturn:
    reason = "Register the serializer that wrote it in custom_serializers or as global_serializer."
    raise HazelcastSerializationError(
        f"There is no serializer for type id {_NAMES.get(type_id, type_id)}. {_UNREADABLE.get(type_id, reason)}"
    )


def _described(data: bytes) -> str:
    if len(data) < HEADER_SIZE:
        return f"Data of {len(data)} bytes, shorter than its header,"
    type_id = _type_id_of(data)[0]
    return f"Data of type id {_NAMES.get(type_id, type_id)}, {len(data)} bytes,"
