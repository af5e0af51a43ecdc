"""What no file of the repository may contain: this machine, a registry, a secret."""

import re
import shutil
import subprocess

import pytest

from tooling.environment import ROOT

# Written in pieces, so that this file may be searched like any other.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "crates" + ".io",
    "proxy.golang" + ".org",
    "ana" + "conda.org",
    "deb.debian" + ".org",
    "docker" + ".io",
]
FORBIDDEN = {
    "a registry's host name": re.compile("|".join(map(re.escape, HOSTS))),
    "a path of somebody's machine": re.compile(
        r"(?<![\w.~/-])/(?:work|root|opt/(?:wheels|pypi)|home/\w+|Users/\w+)/"
    ),
    "a bot's token": re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
}


def repository() -> dict[str, str]:
    """Every text file that is, or would be, committed."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        pytest.skip(f"not a git checkout: {done.stderr.strip()}")
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    contents = {path: path.read_bytes() for path in paths if path.is_file()}
    return {
        str(path.relative_to(ROOT)): content.decode("utf-8", "replace")
        for path, content in contents.items()
        if b"\0" not in content
    }


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    found = [
        f"{name}:{content.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, content in repository().items()
        for match in FORBIDDEN[what].finditer(content)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a registry's host name", f"see https://{HOSTS[0]}/simple"),
        ("a path of somebody's machine", "open('/" + "work/main/x')"),
        ("a path of somebody's machine", "cd /" + "home/anna/relais"),
        ("a bot's token", "1234567890" + ":" + "A" * 35),
    ],
)
def test_the_search_finds(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize("text", ["/app/work/x", "https://example.org/home/anna/", "12:30"])
def test_the_search_passes(text: str) -> None:
    assert not any(pattern.search(text) for pattern in FORBIDDEN.values())


def test_uv_keeps_no_lock_of_its_own() -> None:
    assert not [name for name in repository() if name.endswith("uv" + ".lock")]
