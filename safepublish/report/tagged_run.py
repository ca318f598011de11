"""What is said after a fix of a workflow that a tag starts."""

FILE_AT_THE_TAG = (
    "a run that a tag or a release started uses the workflow file at that tag, also when it is run again. "
    "After the fix, release a new version, or move the tag to the fixed commit."
)
