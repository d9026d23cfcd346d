"""The demonstration's plot: two of its answers, drawn from the DataFrames that came out of the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["save_plot"]

AIRPORTS = {
    "EWR": ("Newark", "#c8553d", (8, 0)),
    "JFK": ("JFK", "#2a6f97", (8, 0)),
    "LGA": ("LaGuardia", "#588157", (-50, -14)),
}
"""Name and colour of the three airports of the data, and where the name stands from the end of its line, in points."""

SMALLEST_SHARE = 0.001
"""An hour at an airport with less than this share of all flights says nothing about the hour and is not drawn."""

_INK, _FAINT, _LATE, _EARLY = "#222222", "#8a8a8a", "#c8553d", "#2a6f97"


def save_plot(hours: pd.DataFrame, airlines: pd.DataFrame, path: Path, caption: str) -> None:
    """Draw delays through the day and the airlines' arrival delays, and save them as a PNG.

    Parameters
    ----------
    hours : DataFrame
        Columns origin, hour, flights, dep_delay (minutes).
    airlines : DataFrame
        Columns airline, arr_delay (minutes).
    path : Path
        Of the PNG: 1650 x 825 pixels.
    caption : str
        Said below the plot: where the numbers come from.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5.5), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    through_the_day, by_airline = figure.subplots(1, 2, width_ratios=[1.25, 1])
    figure.subplots_adjust(left=0.055, right=0.965, top=0.80, bottom=0.13, wspace=0.62)
    figure.text(0.02, 0.935, "Fly early", fontsize=18, fontweight="bold", color=_INK)
    figure.text(0.02, 0.885, "Delays of flights out of New York City, 2013", fontsize=11, color=_FAINT)
    figure.text(0.02, 0.025, caption, fontsize=8, color=_FAINT)
    _draw_hours(through_the_day, hours[hours["flights"] >= SMALLEST_SHARE * hours["flights"].sum()])
    _draw_airlines(by_airline, airlines.sort_values("arr_delay", ascending=False))
    figure.savefig(path)


def _draw_hours(axes: Any, hours: pd.DataFrame) -> None:
    _strip(axes, "Mean departure delay by scheduled hour, minutes")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    for origin, (name, colour, place) in AIRPORTS.items():
        line = hours[hours["origin"] == origin].sort_values("hour")
        x, y = line["hour"].astype(int), line["dep_delay"]
        axes.plot(x, y, color=colour, linewidth=2.2, solid_capstyle="round")
        axes.plot(x.iloc[-1:], y.iloc[-1:], "o", color=colour, markersize=5)
        axes.annotate(
            name,
            (x.iloc[-1], y.iloc[-1]),
            xytext=place,
            textcoords="offset points",
            va="center",
            fontsize=10,
            color=colour,
        )
    axes.axhline(0, color=_INK, linewidth=0.8)
    axes.set_xticks([6, 9, 12, 15, 18, 21], ["6:00", "9:00", "12:00", "15:00", "18:00", "21:00"])
    axes.set_xlim(4.6, 23.4)


def _draw_airlines(axes: Any, airlines: pd.DataFrame) -> None:
    _strip(axes, "Mean arrival delay by airline, minutes")
    delays = airlines["arr_delay"].tolist()
    names = [_short(name) for name in airlines["airline"]]
    places = range(len(names))
    axes.barh(places, delays, height=0.68, color=[_LATE if delay > 0 else _EARLY for delay in delays])
    for place, delay in zip(places, delays, strict=True):
        side = 1 if delay >= 0 else -1
        axes.text(
            delay + 0.5 * side,
            place,
            f"{delay:.1f}",
            va="center",
            ha="left" if side > 0 else "right",
            fontsize=8.5,
            color=_INK,
        )
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.invert_yaxis()
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.14, y=0.02)


def _strip(axes: Any, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10.5, color=_INK, pad=10)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#cccccc")
    axes.tick_params(colors=_INK, labelsize=9, length=0)


def _short(airline: str) -> str:
    """An airline's name without what companies are called: "Delta Air Lines Inc." is "Delta Air Lines"."""
    for word in (" Inc.", " Co.", " Corporation"):
        airline = airline.removesuffix(word)
    return airline
