"""Edits of workflows in unusual YAML styles: only what is meant to change differs in the parsed file."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.causes.fix_workflow import FixedFile, fix_workflow
from safepublish.causes.judge import judge_steps
from safepublish.pipelines import document, github
from safepublish.pipelines.fix import edits
from safepublish.pipelines.fix.edit_check import Added, Inserted, NewText, NewValue, Removed, problem
from safepublish.pipelines.fix.sheet import Sheet

PATH = ".github/workflows/publish.yml"
WORKFLOW = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/setup-node@v4
        with:
          node-version: 24
          registry-url: https://registry.npmjs.org
      - run: npm publish
"""
PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"


def mended(old: str, new: str, *, migrate: bool = False) -> FixedFile:
    assert WORKFLOW.count(old) == 1
    return fix_workflow(WORKFLOW.replace(old, new), PATH, lambda _: None, migrate=migrate)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("permissions: { contents: read, }", "permissions: { contents: read, id-token: write, }"),
        ("permissions: {contents: read}", "permissions: {contents: read, id-token: write}"),
        ("permissions: {\n      contents: read, # a\n      packages: read # b\n    }",
         "permissions: {\n      contents: read, # a\n      packages: read, id-token: write # b\n    }"),
        ("permissions: {\n      contents: read , # a\n      # b\n    }",
         "permissions: {\n      contents: read, id-token: write , # a\n      # b\n    }"),
        ('permissions: {"contents":"read"}', 'permissions: {"contents":"read", id-token: write}'),
        ("permissions: {contents: }", "permissions: {contents: , id-token: write}"),
        ("permissions:\t{ contents: read }\t# a", "permissions:\t{ contents: read, id-token: write }\t# a"),
        ("permissions: {}", "permissions: { id-token: write }"),
        ("permissions: {\n      # none\n    }", "permissions: {\n      # none\n    id-token: write }"),
        ("permissions: &p\n      contents: read", "permissions: &p\n      contents: read\n      id-token: write"),
        ("'permissions':\n      \"contents\": read # a", "'permissions':\n      \"contents\": read # a\n      id-token: write"),
        ("permissions:\n      id-token:", "permissions:\n      id-token: write"),
        ("permissions:\n      id-token: &i 'none' # a", "permissions:\n      id-token: &i write # a"),
        ("permissions : read-all # a", "permissions :\n      contents: read\n      id-token: write # a"),
        ("permissions: &p read-all", "permissions: &p\n      contents: read\n      id-token: write"),
        ("permissions: # a\n      read-all", "permissions: # a\n      contents: read\n      id-token: write"),
        ("permissions: 'read-all'", "permissions:\n      contents: read\n      id-token: write"),
        ("permissions:", "permissions:\n      contents: read\n      id-token: write"),
    ],
)  # fmt: skip
def test_permissions_in_every_style(written: str, expected: str) -> None:
    one = mended(PERMISSIONS, f"    {written}\n")
    assert one.text == WORKFLOW.replace(PERMISSIONS, f"    {expected}\n")
    assert [step.verdict.value for step in one.steps] == ["trusted"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("node-version: &n 22", "node-version: &n 24"),
        ("node-version: &n '22' # a", "node-version: &n '24' # a"),
        ("node-version: !!str 22", "node-version: !!str 24"),
        ("node-version: !!str &n 22", "node-version: !!str &n 24"),
        ("node-version:\n            22", "node-version:\n            24"),
        ("'node-version' : \"22\"", "'node-version' : \"24\""),
        ("? node-version\n          : 22", "? node-version\n          : 24"),
        ("node-version:\t22\t# a", "node-version:\t24\t# a"),
    ],
)
def test_node_version_in_every_style(written: str, expected: str) -> None:
    one = mended("node-version: 24", written)
    assert one.text == WORKFLOW.replace("node-version: 24", expected)
    assert [step.verdict.value for step in one.steps] == ["trusted"]


NODE = "node-version: 24"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (NODE, "node-version: &n 22\n          cache: *n", "line 11 is also used through an alias"),
        (PERMISSIONS, "    permissions:\n      ID-Token: none\n", "already has the key id-token"),
        (PERMISSIONS, "    permissions: &p {contents: read}\n    env: *p\n", "line 5 is also used through an alias"),
        (PERMISSIONS, "    permissions:\n      ? contents\n      : read\n", "the edit would make the file unreadable"),
        (PERMISSIONS, "    permissions: {contents: [read]}\n", "line 5 are not written as names and levels"),
        (PERMISSIONS, "    permissions:\n      <<: {contents: read}\n", "line 5 are not written as names and levels"),
    ],
)
def test_what_cannot_be_edited_alone_is_left_with_the_reason(old: str, new: str, why: str) -> None:
    one = mended(old, new)
    assert one.text == one.before
    assert one.fixes == ()
    assert [reason for _, reason in one.unfixed if why in reason], one.unfixed


def test_a_finding_shows_no_edit_that_would_break_the_file() -> None:
    text = WORKFLOW.replace(NODE, "node-version: &n 22\n          cache: *n")
    (step,) = judge_steps(github.read(text, PATH, lambda _: None))
    assert [one.id for one in step.findings] == ["npm-too-old"]
    assert step.findings[0].remedy is not None
    assert step.findings[0].remedy.diff is None


def test_a_comment_at_the_end_of_a_script_stays_in_it() -> None:
    job_token = "    env:\n      NODE_AUTH_TOKEN: ${{ secrets.T }}\n    steps:\n      - run: npm ci\n"
    text = WORKFLOW.replace("    steps:\n", job_token).replace(
        "npm publish\n", "|\n          npm publish\n          # end\n"
    )
    one = fix_workflow(text, PATH, lambda _: None, migrate=True)
    assert one.text == text + '        env:\n          NODE_AUTH_TOKEN: ""\n'


def test_id_token_is_added_once_for_two_steps_of_a_job() -> None:
    text = WORKFLOW.replace("      id-token: write\n", "") + "      - run: npm publish\n        working-directory: b\n"
    one = fix_workflow(text, PATH, lambda _: None)
    assert one.text.count("id-token: write") == 1
    assert [step.verdict.value for step in one.steps] == ["trusted", "trusted"]


# Generated workflows

TOKEN = "${{ secrets.NPM_TOKEN }}"
OWN = {"permissions", "env", "steps", "container", "runs-on", "strategy"}
"""The keys of the publishing job that an edit may change."""


def data(choose: Any) -> dict[str, Any]:
    """A workflow as data: a job that publishes, and one that tests and has the same values."""
    permissions = choose(
        [None, {}, {"contents": "read"}, {"id-token": "none"}, {"contents": "read", "id-token": "write"}, "read-all", "",
         {"contents": "read", "packages": "read"}]
    )  # fmt: skip
    setup = {
        "uses": "actions/setup-node@v4",
        "with": choose(
            [{"node-version": "22"}, {"node-version": "24"}, {"registry-url": "https://registry.npmjs.org"},
             {"node-version": "20.x", "registry-url": "https://registry.npmjs.org"}]
        ),
    }  # fmt: skip
    env = choose(
        [None, {"NODE_AUTH_TOKEN": TOKEN}, {"A": "b", "NODE_AUTH_TOKEN": TOKEN}, {"NPM_TOKEN": TOKEN, "A": "b c"}]
    )
    run = choose(["npm publish", "npm publish --provenance --access public", "npm i -g npm@latest\nnpm publish\n# end\n",
                  "npm config set //registry.npmjs.org/:_authToken ${NPM_TOKEN}\nnpm publish --provenance\n", "yarn publish"])  # fmt: skip
    publish: dict[str, Any] = {"run": run, "name": "Publish: all"}
    job: dict[str, Any] = {
        "runs-on": choose(["ubuntu-latest", "blacksmith-4vcpu-ubuntu-2404"]),
        "if": "github.ref != 'x'",
    }
    if env is not None:
        choose([publish, publish, job])["env"] = env
    if choose([True, False]):
        publish = dict(reversed(publish.items()))
    steps = [{"uses": "actions/checkout@v5"}, setup, *choose([[], [{"run": "npm ci"}]]), publish]
    test = {
        "runs-on": "ubuntu-latest",
        "env": env or {},
        "steps": [{"uses": "actions/checkout@v5"}, setup, {"run": "npm test"}],
    }
    root: dict[str, Any] = {"name": "Release", "on": {"push": {"branches": ["main", "v*"]}}, "jobs": {}}
    if permissions is not None:
        test["permissions"] = permissions
        choose([job, job, root])["permissions"] = permissions
    jobs = {"publish": {**job, "steps": steps}, "test": test}
    root["jobs"] = choose([jobs, dict(reversed(jobs.items())), {"publish": jobs["publish"]}])
    return root


