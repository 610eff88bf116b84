"""A file of the package imports only from files above it, and nothing heavy at import.

The table is the map of the package. A new file gets its line here, below all that it
imports; a file that needs one below it is in the wrong place, or what it needs is.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mmcourse"

LAYERS = """
    version
    errors
    memory
    moments
    normal
    distributions
    r_quantile
    r_random.generator
    r_random
    simulations
    randomness
    progress
    formula.tokens
    formula.bars
    formula.parser
    formula.updating
    formula
    design.grouping
    design.levels
    design.values
    design.frames
    design.chunks
    design.arrow
    design.sources
    design.given
    design.expressions
    design.columns
    design.transforms
    design.plans
    design.rows
    design.look
    design.selection
    design.terms
    design.hypotheses
    design.newrows
    design.build
    design.chunk
    design.stream
    design
    conditioning
    crossproducts
    responses
    covariance
    elimination
    elimination.small
    elimination.root
    elimination.layout
    elimination.coupling
    elimination.positive
    elimination.tail
    elimination.chain
    elimination.blocked
    elimination.noise
    elimination.general
    elimination.shared
    criterion
    start
    optimize
    prepare
    search
    fit
    reduced
    separate
    replicates
    refitted
    refit
    posterior
    draws
    arrays
    simulate
    inference
    inference.contrasts
    inference.satterthwaite
    inference.traces
    inference.kenward_roger
    inference.names
    inference.coordinates
    inference.wald
    inference.held
    inference.profile
    inference.bootstrap
    inference.curves
    predict
    tables
    messages
    display.cells
    display.layout
    display.frames
    display.parts
    display.short
    display.summary
    display.pair
    display
    model.arguments
    model.request
    model.again
    model.boot
    model.profile
    model.effects
    model.intervals
    model.mixed_model
    model.check
    model.lmer
    model
    bootstrap.result
    bootstrap.statistic
    bootstrap.run
    bootstrap
    simulated.effects
    simulated.sampler
    simulated.intervals
    simulated
    extract.arguments
    extract.small_sample
    extract.effects
    extract.typical
    extract.variances
    extract.f_tests
    extract.comparable
    extract.compare
    extract.drops
    extract.shares
    extract.model_data
    extract
    diagnostics.rows
    diagnostics.groups
    diagnostics
    lm_list
    matrices
    structure
    plots.common
    plots.tables
    plots.intervals
    plots.groups
    plots.lm_list
    plots.effects
    plots.density
    plots.predictions
    plots.profiles
    plots.diagnostics
    plots.shrinkage
    plots
    download
    datasets
    checks.findings
    checks.given
    checks.reading
    checks.mistakes
    checks.wrong_models
    checks.wrong_numbers
    checks.models
    checks.numbers
    checks.values
    checks.tables
    checks.choices
    checks.functions
    checks.figures
    checks.densities
    checks
    checks.sleepstudy
    checks.casks
    checks.first_models
    checks.covariates.fits
    checks.covariates.numbers
    checks.covariates.exercises
    checks.covariates
    checks.batters.fits
    checks.batters.mistakes
    checks.batters.one_side
    checks.batters.exercises
    checks.batters
    checks.levels.cakes
    checks.levels.typists
    checks.levels.unseen
    checks.levels.exercises
    checks.levels
    checks.simulating.drawn_rows
    checks.simulating.studies
    checks.simulating.exercises
    checks.simulating.steps
    checks.simulating
    commands
    commands.common
    commands.reading
    commands.sheets
    commands.running
    commands.outcomes
    commands.table
    commands.check
    commands.rows
    commands.record
    commands.pictures
    commands.fit
    commands.card
    commands.data
    grading
    grading.collecting
    grading.collecting.entries
    grading.collecting.archives
    grading.collecting.naming
    grading.collecting.ids
    grading.collecting.people
    grading.collecting.notebooks
    grading.collecting.choosing
    grading.collecting.storing
    grading.collecting.collect
    grading.outputs
    grading.box
    grading.box.listening
    grading.box.syscalls
    grading.box.shadow
    grading.box.watch
    grading.box.launch
    grading.box.sandbox
    grading.describing
    grading.rebuilding
    grading.judging
    grading.restoring
    grading.doubts
    grading.session
    grading.pages
    grading.pages.formulas
    grading.pages.harmless
    grading.pages.markdown
    grading.pages.page
    grading.steps
    grading.course
    grading.roster
    grading.converting
    grading.gradebook
    grading.run
    grading.locking
    grading.worker
    grading.marks
    grading.report
    grading.assignment
    grading.pages.formgrader
    commands.grade
    commands.main
    __main__
