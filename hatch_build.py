"""Building a wheel compiles the kernels, where there is a C compiler; without one the wheel works all the same."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNELS = Path("hzdata", "frames", "kernels")


class CustomBuildHook(BuildHookInterface[Any]):
    """Compiles ``hzdata/frames/kernels/kernels.c`` and says for which platform the wheel is, then."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run before the files of the wheel are collected."""
        place = Path(self.root, KERNELS, "build.py")
        spec = importlib.util.spec_from_file_location("build_kernels", place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        try:
            module.build()
        except RuntimeError as error:
            self.app.display_warning(f"NumPy will do the work of the compiled kernels: {error}")
            return
        if version != "editable":
            # The library is called by ctypes: any Python loads it.
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["artifacts"].append((KERNELS / module.LIBRARY.name).as_posix())
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
