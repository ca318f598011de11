"""What npm's configuration comes to for one package."""

from collections.abc import Mapping

from safepublish.facts.run import Credential, Origin, PackageSettings, Problem
from safepublish.npm.arguments import Value, text, truthy
from safepublish.npm.config.credentials import credential
from safepublish.npm.config.layers import Layers
from safepublish.npm.config.registry import View
from safepublish.npm.config.values import text_or_none


def package_settings(
    layers: Layers, name: str | None, publish_config: Mapping[str, Value]
) -> tuple[PackageSettings, Credential]:
    """Return the settings and the credential for publishing the package *name* (lib/commands/publish.js)."""
    view = View(layers, publish_config)
    registry = view.registry(name)
    tag = view.value("tag")
    provenance, provenance_origin = _provenance(layers, view)
    access = view.value("access")
    found, problems = credential(view, registry, name)
    if "?" in registry.value.partition("#")[0]:
        why = "the registry's URL has a query (`?`), behind which npm puts the package's name"
        problems = (*problems, Problem("usage", why, registry.origin, stops_npm=True))
    settings = PackageSettings(
        registry=registry,
        dist_tag=text(tag),
        dist_tag_given=not layers.is_default("tag") or truthy(publish_config.get("tag")),
        access="restricted" if access == "private" and "private" in layers.types["access"] else text_or_none(access),
        provenance=provenance,
        provenance_origin=provenance_origin,
        provenance_file=truthy(view.value("provenance-file")),
        offline=layers.flat("offline") is True,
        problems=problems,
    )
    return settings, found


def _provenance(layers: Layers, view: View) -> tuple[bool | None, Origin | None]:
    """Whether provenance is asked for: only `true` itself asks (libnpmpublish, lib/publish.js, `buildMetadata`).

    What keeps npm from deciding by itself is any setting but publishConfig's (lib/utils/oidc.js, `isDefault`).
    """
    origin = view.origin("provenance") if "provenance" in view.own else layers.origin("provenance")
    if view.value("provenance") is True:
        return True, origin
    return (None if layers.is_default("provenance") else False), origin
