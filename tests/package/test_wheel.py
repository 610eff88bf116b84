"""The wheel alone in a fresh environment, with its four dependencies and no more."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import tolerances as tol

import mmcourse as mm
from tests.package.environments import (
    LOCK,
    PROJECT,
    ROOT,
    build_wheel,
    install,
    make_environment,
    outside,
)
from tests.reference.models import reference

DATA = sorted((ROOT / "data").glob("*.csv*"))
FORMULA = "Reaction ~ Days + (Days | Subject)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel."""
    folder = tmp_path_factory.mktemp("fresh")
    found = make_environment(folder)
    install(found, folder, LOCK.read_text(), wheel)
    return found


@pytest.fixture
def answer(python: Path, tmp_path: Path):
    """Run code there, warnings being errors; return the JSON that it prints."""

    def ask(code: str):
        run = outside([python, "-I", "-W", "error", "-c", code], tmp_path)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return ask


def test_the_wheel_holds_the_package_and_all_data(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("mmcourse/**/*.py")}
    assert {name for name in names if name.endswith(".py")} >= sources
    files = [path.name for path in DATA] + ["README.md", "gpa_figures.json"]
    assert {f"mmcourse/data/{name}" for name in files} <= names
    assert not {name for name in names if name.startswith(("tests/", "course/"))}
    assert {Path(n).name for n in names} >= {"LICENSE", "LICENSE-lessons", "py.typed"}


def test_the_metadata_are_complete(answer):
    found, licences, version = answer(
        "import json, mmcourse\n"
        "from importlib.metadata import metadata\n"
        "found = metadata('mmcourse')\n"
        "licences = found.get_all('License-File')\n"
        "print(json.dumps([found.json, licences, mmcourse.__version__]))"
    )
    assert found["version"] == version == mm.__version__
    assert found["summary"] == PROJECT["description"]
    assert found["description"].startswith("# mmcourse\n")
    assert found["description_content_type"] == "text/markdown"
    assert found["license_expression"] == "MIT"
    assert licences == ["LICENSE", "LICENSE-lessons"]
    assert found["requires_python"] == PROJECT["requires-python"]
    needed = [line for line in found["requires_dist"] if "extra ==" not in line]
    assert sorted(needed) == sorted(PROJECT["dependencies"])
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(found["classifier"]))
    assert versions[0] == PROJECT["requires-python"].removeprefix(">=")
    assert "Typing :: Typed" in found["classifier"]


def test_the_version_is_typed_once():
    typed = re.compile(rf'version.*= *"{re.escape(mm.__version__)}"')
    files = [*ROOT.glob("mmcourse/**/*.py"), ROOT / "pyproject.toml"]
    found = [path.relative_to(ROOT) for path in files if typed.search(path.read_text())]
    assert found == [Path("mmcourse/version.py")]


def test_only_the_dependencies_came_with_it(answer):
    """A package more is a decision, which CONTRIBUTING explains."""
    found = answer(
        "import json\n"
        "from importlib.metadata import distributions\n"
        "print(json.dumps([d.metadata['Name'] for d in distributions()]))"
    )
    installed = {name.lower().replace("_", "-") for name in found}
    direct = {"mmcourse", "numpy", "scipy", "pandas", "formulaic"}
    theirs = {"python-dateutil", "six", "tzdata", "pytz"}  # of pandas
    theirs |= {"interface-meta", "narwhals", "wrapt", "typing-extensions"}
    assert direct <= installed <= direct | theirs


def test_importing_it_costs_little(answer):
    """In the processor's time, the best of five; 0.5 s when this was written.

    Most of it, 0.44 s, are pandas and scipy. Other load on the machine adds to each
    run, not to the best of them.
    """
    code = (
        "import json, sys, time\n"
        "import mmcourse\n"
        "late = {'formulaic', 'scipy.stats', 'scipy.optimize', 'scipy.special'}\n"
        "print(json.dumps([time.process_time(), sorted(late & set(sys.modules))]))"
    )
    seconds, early = zip(*(answer(code) for _ in range(5)), strict=True)
    assert early == ([],) * 5
    assert min(seconds) < 0.8


def test_it_fits_with_lme4s_numbers(answer):
    criterion, slope, lower = answer(
        "import json, mmcourse as mm\n"
        f"model = mm.lmer({FORMULA!r}, mm.load_sleepstudy())\n"
        "lower = model.confint('Days').iloc[0, 0]\n"
        "print(json.dumps([model.criterion, model.fixef['Days'], lower]))"
    )
    ref = reference("sleepstudy_rs_reml")
    effect, se = ref["fixef"]["estimate"][1], ref["fixef"]["se"][1]
    assert criterion == pytest.approx(ref["criteria"]["REMLcrit"], rel=tol.CRITERION)
    assert slope == pytest.approx(effect, abs=tol.FIXEF_PER_SE * se)
    end = ref["confint"]["profile"]["lower"][-1]
    assert lower == pytest.approx(end, abs=tol.PROFILE_PER_SE * se)


def test_it_loads_every_data_set(answer):
    names = [path.name.partition(".")[0] for path in DATA]
    shapes = answer(
        "import json, mmcourse as mm\n"
        f"print(json.dumps([mm.load(name).shape for name in {names!r}]))"
    )
    assert shapes == [[*pd.read_csv(path).shape] for path in DATA]


NEED_MORE = {
    "mm.plot_random_effects(model)": "plots",
    "mm.plot_density(model)": "plots",
    "mm.load_gpa(original=True)": "data",
    "mm.lmer('y ~ 1 + (1 | g)', 'rows.parquet')": "data",
}


def test_what_needs_more_says_what_to_install(answer):
    said = answer(
        "import json, mmcourse as mm\n"
        "model = mm.lmer('Yield ~ 1 + (1 | Batch)', mm.load('dyestuff'))\n"
        "said = {}\n"
        f"for call in {[*NEED_MORE]!r}:\n"
        "    try:\n"
        "        eval(call)\n"
        "    except ImportError as error:\n"
        "        said[call] = str(error)\n"
        "print(json.dumps(said))"
    )
    named = {
        call: re.search(r"pip install ['\"]mmcourse\[(\w+)\]", text)[1]
        for call, text in said.items()
    }
    assert named == NEED_MORE


def test_the_command_is_there(python, tmp_path):
    command = python.with_name("mmcourse")
    version = outside([command, "--version"], tmp_path)
    assert version.stdout == f"mmcourse {mm.__version__}\n"
    run = outside([command, "fit", "sleepstudy", FORMULA, "--json"], tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["n_obs"] == 180
    card = outside([python, "-m", "mmcourse", "data", "sleepstudy"], tmp_path)
    assert "| Reaction | number |" in card.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["fit", "sleepstudy", FORMULA, "--plot", "effects.png"], "plots"),
        (["check", "sheet.ipynb"], "course"),
        (["grade", "p1", "--submissions", "handed_in"], "grading"),
    ],
)
def test_a_command_that_needs_more_says_what_to_install(
    python, tmp_path, arguments, extra
):
    run = outside([python.with_name("mmcourse"), *arguments], tmp_path)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert re.search(rf"pip install ['\"]mmcourse\[{extra}\]", run.stderr)
