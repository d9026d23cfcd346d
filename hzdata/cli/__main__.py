"""``python -m hzdata.cli``."""

import sys

from . import main

sys.exit(main())
