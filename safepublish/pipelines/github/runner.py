"""The machine that a job asks for, and the Node and npm that it comes with."""

import re
from collections.abc import Sequence

from safepublish.ci.runners import is_hosted, provider_of
from safepublish.facts.step import Entry, Node, Npm, Runner
from safepublish.npm import bundled, node_version
from safepublish.pipelines.document import Map, YamlNode, strings
from safepublish.pipelines.expressions import UNKNOWN, Contexts, as_text, resolved
from safepublish.pipelines.node_setup import node_with_npm


def runner(job: Map, contexts: Contexts) -> Runner:
    """The machine that `runs-on` asks for."""
    entry, node = job.entry("runs-on"), job.node_of("runs-on")
    if node is None:
        return Runner(entry=entry)
    group = Map(node, job.source) if node.id == "mapping" else None
    labels = _resolved_labels(strings(node if group is None else group.node_of("labels")), contexts)
    if labels is None and group is None:
        return _chosen_by_expression(node, entry)
    provider = next(filter(None, map(provider_of, labels or ())), None)
    hosted: bool | None = None
    if provider is not None:
        hosted = False
    elif group is None and labels and all(is_hosted(label) for label in labels):
        hosted = True
    names = labels or ([] if group is None else [group.text("group") or ""])
    return Runner(None if labels is None else tuple(labels), hosted, entry, _os(names), provider)


def _chosen_by_expression(node: YamlNode, entry: Entry | None) -> Runner:
    """A runner that only the run chooses: hosted where every label that the expression names is."""
    text = " ".join(strings(node))
    labels = [label for label in re.findall(r"'([^']+)'", text) if is_hosted(label) or provider_of(label)]
    is_open = re.search(r"\b(?:vars|inputs|needs|env|steps)\.", re.sub(r"'[^']*'", "", text))
    if labels and not is_open and all(map(is_hosted, labels)) and re.search(r"&&.*\|\|", text):
        return Runner(tuple(labels), True, entry, _os(labels))
    image = re.fullmatch(r"([a-z]+)-\$\{\{.*\}\}", text.strip())
    if image is not None and image.group(1) in {"ubuntu", "windows", "macos"}:
        return Runner(None, True, entry, _os([text]))
    return Runner(entry=entry)


def _resolved_labels(texts: Sequence[str], contexts: Contexts) -> list[str] | None:
    """The labels with their expressions resolved; None where one is unknown."""
    labels: list[str] = []
    for text in texts:
        value = resolved(text, contexts)
        if value is UNKNOWN:
            return None
        labels.extend(map(as_text, value) if isinstance(value, list) else [as_text(value)])
    return labels


def _os(labels: Sequence[str]) -> str | None:
    text = " ".join(labels).lower()
    return next((name for name in ("windows", "macos", "ubuntu") if name in text), None)


def first_node(job: Map, runner: Runner, contexts: Contexts) -> tuple[Node, Npm]:
    """The Node and npm that are there before the first step: the container's, else those of the runner's image."""
    container = job.text("container") or job.map("container").text("image")
    if container is not None:
        image = resolved(container, contexts)
        version = None if image is UNKNOWN else node_version.of_container(as_text(image))
        unknown = f"the container {container} does not show the version"
        return node_with_npm("container", version, job.entry("container"), unknown=unknown)
    label = runner.labels[0] if runner.labels and len(runner.labels) == 1 else None
    npms = bundled.on_image(label) if label else None
    why = f"no step sets up a Node, and the Node of the image {label or 'of the runner'} changes over time"
    return Node("image", why=why), Npm(npms, "image", why)
