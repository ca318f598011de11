"""The pages of the site: where each comes from, its name in the navigation, and what a search engine shows of it."""

from typing import NamedTuple


class Page(NamedTuple):
    """A page written by hand, or generated into docs/."""

    source: str  # below docs/
    name: str  # in the navigation
    title: str  # what a search engine shows, and the browser's tab
    description: str
    path: str = ""  # below the site's source, where that is not the source
    script: str = ""  # what runs in it, below assets/playground

    @property
    def target(self) -> str:
        """The page's file below the site's source."""
        return self.path or self.source


HOME = Page(
    "index.md",
    "Home",
    "safepublish: why npm trusted publishing fails, and how to fix it",
    "A drop-in replacement for npm publish. It says why npm trusted publishing (OIDC) cannot work and how to fix it,"
    " before npm runs. Paste a failed log or a workflow and get the answer in your browser.",
)

LOG = Page(
    "site/playground/log.md",
    "Why did my publish fail?",
    "Why did my npm publish fail? Paste the log and see",
    "Paste the log of a failed npm publish (E404, ENEEDAUTH, Access token expired or revoked) and get its cause and"
    " fix. It runs in your browser; nothing is sent anywhere.",
    "playground/log.md",
    "log.js",
)

WORKFLOW = Page(
    "site/playground/workflow.md",
    "Will my workflow publish?",
    "Will my workflow publish to npm through trusted publishing? Check it",
    "Paste a GitHub Actions, GitLab CI or CircleCI file and see whether npm trusted publishing (OIDC) works in it, with"
    " the fix as a diff. It runs in your browser; nothing is sent anywhere.",
    "playground/workflow.md",
    "workflow.js",
)

SECTIONS: dict[str, tuple[Page, ...]] = {
    "Try it": (LOG, WORKFLOW),
    "Start": (
        Page(
            "start.md",
            "Start",
            "Start with npm trusted publishing: install, rehearse, fix, publish",
            "Five minutes: install safepublish, rehearse the publish on this machine, fix the workflow, and"
            " publish from CI.",
        ),
    ),
    "How-to": (
        Page(
            "action.md",
            "GitHub Actions",
            "Publish to npm from GitHub Actions through trusted publishing",
            "The safepublish action: inputs, outputs, what it installs, and recipes for publishing to npm without a"
            " token.",
        ),
        Page(
            "gitlab.md",
            "GitLab CI",
            "Publish to npm from GitLab CI through trusted publishing",
            "A job for .gitlab-ci.yml that publishes to npm with NPM_ID_TOKEN and provenance, checked before npm runs.",
        ),
        Page(
            "circleci.md",
            "CircleCI",
            "Publish to npm from CircleCI through trusted publishing",
            "A job for CircleCI that publishes to npm through OIDC, checked before npm runs.",
        ),
        Page(
            "rehearse.md",
            "Rehearse a publish",
            "Rehearse npm publish on a laptop before the tag is pushed",
            "safepublish rehearse runs the publish step of a workflow with the real npm against an embedded registry.",
        ),
        Page(
            "workflow.md",
            "Check workflow files",
            "Check workflow files for npm trusted publishing before you push",
            "safepublish workflow reads GitHub Actions, GitLab CI and CircleCI files, says what each publish step will"
            " do, and fixes those that are broken.",
        ),
        Page(
            "check.md",
            "Check and publish",
            "Check npm trusted publishing before npm publish runs",
            "safepublish takes the arguments of npm publish, checks whether trusted publishing will work,"
            " and then runs npm.",
        ),
        Page(
            "explain.md",
            "Explain a failed publish",
            "Explain a failed npm publish from its log",
            "safepublish explain reads the log of a failed npm publish and names its cause, the lines that"
            " show it, and the fix.",
        ),
        Page(
            "migrate.md",
            "From tokens",
            "Move npm publish from tokens to trusted publishing (OIDC)",
            "Three steps from a stored NPM_TOKEN to trusted publishing: fix the workflow, add the publisher, rehearse.",
        ),
        Page(
            "first-publish.md",
            "The first publish",
            "The first publish of an npm package with trusted publishing",
            "A trusted publisher needs a package that exists: how to publish the first version, and what comes then.",
        ),
        Page(
            "packages.md",
            "Many packages",
            "Publish many npm packages and workspaces through trusted publishing",
            "npm workspaces and monorepos: every package is checked before the first upload, and published"
            " ones are skipped.",
        ),
        Page(
            "tools.md",
            "pnpm, yarn, lerna, changesets",
            "Trusted publishing with pnpm, yarn, lerna and changesets",
            "Which publishing tools log in to npm through OIDC by themselves, and how safepublish checks"
            " them before they run.",
        ),
        Page(
            "staged.md",
            "Staged publishing",
            "npm stage publish through trusted publishing",
            "What npm stage publish needs, and how safepublish checks it before npm runs.",
        ),
        Page(
            "windows.md",
            "Windows and macOS",
            "safepublish on Windows and macOS",
            "What has been written for Windows and macOS and what has been run there.",
        ),
    ),
    "Reference": (
        Page(
            "command-line.md",
            "Command line",
            "safepublish command line: commands, options, exit codes",
            "The help of every safepublish command: options, environment variables, exit codes.",
        ),
        Page(
            "configuration.md",
            "Configuration",
            "Configure safepublish: safepublish.toml, package.json, ignore comments",
            "The configuration file of safepublish, the causes that it waives with a reason and an expiry date, and"
            " comments in workflow files.",
        ),
        Page(
            "floors.md",
            "Versions",
            "Which npm, Node, pnpm, yarn and lerna versions support trusted publishing",
            "From which version on npm, Node and other publishing tools support trusted publishing (OIDC) and"
            " provenance, each with its source.",
        ),
    ),
    "How it works": (
        Page(
            "architecture.md",
            "Architecture",
            "How safepublish is built",
            "The rooms of safepublish, what may import what, and the way of one npm publish through them.",
        ),
        Page(
            "network.md",
            "What it checks and sends",
            "What safepublish checks, and what it sends where",
            "The npm, configuration, identity and package that safepublish reads, the requests that it"
            " makes, and what it never does.",
        ),
        Page(
            "reliability.md",
            "Reliability",
            "How safepublish is tested against the real npm",
            "Mutants, faults, fuzzing and campaigns: how the two promises of safepublish are measured.",
        ),
        Page(
            "speed.md",
            "Speed",
            "What safepublish costs, measured",
            "Where the time goes before npm starts, and what was done about it.",
        ),
    ),
}
"""By what people want; the causes stand between the reference and how it works."""

PAGES = (HOME, *(page for section in SECTIONS.values() for page in section))