class Writer:
    """Writes data as YAML, and chooses among the styles that YAML has for each value."""

    def __init__(self, choose: Any) -> None:
        self.choose = choose
        self.anchors: list[tuple[Any, str]] = []
        self.count = 0

    def chance(self, one_in: int) -> bool:
        return bool(self.choose(range(one_in)) == one_in - 1)

    def write(self, root: Any) -> str:
        head = self.choose(["", "", "---\n", "# first\n", "\ufeff", "%YAML 1.1\n---\n"])
        text = head + self.block(root, 0) + self.choose(["", "", "...\n", "# last\n", "\n\n"])
        if self.chance(4):
            text = text.rstrip("\n")
        return str(text.replace("\n", self.choose(["\n", "\n", "\r\n"])))

    def block(self, value: Any, indent: int) -> str:
        text = ""
        for item in value.items() if isinstance(value, dict) else value:
            text += " " * indent
            if isinstance(value, dict):
                key, item = item  # noqa: PLW2901
                text += self.key(key) + self.value(item, indent, self.choose([1, 2, 2, 4]))
            elif isinstance(item, dict) and item and self.chance(2) and self.alias(item) is None:
                dash = "-" + self.choose([" ", " ", "   "])
                text += dash + self.block(item, indent + len(dash)).lstrip(" ")
            else:
                text += "-" + self.value(item, indent, 2).replace("\t", "")
            text += self.choose(["", "", "", "", f"{' ' * indent}# a comment\n", "\n"])
        return text

    def key(self, key: str) -> str:
        return str(self.choose(["{}:", "{}:", "{}:", "{}:", "'{}':", '"{}":', "{} :"]).format(key))

    def alias(self, value: Any) -> str | None:
        known = next((name for other, name in self.anchors if other == value), None)
        return known if known is not None and self.chance(2) else None

    def value(self, value: Any, indent: int, step: int) -> str:
        """What follows a key or a dash, with the end of its line."""
        alias = self.alias(value)
        if alias is not None:
            return f" *{alias}{self.end()}"
        anchor = ""
        if value and self.chance(6):
            self.count += 1
            name = f"a{self.count}"
            anchor = f" &{name}"
        if isinstance(value, str) and "\n" in value:
            lines = value.rstrip("\n").split("\n")
            text = f"{anchor} {self.choose('|>') if '#' not in value else '|'}{self.end()}"
            text += "".join(f"{' ' * (indent + 2)}{line}\n" for line in lines)
        elif isinstance(value, str):
            text = anchor + self.choose([" ", " ", " \t", "  "]) + self.scalar(value) + self.end(tabs=True)
        elif value and not self.chance(4):
            text = anchor + self.end() + self.block(value, indent + step)
        else:
            text = f"{anchor} {self.flow(value, indent)}{self.end()}"
        if anchor:
            self.anchors.append((value, name))
        return text

    def scalar(self, value: str) -> str:
        if "'" in value or "#" in value or ": " in value:
            return f'"{value}"'
        tag = "!!str " if value and self.chance(12) else ""
        return str(tag + self.choose(["{}", "{}", "'{}'", '"{}"'] if value else ["{}"]).format(value))

    def flow(self, value: Any, indent: int) -> str:
        if isinstance(value, str):
            quoted = any(one in value for one in "'\n#:,[]{}")
            if quoted:
                return '"' + value.replace("\n", "\\n") + '"'
            return self.scalar(value)
        apart = self.choose([" ", "", f"\n{' ' * (indent + 3)}", f" # why\n{' ' * (indent + 3)}"])
        if isinstance(value, dict):
            items = [f"{key}: {self.flow(item, indent)}" for key, item in value.items()]
        else:
            items = [self.flow(item, indent) for item in value]
        between = ", " if not apart.strip(" ") else f",{apart}"
        last = self.choose(["", ",", " ,"]) if items else ""
        begin, end = "{}" if isinstance(value, dict) else "[]"
        return f"{begin}{apart}{between.join(items)}{last}{apart}{end}"

    def end(self, *, tabs: bool = False) -> str:
        endings = ["\n", "\n", "\n", "\n", " # a comment\n", "  \n", *([" \t# x: y\n", "\t\n"] if tabs else [])]
        return str(self.choose(endings))


