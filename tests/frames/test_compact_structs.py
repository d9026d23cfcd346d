"""Compact values of one schema become an Arrow struct: fields of every kind, nulls everywhere, arrays, nesting."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from hzdata.core.config import Config
from hzdata.core.protocol.field_kinds import ARRAY_OF, COMPACT_KINDS, NULLABLE, FieldKind
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.compact.schema import Schema, SchemaNotReplicatedError
from hzdata.core.serialization.service import SerializationService
from hzdata.frames.columns.structs import StructReader
from hzdata.frames.errors import ColumnValueError
from hzdata.frames.types import ReadPolicy

pytestmark = pytest.mark.usefixtures("both_kernels")

PLAIN: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.BOOLEAN: st.booleans(),
    FieldKind.INT8: st.integers(-(2**7), 2**7 - 1),
    FieldKind.INT16: st.integers(-(2**15), 2**15 - 1),
    FieldKind.INT32: st.integers(-(2**31), 2**31 - 1),
    FieldKind.INT64: st.integers(-(2**63), 2**63 - 1),
    FieldKind.FLOAT32: st.floats(width=32, allow_nan=False),
    FieldKind.FLOAT64: st.floats(allow_nan=False),
    FieldKind.STRING: st.text() | st.just("x" * 300) | st.just("y" * 70_000),
    FieldKind.DECIMAL: st.decimals(-(10**19), 10**19, places=6) | st.integers(-(10**19), 10**19).map(Decimal),
    FieldKind.TIME: st.times(),
    FieldKind.DATE: st.dates(),
    FieldKind.TIMESTAMP: st.datetimes(dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: st.datetimes(
        dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1), timezones=st.just(dt.timezone(dt.timedelta(hours=-3)))
    ),
}
POINT = Schema("point", [("x", FieldKind.INT32), ("name", FieldKind.STRING)])
NO_NULL = set(NULLABLE)


def values_of(kind: FieldKind) -> st.SearchStrategy[Any]:
    for item, array in ARRAY_OF.items():
        if array == kind:
            return st.none() | st.lists(values_of(FieldKind(item)), max_size=9)
    if kind is FieldKind.COMPACT:
        fields = st.fixed_dictionaries({"x": PLAIN[FieldKind.INT32], "name": st.none() | st.text(max_size=5)})
        return st.none() | fields.map(lambda values: GenericRecord(POINT, values))
    for plain, nullable in NULLABLE.items():
        if nullable == kind:
            return st.none() | PLAIN[FieldKind(plain)]
    return PLAIN[kind] if kind in NO_NULL else st.none() | PLAIN[kind]


def serialized(service: SerializationService, values: list[Any]) -> pa.Array:
    datas = []
    for value in values:
        while True:
            try:
                datas.append(service.to_data(value))
                break
            except SchemaNotReplicatedError as missing:
                service.schemas.mark_replicated(missing.schema)
    return pa.array(datas, pa.large_binary())


def structs_of(values: list[Any], *, big_endian: bool = True, policy: ReadPolicy | None = None) -> pa.Array | None:
    service = SerializationService(Config.from_dict({"is_big_endian": big_endian}))
    column = serialized(service, values)

    def schema_of(schema_id: int) -> Schema:
        schema = service.schemas.get(schema_id)
        assert schema is not None
        return schema

    structs = StructReader(schema_of, policy or ReadPolicy(), big_endian).read("o", column)
    if structs is not None:
        structs.validate(full=True)
        # A slice of a column is read from its own offset on.
        part = StructReader(schema_of, policy or ReadPolicy(), big_endian).read("o", column.slice(1))
        assert part is None or part.to_pylist() == structs.to_pylist()[1:]
    return structs


def _bytes(numbers: list[int] | None) -> bytes | None:
    return None if numbers is None else bytes(number % 256 for number in numbers)


def plain(value: Any) -> Any:
    if isinstance(value, GenericRecord):
        kinds = dict(value.fields)
        return {
            name: plain(_bytes(field) if kinds[name] is FieldKind.ARRAY_OF_INT8 else field)
            for name, field in value.items()
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo else value


@pytest.mark.parametrize("kind", sorted(COMPACT_KINDS), ids=lambda kind: kind.name)
@settings(max_examples=30)
@given(data=st.data())
def test_fields_of_every_kind_keep_their_values_and_nulls(kind: FieldKind, data: st.DataObject) -> None:
    # Neighbours of other kinds, so that offsets and the fixed-size region are not trivial.
    schema = Schema("t", [("a", FieldKind.STRING), ("f", kind), ("b", FieldKind.BOOLEAN), ("n", FieldKind.INT64)])
    fields = st.fixed_dictionaries(
        {"a": values_of(FieldKind.STRING), "f": values_of(kind), "b": st.booleans(), "n": PLAIN[FieldKind.INT64]}
    )
    record = fields.map(lambda values: GenericRecord(schema, values))
    records = data.draw(st.lists(st.none() | record, max_size=6))
    structs = structs_of(records, big_endian=data.draw(st.booleans()))
    if structs is None:
        assert all(record is None for record in records)
    else:
        assert structs.to_pylist() == [plain(record) for record in records]


def test_values_of_two_schemas_or_of_none_are_no_struct() -> None:
    one, two = (GenericRecord(Schema(name, [("x", FieldKind.INT32)]), {"x": 1}) for name in ("one", "two"))
    assert structs_of([one, None, one]) is not None
    assert structs_of([one, two]) is None
    assert structs_of([one, 5]) is None
    assert structs_of([None, None]) is None
    assert structs_of([]) is None


def test_nested_values_of_two_schemas_are_no_struct() -> None:
    outer = Schema("outer", [("o", FieldKind.COMPACT)])
    one, two = (GenericRecord(Schema(name, [("x", FieldKind.INT32)]), {"x": 1}) for name in ("one", "two"))
    assert structs_of([GenericRecord(outer, {"o": one}), GenericRecord(outer, {"o": two})]) is None


def test_a_value_in_an_array_that_does_not_fit_names_field_and_row() -> None:
    schema = Schema("t", [("when", FieldKind.ARRAY_OF_TIMESTAMP)])
    records = [
        GenericRecord(schema, {"when": times})
        for times in ([dt.datetime(2000, 1, 1)] * 3, None, [dt.datetime(2000, 1, 1), dt.datetime(9999, 12, 31)])
    ]
    with pytest.raises(ColumnValueError, match=r"column 'o\.when', row 2: 9999-12-31T00:00:00 is beyond"):
        structs_of(records)
    assert structs_of(records, policy=ReadPolicy(timestamp_unit="us")) is not None
