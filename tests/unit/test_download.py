"""The original GPA rows: downloaded, checked, cached; and what is said if not.

A stand-in file is served by a server on this machine; nothing leaves it.
"""

import errno
import functools
import hashlib
import http.server
import json
import sys
import threading

import pandas as pd
import pytest

import mmcourse as mm
from mmcourse import datasets

ROW = "1,year 1 semester 1,2.3,2 hours,female,2.8,yes,1,1,0\n"
LATER = "1,year 1 semester 2,2.1,2 hours,female,2.8,,1,2,1\n"
HEAD = "student,occas,gpa,job,sex,highgpa,admitted,year,semester,occasion\n"
STAND_IN = HEAD + ROW + LATER


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing, but count."""
        self.server.n_requests += 1


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A server of the stand-in, a cache of its own, and figures that name both."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "gpa.csv").write_text(STAND_IN)
    handler = functools.partial(Quiet, directory=tmp_path / "site")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.n_requests = 0
    serve = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serve.start()
    told = {
        "url": f"http://127.0.0.1:{server.server_port}/gpa.csv",
        "sha256": hashlib.sha256(STAND_IN.encode()).hexdigest(),
        "columns": HEAD.strip(),
    }
    server.told = told
    figures = tmp_path / "gpa_figures.json"
    figures.write_text(json.dumps({"original": told}))
    monkeypatch.setattr(datasets, "path_of", lambda name: figures)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    yield server
    server.shutdown()
    server.server_close()


def tell(served, tmp_path, **changes):
    told = {**served.told, **changes}
    (tmp_path / "gpa_figures.json").write_text(json.dumps({"original": told}))


def test_the_original_has_the_types_of_the_reconstruction(served, monkeypatch):
    found = mm.load_gpa(original=True)
    monkeypatch.undo()
    ours = mm.load_gpa()
    pd.testing.assert_series_equal(found.dtypes, ours.dtypes)
    assert found["gpa"].tolist() == [2.3, 2.1]
    assert found["admitted"].isna().tolist() == [False, True]


def test_it_is_downloaded_once(served):
    mm.load_gpa(original=True)
    mm.load_gpa(original=True)
    assert served.n_requests == 1


def test_another_file_is_refused_and_not_kept(served, tmp_path):
    tell(served, tmp_path, sha256="0" * 64)
    with pytest.raises(mm.DownloadError, match="holds another file") as caught:
        mm.load_gpa(original=True)
    assert "load_gpa()" in str(caught.value)
    assert list((tmp_path / "cache").rglob("*.csv")) == []


def test_offline(served, tmp_path):
    served.shutdown()
    served.server_close()
    with pytest.raises(mm.DownloadError, match=r"can't be reached.*\n.*connection"):
        mm.load_gpa(original=True)


def test_a_file_saved_by_hand_serves_offline(served, tmp_path):
    with pytest.raises(mm.DownloadError, match="answers 404") as caught:
        tell(served, tmp_path, url=served.told["url"] + ".gone")
        mm.load_gpa(original=True)
    path = tmp_path / "cache" / "mmcourse" / "gpa_original.csv"
    assert f"save the file as {path}" in str(caught.value)
    path.write_text(STAND_IN)
    assert len(mm.load_gpa(original=True)) == 2


def test_a_missing_page(served, tmp_path):
    tell(served, tmp_path, url=served.told["url"] + ".gone")
    with pytest.raises(mm.DownloadError, match=r"answers 404 \(File not found\)"):
        mm.load_gpa(original=True)


def test_a_download_that_breaks_off(served, tmp_path, monkeypatch):
    def short(self, *_):
        self.wfile.write(STAND_IN[:50].encode())

    monkeypatch.setattr(Quiet, "copyfile", short)
    with pytest.raises(mm.DownloadError, match="can't be reached"):
        mm.load_gpa(original=True)
    assert list((tmp_path / "cache" / "mmcourse").iterdir()) == []


def test_a_spoilt_file_in_the_cache_is_fetched_again(served, tmp_path):
    mm.load_gpa(original=True)
    (tmp_path / "cache" / "mmcourse" / "gpa_original.csv").write_text("spoilt")
    assert len(mm.load_gpa(original=True)) == 2
    assert served.n_requests == 2


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "you may not write there"),
    ],
)
def test_a_cache_that_takes_nothing(served, tmp_path, monkeypatch, number, reason):
    def refuse(*_, **__):
        raise OSError(number, "in the words of the system")

    monkeypatch.setattr("shutil.move", refuse)  # pooch's last step
    with pytest.raises(mm.DownloadError, match=f"{reason}.\n.*XDG_CACHE_HOME"):
        mm.load_gpa(original=True)
    assert list((tmp_path / "cache" / "mmcourse").iterdir()) == []


def test_a_folder_that_may_not_be_made(served, monkeypatch):
    """pooch raises a PermissionError of its own making, without a number."""

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "in the words of the system")

    monkeypatch.setattr("os.makedirs", refuse)
    with pytest.raises(mm.DownloadError, match="you may not write there"):
        mm.load_gpa(original=True)


def test_a_file_in_place_of_the_cache(served, tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(mm.DownloadError, match="can't be kept in"):
        mm.load_gpa(original=True)


def test_whole_marks_are_numbers_with_decimals(served, tmp_path):
    text = STAND_IN.replace("2.3", "2").replace("2.1", "2").replace("2.8", "3")
    (tmp_path / "site" / "gpa.csv").write_text(text)
    tell(served, tmp_path, sha256=hashlib.sha256(text.encode()).hexdigest())
    found = mm.load_gpa(original=True)
    assert found[["gpa", "highgpa"]].dtypes.tolist() == [float, float]


@pytest.mark.parametrize("original", [1, "yes", None])
def test_original_is_true_or_false(original):
    with pytest.raises(TypeError, match=r"original is .*; it must be True or False"):
        mm.load_gpa(original)


def test_without_pooch(served, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "mmcourse\[data\]"'):
        mm.load_gpa(original=True)
