"""One target in a process of its own: what `campaigns.fuzz` starts."""

import sys

from campaigns import fuzz

if sys.argv[1:2] == ["--drive"]:
    fuzz.drive(sys.argv[2], sys.argv[3:])
sys.exit(fuzz.main())
