"""Scripts as the commands that they run."""

from safepublish.shell import interpreter


def words(script: str, **options: object) -> list[str]:
    """Each command as one line; `¿` marks an opaque word."""
    return [
        " ".join(("¿" if place in one.opaque else "") + word for place, word in enumerate(one.argv))
        for one in interpreter.parse(script, **options)  # type: ignore[arg-type]
    ]
