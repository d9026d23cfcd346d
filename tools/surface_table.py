"""Print the documented surface, item by item, with what the tests have called of it; fail on a gap.

.venv/bin/python -m pytest && .venv/bin/python -m tools.surface_table
"""

from __future__ import annotations

import inspect
import json
import sys
from collections import Counter

from tests.surface.items import Item, found, items, signature, wanted_signature
from tests.surface.recorder import RECORD


def state(item: Item, called: set[str]) -> dict[str, bool]:
    """Return what holds of an item; what does not apply is left out."""
    try:
        thing = found(item)
    except AttributeError:
        return {"present": False}
    holds = {"present": True}
    if item.parameters is not None:
        holds["signature"] = signature(thing) == wanted_signature(item)
    if item.parameters is not None or not item.owner:
        holds["documented"] = bool((inspect.getdoc(thing) or "").strip())
    if item.is_to_be_called():
        holds["called"] = str(item) in called
    return holds


def main() -> int:
    if not RECORD.exists():
        print("no record of calls: run the whole test suite first", file=sys.stderr)
        return 2
    called = set(json.loads(RECORD.read_text()))
    totals: Counter[str] = Counter()
    gaps = []
    for item in items():
        holds = state(item, called)
        totals.update(what for what, true in holds.items() if true)
        missing = [what for what, true in holds.items() if not true]
        if missing:
            gaps.append(f"{item}: not {', not '.join(missing)}")
        if "--all" in sys.argv:
            print(f"{item!s:80} {' '.join(what for what, true in holds.items() if true)}")
    print(", ".join(f"{count:,} {what}" for what, count in totals.items()))
    print(*gaps, sep="\n")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
