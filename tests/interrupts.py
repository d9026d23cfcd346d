"""Interrupting a call at one place after another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def interrupted(call: Callable[[], object], place: int, *files: str) -> str | None:
    """Make a call, and interrupt it at the ``place``-th place where Python does: where a function starts, and after a
    call. With ``files``, only places in these, or called from there, count.

    Returns
    -------
    str or None
        The function that was interrupted; None when the call has fewer places, and has ended.
    """
    left = place
    reached: str | None = None

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal left, reached
        here = {f.f_code.co_filename for f in (frame, frame.f_back) if f is not None}
        if event in ("call", "c_return") and (not files or here.intersection(files)):
            left -= 1
            if left == 0:
                reached = frame.f_code.co_name
                raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        call()
    except KeyboardInterrupt:
        return reached
    finally:
        sys.setprofile(None)
    return None
