"""Tools that release many packages."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("lerna publish", "lerna publish"),
        ("npx lerna@8 publish from-package --yes", "lerna publish version=8 spec=from-package"),
        ("npx @lerna-lite/cli publish", "lerna-lite publish"),
        ("yarn lerna publish from-git", "lerna publish spec=from-git"),
        ("lerna version", "-"),
        ("lerna publish --skip-npm", "-"),
        ("lerna exec -- npm publish", "npm publish w=*"),
        ("npx nx release", "nx release"),
        ("pnpm exec nx release publish --tag x", "nx release publish tag=x"),
        ("nx release --skip-publish", "-"),
        ("nx release version", "-"),
        ("changeset publish", "changesets publish"),
        ("npx changeset publish --tag x", "changesets publish tag=x"),
        ("npx @changesets/cli@2 publish", "changesets publish version=2"),
        ("pnpm changeset publish", "changesets publish"),
        ("yarn changeset publish", "changesets publish"),
        ("changeset version", "-"),
        ("semantic-release", "semantic-release"),
        ("npx semantic-release@24 --branches main", "semantic-release version=24 spec=main"),
        ("npx -p semantic-release@25 -p @semantic-release/npm semantic-release", "semantic-release version=25"),
        ("bunx multi-semantic-release", "semantic-release"),
        ("npx semantic-release --version", "-"),
        ("npx release-it --ci", "release-it"),
        ("npx release-it --no-npm", "-"),
        ("npx release-it --npm.publish=false", "-"),
        ("npx np --yolo", "np"),
        ("npx np --no-publish", "-"),
        ("npx auto shipit", "auto shipit"),
        ("npx auto changelog", "-"),
        ("npx -p publib publib-npm", "publib"),
        ("npx -p publib@latest publib-pypi", "-"),
        ("npx @jsdevtools/npm-publish", "npm-publish"),
        ("npx clean-publish", "clean-publish"),
        ("pnpm release-plan publish", "release-plan publish"),
        ("rush publish --publish", "rush publish"),
        ("rush publish", "-"),
        ("./node_modules/.bin/lerna publish", "lerna publish"),
        ("node_modules/.bin/np", "np"),
        ("lerna run release", "script release w=*"),
        ("npx turbo run publish-packages", "script publish-packages w=*"),
        ("npx nx run-many -t publish", "script publish w=*"),
        ("npx nx run a:publish", "script publish w=a"),
        ("npx run-s build release", "script build/release"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize("option", ["--scope", "--ignore", "--concurrency", "--loglevel"])
def test_lernas_options_take_the_next_word(option: str) -> None:
    assert first(f"lerna {option} x publish") == "lerna publish"
    assert first(f"lerna exec {option} x -- npm publish") == "npm publish w=*"


@pytest.mark.parametrize("option", ["--filter", "-F", "--concurrency", "--cwd", "--token", "--team"])
def test_turbos_options_take_the_next_word(option: str) -> None:
    assert first(f"turbo run {option} x release") == "script release w=*"


@pytest.mark.parametrize(
    "option", ["-g", "--groups", "-p", "--projects", "--tag", "--registry", "--otp", "--specifier"]
)
def test_nxs_options_take_the_next_word(option: str) -> None:
    assert str(first(f"nx release {option} version")).startswith("nx release")


@pytest.mark.parametrize("subcommand", ["version", "changelog", "plan", "plan:check"])
def test_nx_releases_nothing(subcommand: str) -> None:
    assert first(f"nx release {subcommand}") == "-"
