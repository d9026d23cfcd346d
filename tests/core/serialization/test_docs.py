from __future__ import annotations

from pathlib import Path

import pytest

from hzdata.core.config import IntType
from hzdata.core.serialization.builtin import writers

TEXT = (Path(__file__).parents[3] / "docs" / "serialization.md").read_text()


@pytest.mark.parametrize("python_type", writers(IntType.INT), ids=lambda clazz: clazz.__name__)
def test_every_builtin_type_is_in_the_table(python_type: type) -> None:
    module, name = python_type.__module__, python_type.__name__.removesuffix("Type")
    qualified = name if module == "builtins" or module.startswith("hzdata") else f"{module}.{name}"

    assert f"`{qualified}`" in TEXT
