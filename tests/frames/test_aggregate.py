"""Aggregating on the members gives what pandas' own groupby and agg give of the same frame."""

from __future__ import annotations

import contextlib
from datetime import date, time
from decimal import Decimal
from statistics import variance
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.predicate import (
    Predicate,
    and_,
    between,
    equal,
    false,
    greater,
    greater_or_equal,
    ilike,
    in_,
    less,
    less_or_equal,
    like,
    not_,
    not_equal,
    or_,
    paging,
    regex,
    sql,
    true,
)  # fmt: skip
from hzdata.frames.conditions import Untranslatable, sql_condition
from hzdata.frames.errors import ColumnTypeError, ColumnValueError
from hzdata.frames.groups import Groups

ROWS = 600


def column(dtype: Any, values: list[Any]) -> Any:
    """Every seventh value is null."""
    return pd.array([None if i % 7 == 3 else value for i, value in enumerate(values)], dtype=dtype)


FRAME = pd.DataFrame(
    {
        "id": pd.array(range(ROWS), dtype="Int64"),
        "group": column("str", ["a", "b", "ä", "Z"] * (ROWS // 4)),
        "part": column("Int16", [i % 3 for i in range(ROWS)]),
        "byte": column("Int8", [i % 100 - 50 for i in range(ROWS)]),
        "number": column("Int32", [i * i for i in range(ROWS)]),
        "long": column("Int64", [2**33 + i for i in range(ROWS)]),
        "single": column("Float32", np.linspace(-1, 1, ROWS).tolist()),
        "double": np.where(np.arange(ROWS) % 5, np.linspace(1e6, 1e6 + 1, ROWS), np.nan),
        "rare": [1.5 if i == 0 else None for i in range(ROWS)],
        "money": column(pd.ArrowDtype(pa.decimal128(20, 2)), [Decimal(i % 90) / 4 for i in range(ROWS)]),
        "flag": column("boolean", [i % 2 == 0 for i in range(ROWS)]),
        "text": column("str", [f"t{i % 50}" for i in range(ROWS)]),
        "day": column(pd.ArrowDtype(pa.date32()), [date(2020, 1, 1 + i % 28) for i in range(ROWS)]),
        "clock": column(pd.ArrowDtype(pa.time64("ns")), [time(i % 24, 1, 2) for i in range(ROWS)]),
        "when": pd.date_range("2020-01-01", periods=ROWS, freq="37min", unit="ns") + pd.Timedelta(1, "ns"),
        "instant": pd.date_range("2020-01-01", periods=ROWS, freq="h", tz="UTC", unit="ns") + pd.Timedelta(1, "ns"),
    }
)
NUMBERS = ["byte", "number", "long", "single", "double", "rare", "money", "flag"]
ORDERED = [*NUMBERS, "text", "day", "clock", "when", "instant"]


@pytest.fixture(scope="module")
def mapped(cluster: LocalCluster) -> str:
    FRAME.to_hz_map("aggregated", key="id", client=cluster.client)
    return "aggregated"


@pytest.fixture(scope="module")
def bare(cluster: LocalCluster) -> str:
    """The same map without a mapping."""
    FRAME.to_hz_map("aggregated_bare", key="id", client=cluster.client)
    cluster.client.sql.execute("DROP MAPPING aggregated_bare").result()
    return "aggregated_bare"


def in_floats(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals and float32 as float64, which is what a mean of them should be."""
    return frame.astype({"money": "float64", "single": "Float64"})


def assert_alike(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.set_axis(found.columns, axis=1) if list(found.columns) == list(expected.columns) else expected
    for position, dtype in enumerate(found.dtypes):
        expected.isetitem(position, expected.iloc[:, position].astype(dtype))
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6, check_index_type=False)


def assert_groups_are_those_of_pandas(name: str, by: str | list[str]) -> None:
    spec: dict[str, Any] = {
        column: ["count", "size", "nunique", "min", "max"] for column in ORDERED if column != by and column not in by
    }
    for column in spec.keys() & set(NUMBERS):
        spec[column] = ["sum", "mean", "std", "var", *spec[column]]
    assert_alike(hzdata.aggregate(name, spec, by=by), in_floats(FRAME).groupby(by).agg(spec))


@pytest.mark.parametrize("by", ["group", "part", "flag", "day", "when", ["group", "part"], ["part"]], ids=str)
def test_groups_are_those_of_pandas(client: Client, mapped: str, by: str | list[str]) -> None:
    assert_groups_are_those_of_pandas(mapped, by)


def test_a_frame_as_a_whole_is_aggregated_like_pandas(client: Client, mapped: str) -> None:
    spec = {
        "number": ["mean", "min", "max", "count", "std"],
        "double": ["var", "min", "size"],
        "money": ["sum", "mean"],
    }
    assert_alike(hzdata.aggregate(mapped, spec), in_floats(FRAME).agg(spec))
    ends = {"when": ["min", "max"], "text": ["max"], "flag": ["min"], "instant": ["max"]}
    found = hzdata.aggregate(mapped, ends)
    assert found["when"].tolist() == [FRAME["when"].min(), FRAME["when"].max()]
    assert found.loc["max", "instant"] == FRAME["instant"].max()
    assert found.loc["max", "text"] == FRAME["text"].max()
    assert not found.loc["min", "flag"]
    assert list(map(str, found.dtypes)) == ["datetime64[ns]", "str", "boolean", "datetime64[ns, UTC]"]


def test_one_function_of_each_column_makes_plain_columns(client: Client, mapped: str) -> None:
    spec = {"number": "mean", "text": "max"}
    assert_alike(hzdata.aggregate(mapped, spec, by="group"), FRAME.groupby("group").agg(spec))
    mixed = {"number": "mean", "text": ["max"]}
    assert_alike(hzdata.aggregate(mapped, mixed, by="group"), FRAME.groupby("group").agg(mixed))
    pd.testing.assert_frame_equal(
        hzdata.aggregate(mapped, {"number": "mean"}), hzdata.aggregate(mapped, {"number": ["mean"]})
    )


def test_results_can_be_named(client: Client, mapped: str) -> None:
    named = {"mean": ("number", "mean"), "latest": ("when", "max"), "text": ("text", "max"), "again": ("text", "max")}
    assert_alike(client.aggregate(mapped, by="part", **named), FRAME.groupby("part").agg(**named))
    found = hzdata.aggregate(mapped, low=("number", "min"), high=("double", "max"))
    assert_alike(found, FRAME.agg(low=("number", "min"), high=("double", "max")))


def test_a_result_that_does_not_fit_is_named(client: Client, unique_name: str) -> None:
    moments = pd.to_datetime(["2020-01-01", "9999-12-31"])
    pd.DataFrame({"id": [1, 2], "when": moments}).to_hz_map(unique_name, key="id")
    with pytest.raises(ColumnValueError, match=r"'max\(when\)', row 0: .* pass timestamp_unit=\"us\""):
        hzdata.aggregate(unique_name, {"when": "max"})
    assert hzdata.aggregate(unique_name, {"when": "max"}, timestamp_unit="us").loc["max", "when"] == moments[1]


def test_dtypes_follow_the_declared_types(client: Client, mapped: str) -> None:
    spec = {
        "byte": ["count", "size", "nunique", "sum", "mean", "std", "min"],
        "money": ["sum"],
        "single": ["sum", "var"],
    }
    expected = ["int64"] * 3 + ["Int64", "float64", "float64", "Int8", "float64", "float32", "float64"]
    assert list(map(str, hzdata.aggregate(mapped, spec, by="part").dtypes)) == expected
    nothing = hzdata.aggregate(mapped, spec, by="part", where="id < 0")
    assert list(map(str, nothing.dtypes)) == expected
    assert len(nothing) == 0
    arrow = hzdata.aggregate(mapped, spec, by="part", dtype_backend="pyarrow")
    assert str(arrow.dtypes["money", "sum"]) == "decimal128(38, 18)[pyarrow]"
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in arrow.dtypes)
    nullable = hzdata.aggregate(mapped, {"byte": ["count", "mean"]}, by="part", dtype_backend="numpy_nullable")
    assert list(map(str, nullable.dtypes)) == ["Int64", "Float64"]


def test_nothing_is_summed_and_counted_as_by_pandas(client: Client, mapped: str) -> None:
    spec = {"number": ["sum", "count", "size", "nunique", "mean", "min", "std"]}
    expected = FRAME.iloc[:0].agg(spec)
    assert_alike(hzdata.aggregate(mapped, spec, where="id < 0"), expected)
    spec["number"].remove("std")
    assert_alike(hzdata.aggregate(mapped, spec, where=less("id", 0)), expected.drop("std"))


def test_a_sql_condition_takes_parameters(client: Client, mapped: str) -> None:
    some = FRAME[(FRAME["id"] < 100) | (FRAME["text"] == "t7")]
    condition = "id < ? OR text = ? -- that is all"
    spec = {"number": ["sum", "min"]}
    found = hzdata.aggregate(mapped, spec, condition, "group", params=[100, "t7"])
    assert_alike(found, some.groupby("group").agg(spec))


def test_a_variance_loses_nothing_to_a_great_mean(client: Client, unique_name: str) -> None:
    values = np.array([0.25, 0.5, 1.0, 1.0])
    frame = pd.DataFrame({"id": range(8), "which": [0, 1] * 4, "x": np.repeat(1e12 + values, 2)})
    frame["same"] = 0.1
    frame["long"] = 2**60 + frame["id"]
    frame.to_hz_map(unique_name, key="id")
    found = hzdata.aggregate(unique_name, {"x": ["var"], "same": ["std"], "long": ["var"]}, by="which")
    assert found["long", "var"].tolist() == [variance([0, 2, 4, 6])] * 2
    assert found["x", "var"].tolist() == pytest.approx([values.var(ddof=1)] * 2, rel=1e-12)
    assert found["same", "std"].tolist() == [0.0, 0.0]


PREDICATE = and_(greater("id", 10), less("id", 300))
SOME = FRAME[(FRAME["id"] > 10) & (FRAME["id"] < 300)]


@pytest.mark.parametrize(("where", "frame"), [(None, FRAME), (PREDICATE, SOME)], ids=["all", "predicate"])
def test_without_a_mapping_the_members_aggregate_too(
    client: Client, bare: str, where: Predicate | None, frame: pd.DataFrame
) -> None:
    functions = ["count", "size", "nunique", "min", "max"]
    spec = {name: [*functions, "sum", "mean"] for name in NUMBERS if name not in ("flag", "rare")}
    assert_alike(hzdata.aggregate(bare, spec, where), in_floats(frame).agg(spec))
    found = hzdata.aggregate(bare, {"text": ["min", "max"], "flag": ["max"], "day": ["max"]}, where)
    assert found["text"].tolist() == [frame["text"].min(), frame["text"].max()]
    assert found.loc["max", "flag"]
    assert found.loc["max", "day"] == frame["day"].max()


def test_without_sql_dtypes_are_those_of_sql(client: Client, mapped: str, bare: str) -> None:
    spec = {"number": ["sum", "count"], "money": ["max"], "double": ["mean"], "text": ["min"], "day": ["max"]}
    for backend in (None, "numpy_nullable", "pyarrow"):
        by_sql = hzdata.aggregate(mapped, spec, dtype_backend=backend)
        pd.testing.assert_frame_equal(hzdata.aggregate(bare, spec, dtype_backend=backend), by_sql)
    total = hzdata.aggregate(bare, {"money": "sum"}, dtype_backend="pyarrow")
    assert total.loc["sum", "money"] == float(FRAME["money"].sum())


def test_an_emptied_map_is_aggregated_by_what_its_mapping_declares(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).put_all({1: 1.5, 2: 2.5}).result()
    hzdata.create_mapping(unique_name)
    client.get_map(unique_name).clear().result()
    found = hzdata.aggregate(unique_name, {"this": ["sum", "max"], "__key": ["count", "sum"]}, PREDICATE)
    assert found["this"].tolist()[0] == 0
    assert found["__key"].dropna().tolist() == [0, 0]


def test_a_sql_condition_needs_a_mapping(client: Client, bare: str) -> None:
    with pytest.raises(ValueError, match=rf"takes SQL: pass a predicate, or .* hzdata.create_mapping\('{bare}'\)"):
        hzdata.aggregate(bare, {"number": "mean"}, "id > 3")


@pytest.mark.parametrize("by", ["group", "part", "flag", "day", "when", "double", "money", ["group", "flag"]], ids=str)
def test_groups_without_a_mapping_are_those_of_pandas(client: Client, bare: str, by: str | list[str]) -> None:
    assert_groups_are_those_of_pandas(bare, by)


def test_groups_have_the_dtypes_of_sql_without_it_too(client: Client, mapped: str, bare: str) -> None:
    spec = {name: ["sum", "mean", "var", "max"] for name in NUMBERS} | {"text": ["min"], "clock": ["max", "nunique"]}
    for backend, where in ((None, None), ("numpy_nullable", less("id", 0)), ("pyarrow", less("id", 100))):
        by_sql = hzdata.aggregate(mapped, spec, where, ["group", "day"], dtype_backend=backend)
        found = hzdata.aggregate(bare, spec, where, ["group", "day"], dtype_backend=backend)
        pd.testing.assert_frame_equal(found, by_sql, rtol=1e-6)


def test_deviations_and_times_need_no_mapping(client: Client, bare: str) -> None:
    spec = {"number": ["std", "var", "sum", "size"], "when": ["min", "max", "nunique"], "flag": ["sum"]}
    found = hzdata.aggregate(bare, spec, PREDICATE)
    assert_alike(
        found[["number", "flag"]], SOME.agg({name: spec[name] for name in ("number", "flag")}).reindex(found.index)
    )
    assert found["when"].tolist()[-3:] == [SOME["when"].min(), SOME["when"].max(), SOME["when"].nunique()]
    nothing = hzdata.aggregate(bare, {"number": ["std", "sum", "count"]}, less("id", 0))
    assert nothing["number"].tolist()[1:] == [0, 0]
    assert nothing["number"].isna().tolist() == [True, False, False]


def test_many_groups_are_merged_as_they_come(client: Client, bare: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hzdata.frames.groups._ROWS", 10)
    monkeypatch.setattr("hzdata.frames.tables.BATCH_ROWS", 20)
    spec = {"number": ["mean", "std", "sum", "count"], "text": ["nunique", "min", "max"], "when": ["max"]}
    for by in ("group", "text", "id"):
        asked = {name: functions for name, functions in spec.items() if name != by}
        assert_alike(hzdata.aggregate(bare, asked, by=by), FRAME.groupby(by).agg(asked))


CONDITIONS = {
    "equal": equal("number", 49),
    "not equal": not_equal("number", 49),
    "null": equal("text", None),
    "not null": not_equal("text", None),
    "less": less("id", 77),
    "most": less_or_equal("double", 1e6 + 0.5),
    "least": greater_or_equal("double", 1000000),
    "between": between("byte", -3, 20),
    "in": in_("text", "t1", "t2", None, "ü"),
    "in nothing": in_("text"),
    "like": like("text", "t_%"),
    "flag": equal("flag", True),
    "not": not_(equal("flag", True)),
    "and": and_(equal("group", "ä"), greater("part", 0), true()),
    "or": or_(equal("group", "ä"), less("part", 1)),
    "neither": not_(or_(equal("group", "ä"), less("part", 1), false())),
    "all": and_(),
    "none": or_(),
    "of another type": greater("single", 0.25),
    "a day": greater("day", date(2020, 1, 15)),
    "decimal": less("money", Decimal("3.25")),
    "escaped": like("text", "t\\_%"),
    "regex": regex("text", "t.?"),
    "ilike": ilike("group", "z"),
    "sql": sql("id < 100 AND part = 2"),
    "beyond the type": less("byte", 1000),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_predicates_take_the_rows_that_a_scan_finds(client: Client, mapped: str, condition: str) -> None:
    where = CONDITIONS[condition]
    some = hzdata.read_map(mapped, ["group", "number", "id"], where, key=False)
    spec = {"number": ["sum", "count"], "id": ["size", "std", "nunique"]}
    assert_alike(hzdata.aggregate(mapped, spec, where, "group"), some.groupby("group").agg(spec))


def test_what_sql_says_too_is_asked_by_sql() -> None:
    types = {"id": "BIGINT", "number": "INTEGER", "byte": "TINYINT", "double": "DOUBLE", "single": "REAL"}
    types |= {
        "money": "DECIMAL",
        "day": "DATE",
        "text": "VARCHAR",
        "group": "VARCHAR",
        "flag": "BOOLEAN",
        "part": "SMALLINT",
    }
    only_here = {"of another type", "a day", "decimal", "escaped", "regex", "ilike", "sql", "beyond the type"}
    for name, condition in CONDITIONS.items():
        with pytest.raises(Untranslatable) if name in only_here else contextlib.nullcontext():
            sql_condition(condition, types)


def test_a_mapping_that_was_inferred_has_its_key(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).put_all({1: 1.5, 2: 2.5, 3: 1.5}).result()
    assert hzdata.aggregate(unique_name, {"this": ["mean"], "__key": ["sum"]}).loc["sum", "__key"] == 6
    hzdata.create_mapping(unique_name)
    found = hzdata.aggregate(unique_name, {"__key": ["sum", "max"]}, by="this")
    assert found.index.tolist() == [1.5, 2.5]
    assert found["__key", "sum"].tolist() == [4, 2]


def test_numbers_of_json_are_floats_without_sql(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).put_all({i: HazelcastJsonValue({"x": i}) for i in range(4)}).result()
    client.get_map(unique_name).put(4, HazelcastJsonValue({"x": None})).result()
    found = hzdata.aggregate(unique_name, {"x": ["sum", "mean", "max", "count"]})
    assert found["x"].tolist() == [6.0, 1.5, 3.0, 4.0]


@pytest.mark.parametrize(
    ("spec", "options", "error", "message"),
    [
        ({}, {}, ValueError, "names no function"),
        ({"number": []}, {}, ValueError, "names no function"),
        (None, {}, ValueError, "pass either a spec"),
        ("number", {}, TypeError, "pass a dict of columns"),
        ({"number": "maen"}, {}, ValueError, "did you mean 'mean'"),
        ({"number": "first"}, {}, ValueError, "have no order"),
        ({"number": ["min", "min"]}, {}, ValueError, "a function of a column twice"),
        ({"numbr": "min"}, {}, KeyError, "no column 'numbr'; did you mean 'number'"),
        ({"number": "min"}, {"by": "prat"}, KeyError, "no column 'prat'; did you mean 'part'"),
        ({"number": max}, {}, TypeError, "functions are named, such as 'max'"),
        ({"number": ["min", max]}, {"by": "part"}, TypeError, "functions are named, such as 'max'"),
        ({"numbr": "min"}, {"where": PREDICATE}, KeyError, "no column 'numbr'; did you mean 'number'"),
        ({"number": "min"}, {"by": []}, ValueError, "pass one name, or several"),
        ({"number": "min"}, {"where": paging(None, 3)}, TypeError, "that is no page"),
        ({"number": "min"}, {"params": [1]}, ValueError, "for a SQL condition"),
        ({"number": "min"}, {"dtype_backend": "arrow"}, ValueError, "did you mean 'pyarrow'"),
        ({"text": "sum"}, {}, ColumnTypeError, "sum is not for VARCHAR"),
        (None, {"total": "number"}, TypeError, r"pass \(column, function\)"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(
    client: Client, mapped: str, spec: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hzdata.aggregate(mapped, spec, **options)


def test_a_map_that_is_not_there_is_an_error_and_stays_away(client: Client, unique_name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no map .*, or it is empty"):
        hzdata.aggregate(unique_name, {"x": "sum"})
    assert unique_name not in hzdata.maps()["name"].tolist()


def test_groups_that_lie_on_three_members_are_put_together(client3: Client, unique_name: str) -> None:
    FRAME.to_hz_map(unique_name, key="id")
    spec = {"number": ["sum", "std", "nunique"], "when": ["max"]}
    assert_alike(hzdata.aggregate(unique_name, spec, by=["group", "flag"]), FRAME.groupby(["group", "flag"]).agg(spec))
    assert_alike(hzdata.aggregate(unique_name, {"long": ["sum"]}, PREDICATE), SOME.agg({"long": ["sum"]}))


def test_booleans_are_summed_without_groups_or_sql_too(client: Client, mapped: str, bare: str) -> None:
    functions = ["sum", "mean", "count"]
    expected = hzdata.aggregate(mapped, {"flag": functions})
    assert expected.at["sum", "flag"] == FRAME["flag"].sum()
    pd.testing.assert_frame_equal(hzdata.aggregate(bare, {"flag": functions}), expected)
    pd.testing.assert_frame_equal(
        hzdata.aggregate(mapped, {"flag": functions}, where=regex("text", "t.*")),
        hzdata.aggregate(mapped, {"flag": functions}, "text IS NOT NULL"),
    )


def test_lists_and_bytes_are_counted_without_groups_or_sql_too(client: Client, unique_name: str) -> None:
    lists = pd.Series([[1], None, [2, 3]], dtype=pd.ArrowDtype(pa.list_(pa.int64())))
    frame = pd.DataFrame({"id": [1, 2, 3], "list": lists, "bytes": pd.array([b"a", b"b", None], "object")})
    frame.to_hz_map(unique_name, key="id", format="compact", mapping=False)
    counts = hzdata.aggregate(unique_name, {"list": ["count", "size"], "bytes": ["count", "size"]})
    assert counts.to_dict("list") == {"list": [2, 3], "bytes": [2, 3]}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mapping", [True, False])
def test_minus_zero_is_zero(client: Client, unique_name: str, dtype: str, mapping: bool) -> None:
    frame = pd.DataFrame({"id": range(4), "x": np.array([0.0, -0.0, 1.5, -0.0], dtype)})
    frame.to_hz_map(unique_name, key="id", mapping=mapping)
    found = hzdata.aggregate(unique_name, {"id": "sum", "x": "nunique"}, by="x")
    assert found["id"].to_dict() == {0.0: 4, 1.5: 2}
    assert found.index.dtype == dtype
    assert found["x"].tolist() == [1, 1]
    assert hzdata.aggregate(unique_name, {"x": "nunique"}).at["nunique", "x"] == 2


@pytest.mark.parametrize("mapping", [True, False])
def test_fields_of_compound_keys_make_groups(client: Client, unique_name: str, mapping: bool) -> None:
    frame = pd.DataFrame({"k1": [1, 1, 2], "k2": ["a", "b", "a"], "v": [1, 2, 4]})
    frame.to_hz_map(unique_name, key=["k1", "k2"], mapping=mapping)
    assert hzdata.aggregate(unique_name, {"v": "sum"}, by="__key.k1")["v"].to_dict() == {1: 3, 2: 4}
    some = hzdata.aggregate(unique_name, {"v": "sum"}, where=greater("v", 1), by="__key.k1")
    assert some["v"].to_dict() == {1: 2, 2: 4}
    assert hzdata.aggregate(unique_name, {"__key.k2": "max"}).at["max", "__key.k2"] == "b"
    with pytest.raises(KeyError, match=r"no column '__key'; did you mean '__key\.k[12]'"):
        hzdata.aggregate(unique_name, {"v": "sum"}, by="__key")
    if mapping:
        with pytest.raises(ValueError, match="cannot see into compound keys"):
            hzdata.aggregate(unique_name, {"v": "sum"}, where="v > 1", by="__key.k1")


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_nan_is_the_greatest_and_the_infinite_has_no_variance(client: Client, unique_name: str) -> None:
    x = pa.array([1.0, float("nan"), 2.0, float("inf"), 3.0, None])
    table = pa.table({"id": range(6), "x": x, "g": ["nan", "nan", "nan", "inf", "inf", "null"]})
    hzdata.to_hz_map(table, unique_name, key="id")
    bare = f"{unique_name}-bare"
    hzdata.to_hz_map(table, bare, key="id", mapping=False)
    functions = {"x": ["count", "sum", "mean", "min", "max"]}
    for by in (None, "g"):
        found = hzdata.aggregate(bare, functions, by=by)
        pd.testing.assert_frame_equal(found, hzdata.aggregate(unique_name, functions, by=by))
    assert np.isnan(found.at["nan", ("x", "max")])
    assert found.at["nan", ("x", "min")] == 1
    assert hzdata.aggregate(bare, {"x": "var"}, by="g")["x"].isna().all()


def test_nan_stays_the_greatest_when_groups_are_merged() -> None:
    groups = Groups(["g"], [("x", "min"), ("x", "max")])
    for x in ([1.0, float("nan")], [3.0, 0.5]):
        groups.add(pa.table({"g": [1, 1], "x": x}))
    ((_, least, greatest),) = (row.values() for row in groups.result().to_pylist())
    assert least == 0.5
    assert np.isnan(greatest)
