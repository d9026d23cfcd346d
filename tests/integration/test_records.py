"""What members write by themselves, in either byte order: it is read here, and is byte for byte what we write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from hzdata import LocalCluster
from hzdata.core import predicate
from hzdata.core.client import HazelcastClient
from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.api import Portable
from hzdata.core.serialization.portable.classdef import ClassDefinitionBuilder
from tests import java_classes as java
from tests.conftest import QUICK_START, VERSION
from tests.core.serialization.compact.java_values import EVERY_KIND
from tests.core.serialization.compact.rows import SERIALIZERS, Row
from tests.core.serialization.test_portable import ARRAYS, NULLABLE, VALUES, OurEverything, OurInner
from tests.integration.test_interop import row
from tests.integration.test_portable import definitions_of_everything

# By column: its SQL type, the type of the field, a value.
COLUMNS: dict[str, tuple[str, str, Any]] = {
    "flag": ("BOOLEAN", "boolean", True), "tiny": ("TINYINT", "byte", -5), "small": ("SMALLINT", "short", 300),
    "whole": ("INTEGER", "int", -70_000), "big": ("BIGINT", "long", 2**31 - 1), "single": ("REAL", "float", 0.5),
    "wide": ("DOUBLE", "double", 1e300), "text": ("VARCHAR", "string", "añ😀"),
    "exact": ("DECIMAL", "decimal", Decimal("-12.340")), "clock": ("TIME", "time", time(1, 2, 3, 4000)),
    "day": ("DATE", "date", date(2024, 2, 29)), "moment": ("TIMESTAMP", "timestamp", datetime(2024, 2, 29, 1, 2, 3, 4)),
    "zoned": ("TIMESTAMP WITH TIME ZONE", "timestamp_with_timezone", datetime(2024, 2, 29, 1, 2, 3, 4, UTC)),
}  # fmt: skip


class SqlRow(Portable):
    """Its fields are in another order than the columns."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values = values or {}

    def write_portable(self, writer: Any) -> None:
        for name, (_, type, _) in reversed(COLUMNS.items()):
            getattr(writer, f"write_{type}")(name, self.values[name])

    def read_portable(self, reader: Any) -> None:
        self.values = {name: getattr(reader, f"read_{type}")(name) for name, (_, type, _) in COLUMNS.items()}

    def get_factory_id(self) -> int:
        return 1

    def get_class_id(self) -> int:
        return 3


class WithoutRawData(OurEverything):
    """As the generic records of members."""

    has_raw = False


@pytest.fixture(scope="module", params=["BIG_ENDIAN", "LITTLE_ENDIAN"])
def ours(request: pytest.FixtureRequest) -> Iterator[HazelcastClient]:
    """A client of a member of that byte order, with class definitions of what has nulls."""
    config = {
        **java.MEMBER_CONFIG,
        "serialization": java.MEMBER_CONFIG["serialization"] | {"byte-order": request.param},
    }
    with (
        LocalCluster(
            version=VERSION,
            classpath=[java.compiled(VERSION)],
            config=config,
            jvm_args=QUICK_START,
            cluster_name=request.param,
        ) as cluster,
        cluster.connect(
            is_big_endian=request.param == "BIG_ENDIAN",
            portable_factories={1: {1: WithoutRawData, 2: OurInner, 3: SqlRow}},
            class_definitions=definitions_of_everything(ClassDefinitionBuilder),
            compact_serializers=SERIALIZERS,
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("nulls", [False, True])
def test_a_portable_that_a_member_wrote_anew_has_the_bytes_of_ours(
    ours: HazelcastClient, unique_name: str, nulls: bool
) -> None:
    m = ours.get_map(unique_name).blocking()
    values = {**VALUES, **ARRAYS, **(dict.fromkeys((*NULLABLE, *ARRAYS)) if nulls else {})}
    inner = None if nulls else OurInner(5)
    m.put(1, WithoutRawData(values, inner))

    assert m.execute_on_key(1, java.IncrementField("a_int")) == VALUES["int"] + 1
    changed = {**values, "int": VALUES["int"] + 1}
    assert m.get(1).values == changed
    assert m.get(1).inner == (inner and 5)
    assert m.get(1).inners == [1, 2]
    assert m.contains_value(WithoutRawData(changed, inner))
    assert not m.contains_value(WithoutRawData(values, inner))


@pytest.mark.parametrize("nulls", [False, True])
def test_a_compact_value_that_a_member_wrote_anew_has_the_bytes_of_ours(
    ours: HazelcastClient, unique_name: str, nulls: bool
) -> None:
    m = ours.get_map(unique_name).blocking()
    # In the order of their names, as generic records of members lay them out.
    value = Row(*sorted(row(nulls=nulls).fields, key=lambda field: field[0]))
    m.put(1, value)

    assert m.execute_on_key(1, java.IncrementField("int32")) == EVERY_KIND["int32"] + 1
    changed = Row(*((n, kind, v + 1 if kind == FieldKind.INT32 else v) for n, kind, v in value.fields))
    assert m.get(1) == changed
    assert m.contains_value(changed)


def test_a_portable_that_sql_wrote_is_read_whatever_the_order_of_its_columns(
    ours: HazelcastClient, unique_name: str
) -> None:
    columns = ", ".join(f'"{name}" {sql_type}' for name, (sql_type, *_) in COLUMNS.items())
    ours.sql.execute(
        f"CREATE MAPPING \"{unique_name}\" (__key INT, {columns}) TYPE IMap OPTIONS ('keyFormat'='int', "
        "'valueFormat'='portable', 'valuePortableFactoryId'='1', 'valuePortableClassId'='3')"
    ).result()
    m = ours.get_map(unique_name).blocking()
    values = {name: value for name, (*_, value) in COLUMNS.items()}
    # Also after this client has written the class in its own order.
    ours.get_map(f"{unique_name}_other").put(1, SqlRow(values)).result()
    marks = ", ".join(["?", *(f"CAST(? AS {sql_type})" for sql_type, *_ in COLUMNS.values())])
    nulls = dict.fromkeys(name for name, (_, type, _) in COLUMNS.items() if type in NULLABLE)
    for key, given in ((1, values), (2, values | nulls)):
        ours.sql.execute(f'INSERT INTO "{unique_name}" VALUES ({marks})', key, *given.values()).result()
        assert m.get(key).values == given
        [found] = ours.sql.execute(f'SELECT * FROM "{unique_name}" WHERE __key = ?', key).result()
        assert {name: found[name] for name in COLUMNS} == given
    assert m.key_set(predicate.equal("text", "añ😀")) == [1]


def test_a_member_compares_what_we_wrote(ours: HazelcastClient, unique_name: str) -> None:
    m = ours.get_map(unique_name).blocking()
    values = [7, -(2**31), 2.5, "añ", Decimal("1.10"), date(2024, 2, 29), datetime(2024, 1, 1, tzinfo=UTC), [1, "a"]]
    m.put_all(dict(enumerate(values)))
    assert m.get_all(list(range(len(values)))) == dict(enumerate(values))
    assert all(m.contains_value(value) for value in values)
    numbers = ours.get_map(f"{unique_name}_numbers").blocking()
    numbers.put_all({i: i * 1000 for i in range(10)})
    assert sorted(numbers.key_set(predicate.greater("this", 6500))) == [7, 8, 9]
