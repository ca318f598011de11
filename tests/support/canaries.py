"""Every form in which npm, pnpm, yarn and the CIs write a secret, each with a canary in it.

`SHAPES` are known by what they look like, wherever they stand; `PLACES` have a value that looks like any other word.
"""

import base64
from typing import NamedTuple

OPAQUE = "Hunter-Canary77"
OTP = "904417"
NPM = "npm_cAnArYcAnArY0123456789cAnArYcAnArY01"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5Y2FuYXJ5"
UUID = "c0ffee00-ca11-4a7f-8fbe-ca11ab1eca11"


class Form(NamedTuple):
    """One way to write a secret, and what of it must never be shown."""

    text: str
    secret: str
    prose: bool = True  # it is a secret in a sentence of ours too, not only in a log, a command or a file


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SHAPES = {
    "npm token": Form(NPM, NPM[4:]),
    "npm token with underscores": Form("npm_CANARY_canary_4711", "CANARY"),
    "github": Form("ghp_cAnArYcAnArYcAnArYcAnArYcAnArYcAnArY", "cAnArY"),
    "github fine-grained": Form("github_pat_11CANARY00cAnArY_cAnArYcAnArY", "cAnArY"),
    "gitlab": Form("glpat-cAnArYcAnArYcAnArY00", "cAnArY"),
    "circleci": Form("CCIPAT_cAnArYcAnArY_00", "cAnArY"),
    "jwt": Form(JWT, "Y2FuYXJ5"),
    "jwt, its first part": Form(JWT.partition(".")[0], "hbGciOi"),
    "uuid": Form(UUID, "ca11ab1eca11"),
    "uuid in capitals": Form(UUID.upper(), "CA11AB1ECA11"),
    "base64 of user and token": Form(encoded(f"octo:{NPM}"), encoded(f"octo:{NPM}")[8:20]),
    "base64 of user and token, shifted": Form(encoded(f"octoc:{NPM}"), encoded(f"octoc:{NPM}")[8:20]),
    "base64 of a token": Form(encoded(NPM), encoded(NPM)[8:20]),
    "base64 of a jwt": Form(encoded(JWT), encoded(JWT)[8:20]),
}

