import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.shell import interpreter, makefile
from tests.support import steps

MAKEFILE = """\
NPM = npm
FLAGS := --access public
ifdef BETA
FLAGS += --tag beta
endif
.PHONY: publish dist deploy

all: build
build:
\t@echo "npm publish"

publish: build | dir
\t@$(NPM) publish \\
\t\t$(FLAGS)
dist: publish ; -npm dist-tag ls $@
deploy:
\t# npm publish, some day
\tcd pkg && $(MAKE) dist
\t-npm publish --tag $(TAG) --registry ${REGISTRY} $(shell cat flags)
%.js: %.ts
\ttsc
loop: loop
\tnpm pack
define NOTES
publish-notes:
\tnpm publish
endef
"""


def commands(*targets: str, text: str = MAKEFILE) -> list[str] | None:
    script = makefile.script(text, targets)
    return (
        None
        if script is None
        else [words for one in interpreter.parse(script, shell="sh") if (words := " ".join(one.argv)) != "true"]
    )


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ((), ["echo npm publish"]),
        (("build",), ["echo npm publish"]),
        (("publish",), ["echo npm publish", "npm publish --access public --tag beta"]),
        (("dist",), ["echo npm publish", "npm publish --access public --tag beta", "npm dist-tag ls dist"]),
        (("deploy",), ["cd pkg", "make dist", "npm publish --tag ${TAG} --registry ${REGISTRY} $unknown"]),
        (("build", "build"), ["echo npm publish"]),
        (("loop",), ["npm pack"]),
        (("x.js",), None),
        (("build", "nowhere"), None),
        (("publish-notes",), None),
    ],
)
def test_what_a_target_runs(targets: tuple[str, ...], expected: list[str] | None) -> None:
    assert commands(*targets) == expected


def test_a_failure_that_make_ignores_is_swallowed() -> None:
    script = makefile.script(MAKEFILE, ["deploy"])
    assert script is not None
    (publish,) = [one for one in interpreter.parse(script, shell="sh") if one.argv[:2] == ("npm", "publish")]
    assert publish.swallowed == "|| true"


def test_each_line_has_a_shell_of_its_own() -> None:
    script = makefile.script("a:\n\tcd pkg\n\tnpm publish\n\tcd pkg; npm publish\n", ["a"])
    assert script is not None
    told = [(one.argv[0], one.directory) for one in interpreter.parse(script, shell="sh") if one.argv[0] == "npm"]
    assert told == [("npm", "."), ("npm", "pkg")]


@pytest.mark.parametrize(
    "text",
    [
        "A = $(A)\nx:\n\tnpm publish $(A)\n",
        "".join(f"V{n} = $(V{n + 1})$(V{n + 1})\n" for n in range(60)) + "V60 = abc\nx:\n\techo $(V0)\n",
        "x: y\ny: x\n\techo\n",
        "".join(f"t{n}: t{n + 1}\n\techo {n}\n" for n in range(3000)),
    ],
)
def test_no_file_makes_it_run_long(text: str) -> None:
    assert makefile.publishing(text, lambda script: "publish" in script) in {(), ("make x",)}
    assert len(makefile.script(text, ["x"]) or "") < 20_000


@given(st.text(alphabet="ab:=\t\n\\$(){}#;|%@-+? .", max_size=120))
def test_no_text_crashes_it(text: str) -> None:
    makefile.script(text, [])
    for name in makefile.publishing(text, lambda _: True):
        makefile.script(text, [name.removeprefix("make ")])


@pytest.mark.parametrize(
    ("command", "files", "expected"),
    [
        pytest.param("make publish", {"Makefile": MAKEFILE}, "trusted", id="a-target"),
        pytest.param("make dist", {"makefile": MAKEFILE}, "trusted", id="through-another"),
        pytest.param("make deploy", {"Makefile": MAKEFILE}, "unknown", id="to-a-registry-that-make-is-told"),
        pytest.param("make ship-it", {"Makefile": "ship-it:\n\tnpm publish\n"}, "trusted", id="the-name-says-little"),
        pytest.param("make -C lib publish", {"lib/Makefile": MAKEFILE}, "trusted", id="elsewhere"),
        pytest.param("make -f build.mk publish", {"build.mk": MAKEFILE}, "trusted", id="of-another-name"),
        pytest.param("make build", {"Makefile": MAKEFILE}, "", id="an-echo"),
        pytest.param("make publish", {"Makefile": "publish:\n\tdocker push x\n"}, "", id="not-to-npm"),
        pytest.param("make publish", {}, "unknown", id="not-at-hand"),
        pytest.param("make publish", {"Makefile": "include rules.mk\n"}, "unknown", id="in-another-file"),
        pytest.param("make deploy", {}, "", id="nothing-says-so"),
        pytest.param("just publish", {"Makefile": MAKEFILE}, "unknown", id="not-make"),
    ],
)
def test_publishing_through_make(command: str, files: dict[str, str], expected: str) -> None:
    assert steps.verdict(("npm publish", command), files=files) == expected


def test_the_npm_of_the_job_is_that_of_its_targets() -> None:
    assert steps.ids(("npm publish", "make publish"), ('"24"', '"22"'), files={"Makefile": MAKEFILE}) == {
        "npm-too-old:fail"
    }
