"""A table's two faces say the same, and nothing in it can do more than be read."""

from __future__ import annotations

import html
import re

from hypothesis import given, strategies as st

from hzdata.widgets.table import Cell, Column, Table

COLUMNS = (Column("Name"), Column("Count", right=True), Column("Extra", optional=True))


def visible(markup: str) -> str:
    """What a browser would show as text."""
    return html.unescape(re.sub(r"<[^>]*>", " ", markup))


def test_columns_are_aligned_and_an_empty_optional_one_is_left_out() -> None:
    rows = [[Cell("ada"), Cell("1"), Cell("")], [Cell("grace"), Cell("1,000"), Cell("")]]
    assert Table("People", COLUMNS, rows, note="two").text() == (
        "People (two)\n"
        "  Name   Count\n"
        "  ada        1\n"
        "  grace  1,000"
    )  # fmt: skip
    assert "Extra" not in Table("People", COLUMNS, rows).html()


def test_a_missing_value_is_a_dash_and_no_rows_is_a_sentence() -> None:
    assert Table("People", COLUMNS, [[Cell("ada"), Cell(""), Cell("x")]]).text().endswith("ada       –  x")
    empty = Table("People", COLUMNS, [], empty="nobody yet")
    assert empty.text() == "People\n  nobody yet"
    assert "nobody yet" in visible(empty.html())


def test_a_script_is_text() -> None:
    evil = "<script>alert(1)</script>"
    table = Table(evil, COLUMNS, [[Cell(evil, hint='"><script>'), Cell("&amp;"), Cell("'\"")]], note=evil)
    markup = table.html()
    assert "<script" not in markup
    assert evil in visible(markup)
    assert "&amp;amp;" in markup
    assert 'title="&quot;&gt;&lt;script&gt;"' in markup


def test_characters_that_steer_a_terminal_or_turn_the_text_around_are_written_out() -> None:
    table = Table("T", (Column("Name"),), [[Cell("a\x1b[31m\u202eb\nc")]])
    assert r"a\x1b[31m\u202eb\nc" in table.text()
    assert r"a\x1b[31m\u202eb\nc" in table.html()


def test_a_share_is_drawn_within_its_bounds() -> None:
    widths = [re.findall(r"width:(\d+)%", Cell("x", share=share).html()) for share in (-1.0, 0.256, 7.0)]
    assert widths == [["0"], ["26"], ["100"]]


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=4), st.text())
def test_both_faces_say_the_same_whatever_the_values(values: list[list[str]], note: str) -> None:
    table = Table("T", COLUMNS, [[Cell(text) for text in row] for row in values], note=note)

    def words(face: str) -> list[str]:
        return "".join(face.replace("(", " ").replace(")", " ").split())  # type: ignore[return-value]

    assert words(visible(table.html())) == words(table.text())
    assert all(tag in ("table", "caption", "b", "span", "thead", "tbody", "tr", "th", "td") for tag in
               re.findall(r"<([a-z]+)", table.html()))  # fmt: skip
