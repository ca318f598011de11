"""Programs that start the command in their arguments."""

import pytest

from safepublish.shell import interpreter


@pytest.mark.parametrize(
    ("script", "wrappers", "other_system"),
    [
        ("sudo npm publish", ("sudo",), None),
        ("sudo -E -u me npm publish", ("sudo -E",), None),
        ("sudo -E env A=b npm publish", ("sudo -E", "env"), None),
        ("env npm publish", ("env",), None),
        ("/usr/bin/env A=b npm publish", ("env",), None),
        ("env -u A -- npm publish", ("env",), None),
        ("nohup npm publish", ("nohup",), None),
        ("exec npm publish", ("exec",), None),
        ("command npm publish", ("command",), None),
        ("nice -n 5 npm publish", ("nice",), None),
        ("timeout 5m npm publish", ("timeout",), None),
        ("timeout -k 5 --signal KILL 10 npm publish", ("timeout",), None),
        ("retry 3 npm publish", ("retry",), None),
        ("retry --times 3 -- npm publish", ("retry",), None),
        ("dotenv -e .env -- npm publish", ("dotenv",), None),
        ("cross-env A=b npm publish", ("cross-env",), None),
        ("op run --env-file x -- npm publish", ("op",), None),
        ("doppler run -- npm publish", ("doppler",), None),
        ("sfw npm publish", ("sfw",), None),
        ("xvfb-run -a npm publish", ("xvfb-run",), None),
        ("ls *.tgz | xargs npm publish", ("xargs",), None),
        ("ls | xargs -n1 -I{} npm publish {}", ("xargs",), None),
        ("ls | xargs -I % -P 4 npm publish %", ("xargs",), None),
        ("find . -name '*.tgz' -exec npm publish {} \\;", ("find",), None),
        ("find . -execdir npm publish {} +", ("find",), None),
        ("parallel -j 2 npm publish ::: a b", ("parallel",), None),
        ("nix develop -c npm publish", ("nix",), "nix"),
        ("nix develop .#ci --command npm publish", ("nix",), "nix"),
        ("nix-shell -p nodejs --run 'npm publish'", ("nix-shell",), "nix-shell"),
        ("devbox run npm publish", ("devbox",), "devbox"),
        ("docker run --rm -v $PWD:/w -w /w -e A node:22 npm publish", ("docker",), "docker"),
        ("docker run --rm node:22 sh -c 'npm publish'", ("docker", "sh"), "docker"),
        ("docker exec -it box npm publish", ("docker",), "docker"),
        ("docker compose run --rm web npm publish", ("docker",), "docker"),
        ("ssh -p 22 host npm publish", ("ssh",), "ssh"),
        ("ssh host 'cd x && npm publish'", ("ssh",), "ssh"),
        ("bash -c 'sudo npm publish'", ("bash", "sudo"), None),
        ("bash <<X\nnpm publish\nX", ("bash",), None),
    ],
)
def test_programs_that_start_another(script: str, wrappers: tuple[str, ...], other_system: str | None) -> None:
    (found,) = (one for one in interpreter.parse(script) if "publish" in one.argv)
    assert (found.argv[:2], found.wrappers, found.other_system) == (("npm", "publish"), wrappers, other_system)


@pytest.mark.parametrize(
    "script",
    [
        "command -v npm publish",
        "docker build -t npm publish",
        "docker push npm publish",
        "man npm publish",
        "grep npm publish",
        "printf 'npm publish'",
        "bash publish.sh",
        "op item get npm publish",
    ],
)
def test_what_starts_nothing(script: str) -> None:
    assert all(one.argv[:2] != ("npm", "publish") for one in interpreter.parse(script))


@pytest.mark.parametrize(
    "option",
    ["-n", "-L", "-P", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--max-lines"],
)
def test_the_options_of_xargs_take_the_next_word(option: str) -> None:
    assert ("npm", "publish") in {
        command.argv[:2] for command in interpreter.parse(f"echo a | xargs {option} x npm publish")
    }
