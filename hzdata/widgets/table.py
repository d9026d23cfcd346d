"""Tables with two faces that say the same: aligned plain text, and HTML.

What comes from a cluster (names of maps, keys, values, exceptions) is text of unknown origin. This module is where it
turns into something shown, so this is where it is made harmless: characters that would steer a terminal or turn
around the reading direction are written as escapes, and HTML is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = ["Cell", "Column", "Table", "printable"]

Tone = Literal["", "good", "bad", "busy", "muted"]


def printable(text: str) -> str:
    """Return ``text`` with every character that is not printable written as an escape, on one line.

    Examples
    --------
    >>> printable("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class Cell(NamedTuple):
    """One value of a table.

    Parameters
    ----------
    text : str
        What it says; an empty text is shown as a dash.
    tone : str
        How it is meant: ``good``, ``bad``, ``busy``, ``muted`` or nothing. The text alone must say it, too.
    share : float, optional
        A part of a whole, 0 to 1, that the HTML face draws as a bar.
    hint : str
        More of the same, that the HTML face shows when pointed at.
    """

    text: str
    tone: Tone = ""
    share: float | None = None
    hint: str = ""

    def html(self) -> str:
        """Return the cell as HTML that can stand anywhere."""
        inner = html.escape(printable(self.text) or "–")
        tone = f" hz-{self.tone}" if self.tone else ""
        hint = f' title="{html.escape(printable(self.hint))}"' if self.hint else ""
        cell = f'<span class="hz-cell{tone}"{hint}>{inner}</span>'
        if self.share is None:
            return cell
        percent = round(100 * min(max(self.share, 0.0), 1.0))
        return f'<span class="hz-bar" aria-hidden="true"><span style="width:{percent}%"></span></span>{cell}'


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
    right : bool
        Aligned to the right, as numbers are.
    optional : bool
        Left out when no row has anything to say in it.
    """

    title: str
    right: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns.

    Parameters
    ----------
    title : str
    columns : sequence of Column
    rows : sequence of sequence of Cell
    note : str
        Stands beside the title.
    empty : str
        Stands in the place of the rows when there are none.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    empty: str = "none"
    name: str = field(default="", kw_only=True)

    def _shown(self) -> list[int]:
        """Return the positions of the columns that are shown."""
        return [
            at
            for at, column in enumerate(self.columns)
            if not column.optional or any(row[at].text for row in self.rows)
        ]

    def text(self) -> str:
        """Return the table as lines of plain text."""
        heading = f"{self.title} ({printable(self.note)})" if self.note else self.title
        if not self.rows:
            return f"{heading}\n  {printable(self.empty)}"
        shown = self._shown()
        lines = [[self.columns[at].title for at in shown]]
        lines += [[printable(row[at].text) or "–" for at in shown] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        out = [heading]
        for line in lines:
            cells = [
                cell.rjust(width) if self.columns[at].right else cell.ljust(width)
                for cell, width, at in zip(line, widths, shown, strict=True)
            ]
            out.append(("  " + "  ".join(cells)).rstrip())
        return "\n".join(out)

    def html(self) -> str:
        """Return the table as an HTML element."""
        note = f' <span class="hz-note">({html.escape(printable(self.note))})</span>' if self.note else ""
        caption = f'<caption style="text-align:left"><b>{html.escape(self.title)}</b>{note}</caption>'
        kind = f" hz-{self.name}" if self.name else ""
        if not self.rows:
            body = f'<tbody><tr><td class="hz-empty">{html.escape(printable(self.empty))}</td></tr></tbody>'
            return f'<table class="hz-table{kind}">{caption}{body}</table>'
        shown = self._shown()
        # Inline, as notebooks that take the style sheet away leave this.
        align = {at: f' style="text-align:{"right" if self.columns[at].right else "left"}"' for at in shown}
        head = "".join(f'<th scope="col"{align[at]}>{html.escape(self.columns[at].title)}</th>' for at in shown)
        body = "".join(
            "<tr>" + "".join(f"<td{align[at]}>{row[at].html()}</td>" for at in shown) + "</tr>" for row in self.rows
        )
        return f'<table class="hz-table{kind}">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
