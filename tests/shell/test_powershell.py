"""The commands of PowerShell scripts."""

import pytest

from tests.support.scripts import words


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm publish", ["npm publish"]),
        ("npm publish `\n  --access public", ["npm publish --access public"]),
        ("# npm publish\n<# npm publish\n#>", []),
        ("npm ci; npm publish", ["npm ci", "npm publish"]),
        ("npm ci && npm publish", ["npm ci", "npm publish"]),
        ("& npm publish", ["npm publish"]),
        ("npm.cmd publish 'a b' \"c d\"", ["npm.cmd publish a b c d"]),
        ("npm publish 'it''s' \"a`\"b\"", ["npm publish it's a\"b"]),
        ('npm publish --tag "$env:TAG"', ["npm publish --tag ¿$env:TAG"]),
        ('npm publish --tag "$env:KNOWN"', ["npm publish --tag v"]),
        ('npm publish --tag "${env:KNOWN}"', ["npm publish --tag v"]),
        ('$t = "next"\nnpm publish --tag $t', ["npm publish --tag next"]),
        ('$t = "a" + "b"\nnpm publish --tag $t', ["npm publish --tag ¿$t"]),
        ("$t = npm view x version\nnpm publish $t", ["npm view x version", "npm publish ¿$t"]),
        ("[string]$t = 'x'\nnpm publish $t", ["npm publish x"]),
        ("if ($a -eq 'b') { npm publish } else { npm ci }", ["¿$a -eq b", "npm publish", "npm ci"]),
        ("try { npm publish } catch { exit 1 }", ["npm publish", "exit 1"]),
        ("function f { npm publish }\nf", ["npm publish"]),
        ("function f { npm publish }", []),
        ("ls | ForEach-Object { npm publish $_ }", ["ls", "ForEach-Object", "npm publish ¿$_"]),
        ('Write-Host "npm publish"', ["Write-Host npm publish"]),
        ("@'\nnpm publish\n'@ | Out-File x", ["npm publish", "Out-File x"]),
        ('@"\n$env:KNOWN\n"@ > x', ["v"]),
        ("npm publish $(Get-Item x)", ["Get-Item x", "npm publish ¿$(Get-Item x)"]),
        ("npm publish '${{ a }}'", ["npm publish ¿${{ a }}"]),
        ("Set-Location a; npm publish", ["Set-Location a", "npm publish"]),
    ],
)
def test_commands(script: str, expected: list[str]) -> None:
    assert words(script, shell="pwsh", variables={"KNOWN": "v"}) == expected
