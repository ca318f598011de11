"""How real workflow files are mended: `python -m bench.mends CORPUS [--pairs] [--equal BEFORE AFTER]`.

CORPUS is a directory with INDEX.jsonl, one line a file: `file`, `path` in its repository, and where there are such
`pairs` (role, other) and `node_version_file` (path, saved_as). With --pairs every file that a later commit of its own
project moved from broken to something else is shown: what is said of the first, of the second, and of the first as it
is mended here and read again. Prints figures, and exits 1 where a promise is broken:
a file that needs no mend is changed, a second mend changes something, a mended file cannot be read, a step stays broken
of which the index says that its own project mended it, the first of a pair is not broken or the second is, or BEFORE
mended with --migrate is not AFTER byte for byte.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from safepublish.causes.fix_workflow import fix_workflow
from safepublish.causes.judge import judge_steps
from safepublish.facts.step import Verdict
from safepublish.pipelines import github
from safepublish.pipelines.scope import Files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--equal", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--pairs", action="store_true", help="show what a project itself moved from broken")
    parser.add_argument("--show", action="store_true", help="name every step that stays, and why")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in (asked.corpus / "INDEX.jsonl").read_text().splitlines()]
    faults: list[str] = []
    for migrate in (False, True):
        tally: Counter[str] = Counter()
        for row in rows:
            _one(asked.corpus, row, tally, faults, migrate=migrate, show=asked.show)
        how = "--fix --migrate" if migrate else "--fix"
        print(
            f"{how}: {tally['wanted']} steps, {tally['trusted']} trusted afterwards, {tally['open']} broken no more but"
        )
        print(f"  not to be told to the end, {tally['left']} left as they are, with the reason; files {tally['files']}")
    if asked.pairs:
        _pairs(asked.corpus, {row["file"]: row for row in rows}, faults)
    if asked.equal:
        before, after = (_bytes(asked.corpus, one) for one in asked.equal)
        row = next(row for row in rows if asked.equal[0] in row["file"])
        same = fix_workflow(before, row["path"], _files(asked.corpus, row), migrate=True).text == after
        print(f"{asked.equal[0]} mended is {asked.equal[1]} byte for byte: {same}")
        faults += [] if same else ["the two differ"]
    print(*faults, sep="\n")
    return 1 if faults else 0


def _one(
    corpus: Path, row: dict[str, Any], tally: Counter[str], faults: list[str], *, migrate: bool, show: bool
) -> None:
    text, files = _bytes(corpus, row["file"]), _files(corpus, row)
    file = github.read(text, row["path"], files)
    wanted = {Verdict.BROKEN, Verdict.TOKEN} if migrate else {Verdict.BROKEN}
    before = [one for one in judge_steps(file) if one.verdict in wanted]
    mended = fix_workflow(text, row["path"], files, migrate=migrate)
    if mended.file.trouble != file.trouble:
        faults.append(f"{row['file']}: mended, it cannot be read")
    if not before and mended.text != text:
        faults.append(f"{row['file']}: changed, and needs no mend")
    if fix_workflow(mended.text, row["path"], files, migrate=migrate).text != mended.text:
        faults.append(f"{row['file']}: a second mend changes it again")
    after = Counter(one.verdict for one in mended.steps)
    improved = len(before) - len(mended.unfixed)
    was_trusted = Counter(one.verdict for one in judge_steps(file))[Verdict.TRUSTED]
    tally["files"] += bool(before)
    tally["wanted"] += len(before)
    tally["trusted"] += after[Verdict.TRUSTED] - was_trusted
    tally["open"] += improved - (after[Verdict.TRUSTED] - was_trusted)
    tally["left"] += len(mended.unfixed)
    if show:
        for job, why in mended.unfixed:
            print(f"  {row['file']} {job}: {why}")
    pairs = [pair for pair in row.get("pairs", []) if pair["role"] == "before"]
    if not migrate and pairs and mended.unfixed:
        faults.append(f"{row['file']}: its own project mended it, and {len(mended.unfixed)} steps are left")


def _pairs(corpus: Path, rows: dict[str, dict[str, Any]], faults: list[str]) -> None:
    tally: Counter[str] = Counter()
    for row in rows.values():
        for pair in row.get("pairs", []):
            other = rows.get(pair["other"])
            if pair["role"] != "before" or other is None or "broken" not in _labels(row) or "broken" in _labels(other):
                continue
            first, second, mended = _verdicts(corpus, row), _verdicts(corpus, other), _mended(corpus, row)
            tally["pairs"] += 1
            tally["first"] += Verdict.BROKEN in first
            tally["second"] += Verdict.BROKEN not in second
            tally["mended"] += Verdict.BROKEN not in mended
            tally["trusted"] += set(mended) == {Verdict.TRUSTED}
            faults += [] if Verdict.BROKEN in first else [f"{row['file']}: its project mended it, and it is not broken"]
            faults += [f"{other['file']}: a mended file is broken"] if Verdict.BROKEN in second else []
            shown = ", then ".join(" ".join(one.value for one in said) for said in (first, second))
            print(f"  {row['file']}: {shown}; mended here: {' '.join(one.value for one in mended)}")
    print(f"{tally['pairs']} files that their own projects moved from broken: {tally['first']} are called broken,")
    print(f"  {tally['second']} of their successors are not, {tally['mended']} are broken no more when mended here,")
    print(f"  {tally['trusted']} of them with every step trusted")


def _labels(row: dict[str, Any]) -> set[str]:
    return {step["verdict"] for step in row["steps"]}


def _verdicts(corpus: Path, row: dict[str, Any]) -> list[Verdict]:
    file = github.read(_bytes(corpus, row["file"]), row["path"], _files(corpus, row))
    return [one.verdict for one in judge_steps(file)]


def _mended(corpus: Path, row: dict[str, Any]) -> list[Verdict]:
    """The verdicts of the mended text, read again."""
    text = fix_workflow(_bytes(corpus, row["file"]), row["path"], _files(corpus, row)).text
    return [one.verdict for one in judge_steps(github.read(text, row["path"], _files(corpus, row)))]


def _bytes(corpus: Path, name: str) -> str:
    path = corpus / name
    found = path if path.exists() else next(corpus.glob(f"*{name}*.yml"))
    return found.read_bytes().decode()


def _files(corpus: Path, row: dict[str, Any]) -> Files:
    beside = row.get("node_version_file")
    if beside and (corpus / beside["saved_as"]).exists():
        return {beside["path"]: (corpus / beside["saved_as"]).read_text()}.get
    return lambda _: None


if __name__ == "__main__":
    sys.exit(main())
