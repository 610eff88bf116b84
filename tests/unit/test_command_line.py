"""The command line as a whole: its help, its errors, its exit statuses."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import mmcourse
from mmcourse.commands import data
from mmcourse.commands.main import COMMANDS, main, make_parser

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [command.__name__.rpartition(".")[2] for command in COMMANDS]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command line."""
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    return status, *capsys.readouterr()


def examples(text: str) -> list[list[str]]:
    """The command lines of ours in a text, each as its arguments."""
    lines = re.findall(r"^(?: {2}.*)?\bmmcourse (.+)$", text, re.M)
    # What follows two blanks explains; what follows a bar is another program.
    found = [shlex.split(re.split(r"  +| \| (?=\w+ )", line)[0]) for line in lines]
    return [arguments for arguments in found if "--help" not in arguments]


def test_the_help_lists_every_command(capsys):
    status, out, err = said(capsys, "--help")
    assert (status, err) == (0, "")
    for name in NAMES:
        assert re.search(rf"^    {name} +\w+", out, re.M), name
    assert "exit status: 0" in out


@pytest.mark.parametrize("name", ["", *NAMES])
def test_a_help_has_examples_that_can_be_read_and_exit_statuses(capsys, name):
    out = said(capsys, *([name] if name else []), "--help")[1]
    assert re.search(r"^exit status: 0 .+ 2 ", out, re.M)
    found = examples(out.partition("examples:\n")[2])
    assert len(found) >= 2
    for arguments in found:
        assert make_parser().parse_args(arguments).run


def test_the_readme_gives_commands_that_can_be_read():
    found = examples((ROOT / "README.md").read_text())
    assert {arguments[0] for arguments in found} >= {"fit", "data"}
    for arguments in found:
        assert make_parser().parse_args(arguments).run


def test_no_command_gets_the_help(capsys):
    status, out, err = said(capsys)
    assert (status, out) == (2, "")
    assert err.startswith("usage: mmcourse")
    assert all(name in err for name in NAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fitt"], "invalid choice: 'fitt'"),
        (["fit"], "DATA, FORMULA. See: mmcourse fit --help"),
        (["fit", "gpa"], "FORMULA. See: mmcourse fit --help"),
        (["fit", "gpa", "y ~ 1 + (1 | g)", "--colour"], "--colour"),
        (["fit", "gpa", "y ~ 1 + (1 | g)", "--ci-level", "95"], "95 is no number betw"),
        (["fit", "gpa", "y ~ 1 + (1 | g)", "--sep", ";;"], "';;' is not one character"),
        (["check"], "NOTEBOOK. See: mmcourse check --help"),
    ],
)
def test_a_wrong_command_line_gets_one_line(capsys, arguments, words):
    status, out, err = said(capsys, *arguments)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"mmcourse: .+ See: mmcourse.* --help\n", err)
    assert words in err


def test_the_version(capsys):
    expected = f"mmcourse {mmcourse.__version__}\n"
    assert said(capsys, "--version") == (0, expected, "")


def test_an_interrupt_ends_quietly(capsys, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "run", interrupted)
    assert said(capsys, "data") == (130, "", "mmcourse: stopped.\n")


def test_whoever_reads_the_output_may_stop():
    """As `mmcourse data insteval --csv | head -1` does."""
    command = [sys.executable, "-m", "mmcourse", "data", "insteval", "--csv"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as run:
        assert run.stdout.readline() == "s,d,studage,lectage,service,dept,y\n"
        run.stdout.close()
        assert run.stderr.read() == ""
    assert run.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's full disk")
def test_a_full_disk_is_named():
    command = [sys.executable, "-m", "mmcourse", "data", "gpa", "--csv"]
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert run.returncode == 2
    assert run.stderr == (
        "mmcourse: the output can't be written: No space left on device.\n"
    )


def test_help_waits_for_nothing_that_a_command_needs():
    code = (
        "import sys\n"
        "from mmcourse.commands.main import main\n"
        "try:\n"
        "    main(['fit', '--help'])\n"
        "except SystemExit:\n"
        "    print('loaded:', *sorted(sys.modules))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    loaded = set(done.stdout.partition("loaded: ")[2].split())
    heavy = {"matplotlib", "formulaic", "nbclient", "nbformat", "asyncio"}
    ours = {f"mmcourse.commands.{name}" for name in ("running", "rows", "pictures")}
    assert "mmcourse.commands.fit" in loaded
    assert not loaded & (heavy | ours)


def test_a_fit_from_the_shell():
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "mmcourse", "fit", "sleepstudy"]
    done = subprocess.run(
        [*command, "Reaction ~ Days + (1 | Subject)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Number of obs: 180, groups: Subject, 18" in done.stdout
