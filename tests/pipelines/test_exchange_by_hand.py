"""Tokens that a job gets while it runs: from an exchange of its own, from a vault, from a person."""

import pytest

from tests.support.steps import NODE, PUBLISH, ids, verdict

OLD = NODE, "node-version: 20"
WITH_REGISTRY = NODE, 'node-version: "20"\n          registry-url: https://registry.npmjs.org'
EXCHANGE = "https://registry.npmjs.org/-/npm/v1/oidc/token/exchange/package/hello-oidc"
SCRIPT = f"""\
      - uses: actions/github-script@v8
        with:
          script: |
            const identity = await core.getIDToken('npm:registry.npmjs.org')
            const answer = await fetch('{EXCHANGE}', {{method: 'POST'}})
            core.exportVariable('NODE_AUTH_TOKEN', (await answer.json()).token)
"""


def script(*lines: str) -> tuple[str, str]:
    return PUBLISH, "      - run: |\n" + "".join(f"          {line}\n" for line in lines)


WRITE = 'echo "//registry.npmjs.org/:_authToken=$TOKEN" >> ~/.npmrc'


def test_an_exchange_by_hand_is_no_stored_token_and_needs_no_new_npm() -> None:
    by_curl = script(f"TOKEN=$(curl -s -X POST {EXCHANGE} | jq -r .token)", WRITE, "npm publish")
    assert verdict(by_curl) == "trusted"
    assert verdict(by_curl, OLD) == "unknown"
    by_script = PUBLISH, f"{SCRIPT}{PUBLISH}"
    assert verdict(by_script) == "trusted"
    assert verdict(by_script, WITH_REGISTRY) == "unknown"


def test_an_exchange_in_a_script_of_the_repository_is_one() -> None:
    files = {"login.sh": f"curl -s -X POST {EXCHANGE} > token.json\n"}
    assert verdict(script("bash login.sh", "npm publish"), OLD, files=files) == "unknown"
    assert verdict(script("bash login.sh", "npm publish"), OLD, files={"login.sh": "echo"}) == "broken"


def test_a_secret_beside_an_exchange_by_hand_is_a_token() -> None:
    token = f"{SCRIPT}{PUBLISH}        env: {{NODE_AUTH_TOKEN: '${{{{ secrets.NPM_TOKEN }}}}'}}\n"
    assert verdict((PUBLISH, token), WITH_REGISTRY) == "token"


@pytest.mark.parametrize(
    "line", ["TOKEN=$(vault read -field=t npm)", "read -r TOKEN < token", "export TOKEN=`op read x`"]
)
def test_a_variable_that_the_script_sets_holds_a_token(line: str) -> None:
    assert verdict(script(line, WRITE, "npm publish"), OLD) == "token"


def test_a_variable_that_nothing_sets_holds_none() -> None:
    assert verdict(script(WRITE, "npm publish"), OLD) == "broken"


@pytest.mark.parametrize("action", ["hashicorp/vault-action@v3", "1password/load-secrets-action@v2"])
def test_an_action_that_gets_secrets_may_set_the_token(action: str) -> None:
    step = PUBLISH, f"      - uses: {action}\n{PUBLISH}"
    assert verdict(step, WITH_REGISTRY) == "unknown"
    assert verdict(step, OLD) == "broken"  # nothing reads NODE_AUTH_TOKEN there
    assert verdict(step) == "trusted"


@pytest.mark.parametrize("login", ["npm login --auth-type=oidc", "npm login", "npm adduser"])
def test_a_login_waits_for_a_person(login: str) -> None:
    assert verdict(script(login, "npm publish")) == "broken"
    assert "command-without-oidc:fail" in ids(script(login, "npm publish"))
    assert "command-without-oidc:warn" in ids(script(f"{login} || true", "npm publish"))


def test_a_login_that_is_answered_waits_for_nobody() -> None:
    assert verdict(script("printf 'a\\nb\\n' | npm login", "npm publish")) == "trusted"
