"""The trusted publisher may only stage.

What it is
    The exchange worked, and the upload was refused with 403, "OIDC permission denied for this action".

Why npm behaves so
    A trusted publisher has permissions of its own: to publish, to stage, or both. Publishers made since September 2026
    may only stage, unless direct publishing was allowed when they were made (GitHub changelog, staged publishing). The
    exchange does not look at that, so it shows at the upload only. No field of the publisher differs.

How to mend
    Publish in two steps: `safepublish stage` in CI, then a maintainer approves with `npm stage approve` or on
    npmjs.com. Or allow direct publishing: with npm 11.15 or newer,
    `npm trust github NAME --repo OWNER/REPOSITORY --file publish.yml --allow-publish`, or in the package's settings.

How to ignore
    It is seen only in a log, and refuses nothing.
"""

ID = "stage-only-publisher"
TITLE = "the trusted publisher may only stage"
