"""``DataFrame.to_hz_map``: registered with pandas when this module is imported.

pandas gives every DataFrame an attribute of a registered name, made from the frame; ours is callable, so that it is
used like a method.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from .load import LoadReport, to_hz_map

__all__ = ["ToHzMap"]


@pd.api.extensions.register_dataframe_accessor("to_hz_map")
class ToHzMap:
    """Load this DataFrame into a map: see `hzdata.to_hz_map`."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __call__(self, name: str, key: Any = None, **options: Any) -> LoadReport:
        """Load the rows into the map `name`, keyed by the column or columns `key`, by default the index.

        Parameters
        ----------
        name : str
            Of the map, and of its SQL mapping.
        key : str or list of str, optional
            The key column or columns.
        **options
            As `hzdata.to_hz_map` takes them: client, format, if_exists, mapping, ttl, batch_size, progress, type_name.

        Returns
        -------
        LoadReport
        """
        return to_hz_map(self._frame, name, key, **options)

    def __repr__(self) -> str:
        return f"<DataFrame.to_hz_map of {len(self._frame):,} rows: call it with the name of a map>"
