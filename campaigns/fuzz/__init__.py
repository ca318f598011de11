"""Fuzzes the readers of foreign text: `python -m campaigns fuzz --minutes 60` drives each target of targets.py in turn.

Coverage decides what is tried next (atheris over libFuzzer, started with the corpus of the last run, which is kept in
the cache). An input at which a target fails is put into campaigns/fuzz/findings and stays there as a regression test.
What was done in all is added up in campaigns/fuzz/ledger.json, which `--total` prints and `make docs` puts into
docs/reliability.md. `make fuzz` brings atheris.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent

LEDGER = ROOT / "ledger.json"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "safepublish", "fuzz")
SLOW = 20  # seconds that one input may take


def drive(name: str, rest: list[str]) -> None:
    """Fuzz one target in this process until libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["safepublish", "campaigns.fuzz.targets"], enable_loader_override=False):
        from campaigns.fuzz import targets
    atheris.Setup([sys.argv[0], *rest], targets.TARGETS[name].run)
    atheris.Fuzz()


def once(name: str, seconds: int) -> tuple[int, float, bool]:
    """Fuzz one target for so long: executions, seconds, and whether it failed."""
    from campaigns.fuzz import targets

    corpus = CACHE / name
    corpus.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed-{index}").write_bytes(seed)
    found = Path(targets.FINDINGS, name)
    with tempfile.TemporaryDirectory() as directory:
        command = [
            sys.executable,
            "-m",
            "campaigns.fuzz",
            "--drive",
            name,
            f"-max_total_time={seconds}",
            "-print_final_stats=1",
        ]
        command += [f"-max_len={targets.TARGETS[name].longest}", f"-timeout={SLOW}", "-rss_limit_mb=1500"]
        command += [f"-artifact_prefix={directory}/", str(corpus)]
        started = time.monotonic()
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, cwd=directory)
        took = time.monotonic() - started
        artifacts = [one for one in Path(directory).iterdir() if re.match(r"crash|timeout|oom|leak", one.name)]
        for artifact in artifacts:
            found.mkdir(parents=True, exist_ok=True)
            (found / artifact.name).write_bytes(artifact.read_bytes())
    if ended.returncode:
        print(f"{name}: ended with {ended.returncode}\n{ended.stderr[-3000:]}", flush=True)
    executed = re.findall(r"stat::number_of_executed_units:\s*(\d+)", ended.stderr) or re.findall(
        r"#(\d+)\s", ended.stderr
    )
    return int(executed[-1]) if executed else 0, took, bool(ended.returncode)


def record(name: str, executions: int, seconds: float) -> None:
    """Add to the ledger."""
    ledger = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    entry = ledger.setdefault(name, {"executions": 0, "seconds": 0})
    entry["executions"] += executions
    entry["seconds"] = round(entry["seconds"] + seconds)
    temporary = LEDGER.with_suffix(".new")
    temporary.write_text(json.dumps(ledger, indent=2, sort_keys=True) + "\n")
    temporary.replace(LEDGER)


def total() -> str:
    """The ledger as a table in Markdown."""
    from campaigns.fuzz import targets

    ledger = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    rows = ["| target | executions | minutes | findings kept |", "| --- | ---: | ---: | ---: |"]
    executions, seconds, findings = 0, 0, 0
    for name in targets.TARGETS:
        entry = ledger.get(name, {"executions": 0, "seconds": 0})
        kept = len(list(Path(targets.FINDINGS, name).glob("*")))
        rows.append(f"| {name} | {entry['executions']:,} | {entry['seconds'] / 60:.0f} | {kept} |")
        executions, seconds, findings = executions + entry["executions"], seconds + entry["seconds"], findings + kept
    rows.append(f"| **all** | **{executions:,}** | **{seconds / 60:.0f}** | **{findings}** |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Fuzz, or print what was fuzzed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--round", type=int, default=60, help="seconds for each target before the next")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--total", action="store_true")
    chosen = parser.parse_args()
    if chosen.total:
        print(total(), end="")
        return 0
    from campaigns.fuzz import targets

    failed = False
    ends = time.monotonic() + 60 * chosen.minutes
    while time.monotonic() < ends:
        for name in chosen.only or targets.TARGETS:
            executions, took, wrong = once(name, chosen.round)
            record(name, executions, took)
            failed = failed or wrong
            print(f"{name}: {executions} executions in {took:.0f} s", flush=True)
            if time.monotonic() >= ends:
                break
    return int(failed)