@st.composite
def odd_workflows(draw: st.DrawFn) -> str:
    random = draw(st.randoms(use_true_random=False))
    return Writer(random.choice).write(data(random.choice))


def loaded(text: str) -> Any:
    return yaml.load(text.removeprefix("\ufeff"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def words(steps: Any) -> Iterator[tuple[str, str]]:
    """Every value in the steps of a job that no edit may change, with its name."""
    for step in steps:
        for key, value in step.items():
            if key == "with":
                yield from ((f"with {name}", item) for name, item in value.items() if name != "node-version")
            elif key == "env":
                yield from ((f"env {name}", item) for name, item in value.items() if not name.endswith("TOKEN"))
            elif key == "run":
                yield from (
                    ("run", word)
                    for line in value.splitlines()
                    if "_authToken" not in line
                    for word in line.split()
                    if not word.startswith(("--provenance", "npm@", "yarn", "npm"))
                )
            else:
                yield key, value


def check_intended(before: Any, after: Any) -> None:
    """Only the publishing job, and the permissions of a workflow that has no other job, may differ; and only so far."""
    assert {**before, "jobs": 0, "permissions": 0} == {**after, "jobs": 0, "permissions": 0}
    assert list(before["jobs"]) == list(after["jobs"])
    if len(before["jobs"]) > 1:
        assert before.get("permissions") == after.get("permissions")
        assert before["jobs"]["test"] == after["jobs"]["test"]
    old, new = before["jobs"]["publish"], after["jobs"]["publish"]
    assert {key: old[key] for key in old if key not in OWN} == {key: new[key] for key in new if key not in OWN}
    assert list(words(old["steps"])) == list(words(new["steps"]))
    old_env, new_env = old.get("env", {}), new.get("env", {})
    assert {key: old_env[key] for key in old_env if not key.endswith("TOKEN")} == {
        key: value for key, value in new_env.items() if not key.endswith("TOKEN")
    }
    for one, other in ((before, after), (old, new)):
        had, has = one.get("permissions"), other.get("permissions")
        if isinstance(had, dict) and isinstance(has, dict):
            assert {**had, "id-token": "write"} == {**has, "id-token": "write"}
        if had != has and had is not None:
            assert has["id-token"] == "write"


@settings(max_examples=100, deadline=None)
@given(odd_workflows(), st.booleans())
def test_an_edit_changes_what_it_is_meant_to_in_every_style(text: str, migrate: bool) -> None:
    try:
        before = loaded(text)
    except yaml.YAMLError:
        before = None  # the writer mixes styles that YAML does not allow together
    one = fix_workflow(text, PATH, lambda _: None, migrate=migrate)
    if before is None or one.text == text:
        assert (one.text, one.fixes, one.migrated if not migrate else ()) == (text, (), ())
        return
    assert one.file.trouble is None
    check_intended(before, loaded(one.text))
    assert one.text.startswith("\ufeff") == text.startswith("\ufeff")
    assert ("\r" in one.text) == ("\r" in text)
    assert "\r" not in text or one.text.count("\r\n") == one.text.count("\n")
    assert migrate or text.count("# a comment") == one.text.count("# a comment")
    again = fix_workflow(one.text, PATH, lambda _: None, migrate=migrate)
    assert (again.text, again.fixes) == (one.text, ())


# The check itself

DOCUMENT = "a: &x 1\nb: *x\nc: {d: e}\nf:\n  - run: |\n      npm ci\n      npm publish --provenance\n  - g\n"


def nodes() -> dict[str, Any]:
    root = document.compose(DOCUMENT)
    assert root is not None
    found = {key.value: value for key, value in root.value}
    return {**found, "root": root, "script": found["f"].value[0].value[0][1]}


@pytest.mark.parametrize(
    ("old", "new", "change", "why"),
    [
        ("g", "g", None, None),
        ("g", "g # a comment", None, None),
        ("  - g\n", "  - 'g'\n", None, "more than intended on line 8"),
        ("{d: e}", "{d: f}", None, "more than intended on line 3"),
        ("{d: e}", "{d: e, h: i}", None, "more than intended on line 3"),
        ("{d: e}", "{d: e, h: i}", lambda n: Added(n["c"], "h", "i"), None),
        ("{d: e}", "{d: e, h: j}", lambda n: Added(n["c"], "h", "i"), "more than intended on line 3"),
        ("{d: e}", "{d: e, h: i, h: i}", lambda n: Added(n["c"], "h", "i"), "more than intended on line 3"),
        ("{d: e}", "{d: e, D: i}", lambda n: Added(n["c"], "D", "i"), "already has the key D"),
        ("{d: e}", "{d: e,, h: i}", lambda n: Added(n["c"], "h", "i"), "unreadable"),
        ("{d: e}", "{}", lambda n: Removed(n["c"], 0), None),
        ("{d: e}", "", lambda n: Removed(n["c"], 0), "more than intended on line 3"),
        ("c: {d: e}\n", "", lambda n: Removed(n["root"], 2), None),
        ("c: {d: e}\n", "", lambda n: Removed(n["root"], 1), "more than intended"),
        ("&x 1", "&x 2", lambda n: NewValue(n["a"], "2"), "line 1 is also used through an alias"),
        ("&x 1", "2", lambda n: NewValue(n["a"], "2"), "unreadable: found undefined alias"),
        ("&x 1\nb: *x", "2\nb: 1", lambda n: NewValue(n["a"], "2"), None),
        ("{d: e}", "2", lambda n: NewValue(n["c"], "2"), None),
        ("{d: e}", "{h: i}", lambda n: NewValue(n["c"], (("h", "i"),)), None),
        ("  - g", "  - h: i\n  - g", lambda n: Inserted(n["f"], 1, (("h", "i"),)), None),
        ("  - g", "  - h: i\n  - g", lambda n: Inserted(n["f"], 0, (("h", "i"),)), "more than intended on line 5"),
        ("  - g\n", "", lambda n: Removed(n["f"], 1), None),
        (" --provenance", "", lambda n: NewText(n["script"], 0, "--provenance", ""), None),
        ("\n      npm publish --provenance", " npm publish", lambda n: NewText(n["script"], 0, "--provenance", ""), "line 5"),
        ("      npm ci\n", "", lambda n: NewText(n["script"], 0, "      npm ci\n", ""), None),
        ("      npm ci\n", "", lambda n: NewText(n["script"], 1, "npm ci", ""), "more than intended on line 5"),
        ("npm ci", "npm@11 ci", lambda n: NewText(n["script"], 0, "npm", "npm@11"), None),
        ("npm ci", "npm@11 ci", lambda n: NewText(n["script"], 1, "npm", "npm@11"), "more than intended on line 5"),
        ("  - g", "  - !t g", None, "more than intended on line 8"),
    ],
)  # fmt: skip
def test_only_the_intended_change_is_accepted(old: str, new: str, change: Any, why: str | None) -> None:
    assert DOCUMENT.count(old) >= 1
    found = nodes()
    head, _, tail = DOCUMENT.rpartition(old)
    result = problem(found["root"], head + new + tail, [change(found)] if change is not None else [])
    assert (result is None) if why is None else (result is not None and why in result), result


def test_many_aliases_of_aliases_are_compared_in_no_time() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    root = document.compose(text)
    assert problem(root, text, []) is None
    assert problem(root, text.replace("[x]", "[y]"), []) is not None


def test_an_edit_that_overlaps_another_waits_for_the_next_round() -> None:
    sheet = Sheet("a: 1\nb: 2\n")
    (_, first), (_, second) = sheet.tree.root.value
    one = edits.Fix((edits.Edit(3, 4, "5"),), changes=(NewValue(first, "5"),))
    other = edits.Fix((edits.Edit(3, 9, "5\nb: 6"),), changes=(NewValue(second, "6"), NewValue(first, "5")))
    assert edits.conflict(sheet, [one]) is None
    assert edits.conflict(sheet, [other]) is None
    assert edits.conflict(sheet, [one, other]) is not None
