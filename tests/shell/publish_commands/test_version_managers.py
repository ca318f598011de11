"""Commands that put another Node or npm in place."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm i -g npm@11", "upgrade npm=11"),
        ("npm install --global npm", "upgrade npm=latest"),
        ("npm install -g npm@latest --force", "upgrade npm=latest forced"),
        ("npm install npm@latest -g", "upgrade npm=latest"),
        ("npm install --location=global npm@^11.5.1", "upgrade npm=^11.5.1"),
        ("npm i -g pnpm npm@11 yarn", "upgrade npm=11"),
        ("npm i -g pnpm", "-"),
        ("npm i npm@11", "upgrade npm=11 here"),
        ("npm update -g npm", "upgrade npm=latest"),
        ("npm update -g", "upgrade npm=latest"),
        ("npm i -g npm@$V", "upgrade opaque"),
        ("npm i -g https://registry.npmjs.org/npm/-/npm-11.5.1.tgz", "upgrade npm=11.5.1"),
        ("pnpm add -g npm@11", "upgrade npm=11"),
        ("yarn global add npm@11", "upgrade npm=11"),
        ("bun add -g npm@11", "upgrade npm=11"),
        ("corepack enable", "-"),
        ("corepack enable npm", "upgrade opaque"),
        ("corepack prepare npm@11 --activate", "upgrade npm=11"),
        ("corepack prepare npm@11", "upgrade npm=11 here"),
        ("corepack install -g npm@11", "upgrade npm=11"),
        ("corepack use npm@11", "upgrade npm=11 here"),
        ("corepack prepare pnpm@9", "-"),
        ("volta install node@24 npm@11", "upgrade npm=11 node=24"),
        ("volta install yarn", "-"),
        ("mise use -g node@24", "upgrade node=24"),
        ("nvm install 24", "upgrade node=24 here"),
        ("nvm use --lts", "upgrade node=lts/* here"),
        ("nvm use", "upgrade here opaque"),
        ("nvm install-latest-npm", "upgrade npm=latest here"),
        ("fnm use 24", "upgrade node=24 here"),
        ("n lts", "upgrade node=lts/*"),
        ("npx n 24", "upgrade node=24"),
        ("asdf install nodejs 24.1.0", "upgrade node=24.1.0"),
        ("apt-get install -y npm", "upgrade opaque"),
        ("brew install node@24", "upgrade opaque"),
        ("apt-get install -y jq", "-"),
        ("curl -fsSL https://deb.nodesource.com/setup_22.x | bash -", "upgrade node=22"),
        ("curl -qL https://www.npmjs.com/install.sh | sh", "upgrade npm=latest"),
        ("pnpm env use --global 24", "upgrade node=24"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected
