"""Which versions were staged, from what the tools print."""

import pytest

from safepublish.logs.staged import Staged, read, read_list

ONE, TWO = "8f820168-ebad-4168-b67d-7a7c39e5cb90", "3DE241A1-1fa7-4087-ada8-aa06fab8e065"


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("", ()),
        ("+ a@1.0.0\n", ()),
        ("+ a@1.0.0 (staged)\n", ()),
        (f"+ a@1.0.0 (staged with id {ONE})\n", (Staged(ONE, "a", "1.0.0"),)),
        (f"+ @o/a@1.0.0-rc.1 (staged with id {TWO})\r\n", (Staged(TWO, "@o/a", "1.0.0-rc.1"),)),
        (f"+ a@1.0.0 (staged with id {ONE})\n+ a@1.0.0 (staged with id {TWO})\n", (Staged(TWO, "a", "1.0.0"),)),
        (
            f"+ a@1.0.0 (staged with id {ONE})\n+ a@2.0.0 (staged with id {TWO})\n",
            (Staged(ONE, "a", "1.0.0"), Staged(TWO, "a", "2.0.0")),
        ),
        ("+ a@1.0.0 (staged with id not-a-uuid)\n", ()),
        (f"+ a@1.0.0 (staged with id {ONE}; rm -rf /)\n", ()),
        (f"echo + a@1.0.0 (staged with id {ONE})\n", ()),
        (
            f"\x1b[94m➤\x1b[39m YN0000: … (run \x1b[38;5;111myarn npm stage approve {ONE}\x1b[39m to approve)\n",
            (Staged(ONE),),
        ),
        (f'{{\n  "a": {{\n    "id": "a@1.0.0",\n    "stageId": "{ONE}"\n  }}\n}}\n', (Staged(ONE, "a", "1.0.0"),)),
        (f'{{\n  "stageId": "{ONE}"\n}}\n', ()),
        ("\x00\xff" * 10, ()),
    ],
)
def test_staged_versions(printed: str, found: tuple[Staged, ...]) -> None:
    assert read(printed.encode("latin-1" if "\xff" in printed else "utf-8")) == found


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (None, None),
        ({}, None),
        ([], None),
        ([1, None, {}], None),
        ([{"id": ONE, "packageName": "a", "version": "1.0.0"}], Staged(ONE, "a", "1.0.0")),
        ([{"id": ONE, "packageName": "a", "version": "2.0.0"}], None),
        ([{"id": f"{ONE} && x", "packageName": "a", "version": "1.0.0"}], None),
        ([{"id": 7, "packageName": "a", "version": "1.0.0"}], None),
    ],
)
def test_the_list(items: object, found: Staged | None) -> None:
    assert read_list(items, "a", "1.0.0") == found
