"""What serializers of users write and read, through a member: every method of the streams."""

from __future__ import annotations

from typing import Any

from hzdata import LocalCluster
from hzdata.core.serialization.api import IdentifiedDataSerializable, StreamSerializer

SCALARS: dict[str, Any] = {
    "boolean": True, "byte": -3, "short": -300, "char": "ß", "int": 70_000, "long": -(2**40),
    "float": 0.5, "double": 1e300, "string": "añ", "utf": "é", "object": {"a": [1, None]},
}  # fmt: skip
ARRAYS: dict[str, Any] = {
    "byte_array": bytearray(b"\1\2"), "boolean_array": [True, False], "char_array": ["a", "ß"], "int_array": [1, -2],
    "long_array": [2**40], "double_array": [0.1], "float_array": [0.5], "short_array": [-1],
    "string_array": ["x", None], "utf_array": ["y"],
}  # fmt: skip


class Everything(IdentifiedDataSerializable):
    def get_factory_id(self) -> int:
        return 5

    def get_class_id(self) -> int:
        return 1

    def write_data(self, object_data_output: Any) -> None:
        out = object_data_output
        for name, value in (SCALARS | ARRAYS).items():
            getattr(out, f"write_{name}")(value)
        for name in ARRAYS:
            getattr(out, f"write_{name}")(None)
        out.write_byte(200)
        out.write_short(-2)
        out.write_from(b"skipped kept", 0, 12)
        out.write_bytes("bytes")
        out.write_chars("chars")
        self.order = out.get_byte_order()
        assert bytes(out.to_byte_array()).endswith(b"s")
        out.write_int(42)

    def read_data(self, object_data_input: Any) -> None:
        inp = object_data_input
        self.values = {name: getattr(inp, f"read_{name}")() for name in SCALARS | ARRAYS}
        self.nulls = [getattr(inp, f"read_{name}")() for name in ARRAYS]
        self.unsigned = (inp.read_unsigned_byte(), inp.read_unsigned_short())
        assert inp.skip_bytes(8) == 8
        self.kept = bytes(inp.read_into(bytearray(4)))
        assert inp.skip_bytes(5 + 10) == 15
        self.order = inp.get_byte_order()
        self.left = inp.size() - inp.position()
        self.last = inp.read_int()


def test_every_method_of_the_streams(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect(data_serializable_factories={5: {1: Everything}})
    m = client.get_map(unique_name).blocking()
    m.put(1, Everything())
    found = m.get(1)
    assert found.values == SCALARS | ARRAYS
    assert found.nulls == [None] * len(ARRAYS)
    assert found.unsigned == (200, 65534)
    assert (found.kept, found.order, found.left, found.last) == (b"kept", "BIG_ENDIAN", 4, 42)
    client.shutdown()


class Point:
    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


class PointSerializer(StreamSerializer):
    def get_type_id(self) -> int:
        return 77

    def write(self, out: Any, obj: Any) -> None:
        out.write_double(obj.x)
        out.write_double(obj.y)

    def read(self, inp: Any) -> Point:
        return Point(inp.read_double(), inp.read_double())


def test_objects_of_ones_own_serializer(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect(custom_serializers={Point: PointSerializer})
    m = client.get_map(unique_name).blocking()
    m.put("p", Point(1.5, -2.5))
    assert (m.get("p").x, m.get("p").y) == (1.5, -2.5)
    client.shutdown()
