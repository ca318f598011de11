"""What ages, as JSON: the npm of each Node, npm's options, CI vendors. `make facts` refreshes it.

In: the name of a file. Out: its document, read when it is first needed. Imports nothing of the package.
"""

import json
from functools import lru_cache
from typing import Any, Protocol, cast


class _Loader(Protocol):
    def get_data(self, path: str) -> bytes: ...


@lru_cache(maxsize=8)
def load(name: str) -> Any:
    """The document *name*, through the loader of this package, so that a zip archive serves as well as a directory."""
    loader = cast("_Loader", globals()["__loader__"])
    return json.loads(loader.get_data(f"{__path__[0]}/{name}.json"))
