#!/usr/bin/env bash
# Finds a Python and hands over to start.py, which does the rest. macOS runs this with bash 3.2.
set -euo pipefail

here=${0%/*}
tools=${RUNNER_TOOL_CACHE:-}
tools=${tools//\\//} # Windows
seen=
found=${RUNNER_TEMP:+${RUNNER_TEMP//\\//}/safepublish-python} # what an earlier use in this job found

start() {
  exec "$1" -I -S -X utf8 "$here/start.py"
}

# Becomes start.py on the Python $1 if that fits; else remembers why not. $2 is "named" where the user named it.
try() {
  local said status=0
  said=$("$1" -I "$here/fits.py" "${2:-}" 2>&1) || status=$?
  if [ "$status" = 0 ]; then
    if [ -n "$found" ] && [ -z "${2:-}" ]; then printf '%s\n%s\n' "$here" "$(type -P "$1")" >"$found" || true; fi
    start "$1"
  fi
  if [ "$status" != 3 ]; then said="does not start"; fi
  seen="$seen$1 $said; "
}

refuse() {
  local said=${1//'%'/%25}
  said=${said//$'\r'/%0D}
  echo "::error title=safepublish%3A no Python::${said//$'\n'/%0A}"
  exit 2
}

if [ -n "${INPUT_PYTHON:-}" ]; then
  try "$INPUT_PYTHON" named
  refuse "The input python cannot be used: ${seen%; }. It needs CPython 3.11.2 or newer with pip."
fi
if [ -n "$found" ] && [ -r "$found" ]; then
  { read -r by && read -r python; } <"$found" || by=
  if [ "$by" = "$here" ] && [ -x "$python" ]; then start "$python"; fi
fi
for name in python3 python; do
  if [ -n "$(type -P "$name")" ]; then try "$name"; fi
done
for minor in 14 13 12 11; do
  for python in "$tools/Python/3.$minor".*/*/bin/python3 "$tools/Python/3.$minor".*/*/python.exe; do
    if [ -x "$python" ]; then try "$python"; fi
  done
  if [ -n "$(type -P "python3.$minor")" ]; then try "python3.$minor"; fi
done
if [ -n "$(type -P py)" ]; then
  python=$(py -3 -c 'import sys; print(sys.executable)' 2>/dev/null) || python=
  if [ -n "$python" ]; then try "$python"; fi
fi
seen=${seen:-no python3, python or py on PATH, and none in the tool cache; }
refuse "No CPython 3.11.2 to 3.14 with pip was found: ${seen%; }.
Mend: run actions/setup-python before this step, or name a Python with the input python."