""".split()

# What may not be imported before a function needs it: slow to load, or an extra.
HEAVY = {
    *("matplotlib", "seaborn", "statsmodels", "pooch", "IPython", "dask", "tqdm"),
    *("scipy.stats", "scipy.special", "scipy.optimize"),
    *("formulaic", "nbclient", "nbformat", "ipykernel"),
}
ENGINE = LAYERS[LAYERS.index("conditioning") : LAYERS.index("fit")]
ARRAYS_ONLY = ["memory", "moments", *ENGINE]


def modules() -> dict[str, Path]:
    """Every file of the package but its front page, by module name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name:
            found[name] = path
    return found


MODULES = modules()


def imports(path: Path, *, top_level: bool = False) -> Iterator[str]:
    """Full names of what a file imports; only at module level if asked."""
    for node in walk(ast.parse(path.read_text()), top_level):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{path.name}: relative import in line {node.lineno}"
            )
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def walk(node: ast.AST, top_level: bool) -> Iterator[ast.AST]:
    """All nodes; without what only runs later or only for a type checker if asked."""
    for child in ast.iter_child_nodes(node):
        if top_level and (is_function(child) or is_type_checking(child)):
            continue
        yield child
        yield from walk(child, top_level)


def is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def own_module(full_name: str) -> str | None:
    """The module of ours that an imported name lies in, or None."""
    if full_name == "mmcourse" or not full_name.startswith("mmcourse."):
        return "" if full_name == "mmcourse" else None
    name = full_name.removeprefix("mmcourse.")
    while name not in MODULES and "." in name:
        name = name.rpartition(".")[0]
    return name if name in MODULES else ""


def is_grading(name: str) -> bool:
    return name.partition(".")[0] == "grading"


def test_the_table_lists_every_file_once():
    lines = Counter(LAYERS)
    assert [name for name, count in lines.items() if count > 1] == []
    missing, gone = set(MODULES) - set(lines), set(lines) - set(MODULES)
    assert not missing, f"give LAYERS a line, below all they import: {sorted(missing)}"
    assert not gone, f"LAYERS lists what is no file: {sorted(gone)}"


@pytest.mark.parametrize("name", [name for name in LAYERS if name in MODULES])
def test_imports_only_from_above(name):
    above = LAYERS[: LAYERS.index(name)]
    for full_name in imports(MODULES[name]):
        target = own_module(full_name)
        if target is None or target == name:
            continue
        assert target, f"{name} imports {full_name}: the front page imports it"
        assert target in above, (
            f"{name} imports {target}, which is not above it in LAYERS"
        )


@pytest.mark.parametrize("name", [m for m in MODULES if not is_grading(m)])
def test_nothing_heavy_at_import(name):
    found = [
        full_name
        for full_name in imports(MODULES[name], top_level=True)
        if any(full_name == h or full_name.startswith(h + ".") for h in HEAVY)
    ]
    assert found == []
    # Grading is made of nbgrader's parts, so it is imported by who grades alone.
    used = map(own_module, imports(MODULES[name], top_level=True))
    assert not any(is_grading(target or "") for target in used)


@pytest.mark.parametrize("name", ARRAYS_ONLY)
def test_the_engine_knows_arrays_only(name):
    if name in MODULES:
        roots = {full_name.partition(".")[0] for full_name in imports(MODULES[name])}
        assert not roots & {"pandas", "formulaic"}


def test_the_formula_knows_no_data():
    for name in ("formula.tokens", "formula.bars", "formula.parser"):
        roots = {full_name.partition(".")[0] for full_name in imports(MODULES[name])}
        assert not roots & {"numpy", "pandas", "formulaic"}


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, mmcourse; print(sorted({HEAVY!r} & set(sys.modules)), end='')"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]"
