"""The commands of pnpm and Vite+."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pnpm -r $F publish --no-git-checks", "pnpm publish w=*"),
        ("pnpm $F publish", "pnpm publish"),
        ("pnpm --filter $F $G publish", "pnpm publish w=$F"),
        ("pnpm add $F publish", "-"),
        ("pnpm run $F publish", "-"),
        ('a=(pnpm publish); if t; then a+=(--dry-run); fi; "${a[@]}"', "pnpm publish dry=None"),
        ("pnpm publish", "pnpm publish"),
        ("pn publish", "pnpm publish"),
        ("pnpm -r publish", "pnpm publish w=*"),
        ("pnpm publish -r --no-git-checks", "pnpm publish w=*"),
        ("pnpm --filter a publish --access public", "pnpm publish access=public w=a"),
        ("pnpm publish --filter=a", "pnpm publish w=a"),
        ("pnpm -C dir publish", "pnpm publish directory=dir"),
        ("pnpm --dir dir publish", "pnpm publish directory=dir"),
        ("pnpm exec npm publish", "npm publish"),
        ("pnpm -r exec npm publish", "npm publish w=*"),
        ("pnpm stage publish", "pnpm stage publish"),
        ("pnpm publish --provenance --tag x", "pnpm publish tag=x provenance=True"),
        ("vp pm publish -r --tag latest", "pnpm publish tag=latest w=*"),
        ("vp pm publish -r --dry-run", "pnpm publish dry=True w=*"),
        ("vp exec pnpm publish", "pnpm publish"),
        ("vp run release", "script release"),
        ("vpr release", "script release"),
        ("vpx changeset publish", "changesets publish"),
        ("vp install", "-"),
        ("vp publish", "-"),
        ("npx changeset-publish", "program changeset-publish"),
        ("pnpm dlx @a/publish-all@1", "program publish-all"),
        ("npx can-npm-publish", "-"),
        ("npx publint", "-"),
        ("npx release-please release-pr", "-"),
        ("pnpm run release", "script release"),
        ("pnpm release", "script release"),
        ("pnpm -r release", "script release w=*"),
        ("pnpm --filter a release", "script release w=a"),
        ("pnpm install", "-"),
        ("pnpm tsn scripts/p.ts", "script tsn"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected
