"""The style sheet of the HTML faces, from the file beside this one."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["STYLE"]

STYLE = f"<style>{files(__package__).joinpath('hzdata.css').read_text(encoding='utf-8')}</style>"
"""The style sheet as an element. It loads nothing from anywhere, and touches only what is inside ``.hz-dashboard``."""
