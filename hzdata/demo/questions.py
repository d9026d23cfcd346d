"""What the demonstration asks the cluster, and the same computation in pandas to hold each answer against.

The statements aggregate first and join the few rows that are left by the other map's key (``__key``): a member joins
row by row, and looks a key up in no time. Where the other side has no such key (weather) it is aggregated too, and
the member makes a hash join of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

__all__ = ["QUESTIONS", "Question", "difference"]

Frames = Mapping[str, pd.DataFrame]

_RELATIVE_TOLERANCE = 1e-9
"""Of floats: the members average exactly, in decimals, and pandas in float64."""


@dataclass(frozen=True)
class Question:
    """A question, its SQL, and the same in pandas.

    Attributes
    ----------
    tables : tuple of str
        The maps that the statement reads; it reads each once.
    pandas : callable
        Takes the frames that were loaded and returns what the statement must return: same columns, same order.
    """

    name: str
    text: str
    tables: tuple[str, ...]
    sql: str
    pandas: Callable[[Frames], pd.DataFrame]


def _airlines(frames: Frames) -> pd.DataFrame:
    flown = frames["flights"].dropna(subset="arr_delay")
    flown = flown.assign(late=(flown["arr_delay"] > 15).astype("float64"))
    by_carrier = flown.groupby("carrier", as_index=False).agg(
        flights=("carrier", "size"),
        dep_delay=("dep_delay", "mean"),
        arr_delay=("arr_delay", "mean"),
        late=("late", "mean"),
    )
    named = by_carrier.merge(frames["airlines"].rename(columns={"name": "airline"}), on="carrier")
    return named.sort_values("arr_delay", ascending=False)[["airline", "flights", "dep_delay", "arr_delay", "late"]]


def _hours(frames: Frames) -> pd.DataFrame:
    left = frames["flights"].dropna(subset="dep_delay")
    grouped = left.groupby(["origin", "hour"], as_index=False)
    return grouped.agg(flights=("dep_delay", "size"), dep_delay=("dep_delay", "mean"))


def _makers(frames: Frames) -> pd.DataFrame:
    flown = frames["flights"].merge(frames["planes"], on="tailnum")
    makers = flown.groupby("manufacturer", as_index=False).agg(
        planes=("tailnum", "nunique"), flights=("tailnum", "size"), seats=("seats", "sum")
    )
    return makers.sort_values("seats", ascending=False).head(6)


def _weather(frames: Frames) -> pd.DataFrame:
    hours = ["origin", "time_hour"]
    skies = frames["weather"].groupby(hours, as_index=False).agg(precip=("precip", "max"), visib=("visib", "min"))
    left = frames["flights"].dropna(subset="dep_delay").merge(skies, on=hours)
    sky = pd.Series("dry", index=left.index).mask(left["precip"] > 0, "rain or snow").mask(left["visib"] < 1, "fog")
    grouped = left.assign(sky=sky).groupby("sky", as_index=False)
    answer = grouped.agg(flights=("dep_delay", "size"), dep_delay=("dep_delay", "mean"), worst=("dep_delay", "max"))
    return answer.sort_values("dep_delay")


def _destinations(frames: Frames) -> pd.DataFrame:
    flown = frames["flights"].dropna(subset=["arr_delay", "dep_delay"])
    flown = flown.assign(made_up=flown["dep_delay"] - flown["arr_delay"])
    by_dest = flown.groupby("dest", as_index=False).agg(
        flights=("dest", "size"), miles=("distance", "mean"), made_up=("made_up", "mean")
    )
    busy = by_dest[by_dest["flights"] >= 5000].merge(frames["airports"], left_on="dest", right_on="faa")
    busy = busy.rename(columns={"name": "airport"}).sort_values("made_up", ascending=False)
    return busy[["airport", "flights", "miles", "made_up"]].head(6)


QUESTIONS = (
    Question(
        "airlines",
        "Which airlines arrive late?",
        ("flights", "airlines"),
        """
        SELECT a.name AS airline, f.flights, f.dep_delay, f.arr_delay, f.late
        FROM (SELECT carrier, COUNT(*) AS flights, AVG(dep_delay) AS dep_delay, AVG(arr_delay) AS arr_delay,
                     AVG(CASE WHEN arr_delay > 15 THEN 1.0 ELSE 0.0 END) AS late
              FROM flights WHERE arr_delay IS NOT NULL GROUP BY carrier) f
        JOIN airlines a ON a.__key = f.carrier
        ORDER BY arr_delay DESC
        """,
        _airlines,
    ),
    Question(
        "hours",
        "How do delays grow through the day, at each airport?",
        ("flights",),
        """
        SELECT origin, "hour", COUNT(*) AS flights, AVG(dep_delay) AS dep_delay
        FROM flights WHERE dep_delay IS NOT NULL
        GROUP BY origin, "hour" ORDER BY origin, "hour"
        """,
        _hours,
    ),
    Question(
        "makers",
        "Whose planes flew the most seats?",
        ("flights", "planes"),
        """
        SELECT p.manufacturer, COUNT(*) AS planes, CAST(SUM(f.n) AS BIGINT) AS flights,
               CAST(SUM(f.n * p.seats) AS BIGINT) AS seats
        FROM (SELECT tailnum, COUNT(*) AS n FROM flights GROUP BY tailnum) f
        JOIN planes p ON p.__key = f.tailnum
        GROUP BY p.manufacturer ORDER BY seats DESC LIMIT 6
        """,
        _makers,
    ),
    Question(
        "weather",
        "What does the weather at departure cost?",
        ("flights", "weather"),
        """
        SELECT CASE WHEN w.visib < 1 THEN 'fog' WHEN w.precip > 0 THEN 'rain or snow' ELSE 'dry' END AS sky,
               COUNT(*) AS flights, AVG(f.dep_delay) AS dep_delay, MAX(f.dep_delay) AS worst
        FROM flights f
        JOIN (SELECT origin, time_hour, MAX(precip) AS precip, MIN(visib) AS visib
              FROM weather GROUP BY origin, time_hour) w
          ON w.origin = f.origin AND w.time_hour = f.time_hour
        WHERE f.dep_delay IS NOT NULL
        GROUP BY CASE WHEN w.visib < 1 THEN 'fog' WHEN w.precip > 0 THEN 'rain or snow' ELSE 'dry' END
        ORDER BY dep_delay
        """,
        _weather,
    ),
    Question(
        "destinations",
        "On flights to which busy airports is most time made up?",
        ("flights", "airports"),
        """
        SELECT a.name AS airport, f.flights, f.miles, f.made_up
        FROM (SELECT dest, COUNT(*) AS flights, AVG(distance) AS miles, AVG(dep_delay - arr_delay) AS made_up
              FROM flights WHERE arr_delay IS NOT NULL AND dep_delay IS NOT NULL
              GROUP BY dest HAVING COUNT(*) >= 5000) f
        JOIN airports a ON a.__key = f.dest
        ORDER BY made_up DESC LIMIT 6
        """,
        _destinations,
    ),
)


def difference(answer: pd.DataFrame, expected: pd.DataFrame) -> str | None:
    """Say how an answer differs from what pandas computed; None when it does not.

    Values must be equal, floats to nine digits, in the same order; dtypes are those of the answer.
    """
    try:
        pd.testing.assert_frame_equal(
            answer,
            expected.reset_index(drop=True).astype(answer.dtypes.to_dict()),
            rtol=_RELATIVE_TOLERANCE,
            atol=0.0,
        )
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        return str(error)
    return None
