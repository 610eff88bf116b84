"""`environment.yml` and `requirements.lock` are in step with `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def expand(requirements: list[str]) -> set[str]:
    """The requirements with `mmcourse[a,b]` replaced by what these extras hold."""
    out = set()
    for requirement in requirements:
        own = re.fullmatch(r"mmcourse\[(.*)\]", requirement)
        if own:
            for extra in own[1].split(","):
                out |= expand(EXTRAS[extra.strip()])
        else:
            out.add(requirement)
    return out


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


WANTED = expand(PROJECT["dependencies"] + EXTRAS["dev"])
NOT_ON_CONDA_FORGE = {"sphinx-mathjax-offline"}


def test_conda_users_get_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    others = [wanted for wanted in WANTED if name_of(wanted) in NOT_ON_CONDA_FORGE]
    assert pip == {"pip": ["--editable .", *others]}
    assert conda[:2] == [f"python{PROJECT['requires-python']}", "pip"]
    # conda's dask has what pip's needs an extra for.
    packages = WANTED - set(others)
    assert sorted(conda[2:]) == sorted(re.sub(r"\[.*\]", "", w) for w in packages)


def test_the_lock_pins_every_requirement():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {name_of(line) for line in re.findall(r"^[\w.-]+==.*", lock, re.M)}
    assert {name_of(requirement) for requirement in WANTED} <= pinned


def test_every_line_of_the_lock_is_a_pin_with_hashes_and_nothing_else():
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    pin = re.compile(r"[\w.-]+==\S+( ; [^#]*?)? +(--hash=sha256:[0-9a-f]{64}\s*)+")
    assert [line for line in lines if not pin.fullmatch(line)] == []


def test_matplotlib_stays_below_the_release_that_seaborn_warns_with():
    assert "matplotlib>=3.10,<3.13" in EXTRAS["plots"]
