"""``python -m safepublish``."""

import sys

from safepublish.cli import main

sys.exit(main())