PLACES = {
    "authToken =": Form(f"//registry.npmjs.org/:_authToken={OPAQUE}", OPAQUE),
    "authToken = with blanks": Form(f"//registry.npmjs.org/:_authToken = {OPAQUE}", OPAQUE),
    "authToken quoted": Form(f'//registry.npmjs.org/:_authToken="{OPAQUE} and {OPAQUE}"', OPAQUE),
    "auth": Form(f"//registry.npmjs.org/:_auth={OPAQUE}", OPAQUE),
    "password": Form(f"//registry.npmjs.org/:_password={OPAQUE},{OPAQUE}", OPAQUE),
    "auth of no registry": Form(f"_auth={OPAQUE}", OPAQUE),
    "option =": Form(f"npm publish --//registry.npmjs.org/:_authToken={OPAQUE}", OPAQUE),
    "option, blank": Form(f"npm publish --//registry.npmjs.org/:_authToken {OPAQUE}", OPAQUE),
    "unknown option, blank": Form(f"npm publish --npm-token {OPAQUE}", OPAQUE),
    "otp =": Form(f"npm publish --otp={OTP}", OTP),
    "otp, blank": Form(f"npm publish --otp {OTP} --tag next", OTP),
    "otp after --": Form(f"npm publish -- --otp={OTP}", OTP),
    "otp in a setting": Form(f"otp={OTP}", OTP),
    "argv": Form(f'verbose argv "publish" "--otp" "{OTP}" "--tag" "next"', OTP, prose=False),
    "argv, key": Form(f'verbose argv "publish" "--//registry.npmjs.org/:_authToken" "{OPAQUE}"', OPAQUE, prose=False),
    "array": Form(f"spawn npm ['publish', '--otp', '{OTP}']", OTP, prose=False),
    "config set": Form(f"npm config set //registry.npmjs.org/:_authToken {OPAQUE}", OPAQUE),
    "config set, quoted": Form(f"npm config set '//registry.npmjs.org/:_authToken' '{OPAQUE}'", OPAQUE, prose=False),
    "config set =": Form(f"npm config set //registry.npmjs.org/:_authToken={OPAQUE}", OPAQUE),
    "yarn config set": Form(f"yarn config set npmAuthToken {OPAQUE}", OPAQUE),
    "yarn config set for a registry": Form(f"yarn config set 'npmRegistries[\"//r\"].npmAuthToken' {OPAQUE}", OPAQUE,
                                           prose=False),
    "yarn": Form(f"npmAuthToken: {OPAQUE}", OPAQUE),
    "yarn, quoted": Form(f'  npmAuthToken: "{OPAQUE}"', OPAQUE),
    "yarn ident": Form(f"npmAuthIdent: octo:{OPAQUE}", OPAQUE),
    "yarn variable": Form(f"YARN_NPM_AUTH_TOKEN={OPAQUE}", OPAQUE),
    "yarn ident variable": Form(f"YARN_NPM_AUTH_IDENT=octo:{OPAQUE}", OPAQUE),
    "node variable": Form(f"NODE_AUTH_TOKEN={OPAQUE} npm publish", OPAQUE),
    "npm variable": Form(f"export NPM_TOKEN='{OPAQUE}'", OPAQUE),
    "variable with more to its name": Form(f"NPM_TOKEN_PUBLISH={OPAQUE}", OPAQUE),
    "npm_config otp": Form(f"NPM_CONFIG_OTP={OTP} npm publish", OTP),
    "npm_config key": Form(f"NPM_CONFIG_//registry.npmjs.org/:_authToken={OPAQUE}", OPAQUE),
    "npm_config key, lower": Form(f"npm_config_//registry.npmjs.org/:_authToken={OPAQUE}", OPAQUE),
    "variable in YAML": Form(f"NODE_AUTH_TOKEN: {OPAQUE}", OPAQUE, prose=False),
    "name in YAML": Form(f"password: {OPAQUE}", OPAQUE, prose=False),
    "JSON": Form(f'{{"_authToken":"{OPAQUE}"}}', OPAQUE),
    "JSON with blanks": Form(f'{{ "//registry.npmjs.org/:_authToken" : "{OPAQUE}" }}', OPAQUE),
    "JSON, escaped": Form(f'{{\\"_authToken\\":\\"{OPAQUE}\\"}}', OPAQUE),
    "JSON, escaped twice": Form(f'{{\\\\\\"_authToken\\\\\\":\\\\\\"{OPAQUE}\\\\\\"}}', OPAQUE),
    "JSON token": Form(f'{{"token":"{OPAQUE}","created":1}}', OPAQUE, prose=False),
    "inspected": Form(f"{{ _authToken: '{OPAQUE}' }}", OPAQUE),
    "userinfo": Form(f"https://octo:{OPAQUE}@registry.npmjs.org/", OPAQUE),
    "userinfo, user alone": Form(f"git+https://{OPAQUE}@github.com/octo/left", OPAQUE),
    "query": Form(f"https://registry.npmjs.org/left?a=1&token={OPAQUE}", OPAQUE),
    "bearer": Form(f"Authorization: Bearer {OPAQUE}", OPAQUE),
    "bearer, lower": Form(f"authorization: bearer {OPAQUE}", OPAQUE),
    "bearer in JSON": Form(f'"authorization":"Bearer {OPAQUE}"', OPAQUE),
    "basic": Form(f"Authorization: Basic {encoded(OPAQUE)}", encoded(OPAQUE)),
    "header on a command line": Form(f"curl -H 'Authorization: Bearer {OPAQUE}'", OPAQUE),
    "otp header": Form(f"npm-otp: {OTP}", OTP),
    "otp header in JSON": Form(f'"npm-otp": "{OTP}"', OTP),
    "proxy header": Form(f"Proxy-Authorization: Basic {encoded(OPAQUE)}", encoded(OPAQUE)),
    "fallback :-": Form("//r/:_authToken=${NPM_TOKEN:-" + OPAQUE + "}", OPAQUE),
    "fallback -": Form("//r/:_authToken=${NPM_TOKEN-" + OPAQUE + "}", OPAQUE),
    "fallback alone": Form("the variable ${NPM_TOKEN:-" + OPAQUE + "} is not set", OPAQUE),
}  # fmt: skip

FORMS = {**SHAPES, **PLACES}
