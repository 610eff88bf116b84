"""Every source of rows gives the model of the frame; only what is used is read."""

from __future__ import annotations

import io
import pickle
import sys

import dask
import dask.dataframe as dd
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import mmcourse as mm
from mmcourse import progress
from mmcourse.design import arrow, chunks, sources
from tests.streams.rows import cut, rows, same

FORMULA = "y ~ x * f + scale(z) + (z | g) + (1 | h)"


@pytest.fixture(scope="module")
def expected():
    return mm.lmer(FORMULA, rows(), weights="w")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A Parquet file of six row groups, and a folder of two files."""
    path = tmp_path_factory.mktemp("parquet")
    rows().to_parquet(path / "rows.parquet", row_group_size=50)
    (path / "parts").mkdir()
    for i, part in enumerate(cut(rows(), 80)):
        part.to_parquet(path / "parts" / f"{i}.parquet")
    return path


class Again:
    """An object whose iterator starts anew."""

    def __iter__(self):
        return iter(cut(rows(), 10, 20))


SOURCES = {
    "path": lambda p: p / "rows.parquet",
    "path as text": lambda p: str(p / "rows.parquet"),
    "folder": lambda p: p / "parts",
    "dataset": lambda p: ds.dataset(p / "parts"),
    "parquet file": lambda p: pq.ParquetFile(p / "rows.parquet"),
    "list": lambda p: cut(rows(), 100, 200),
    "tuple of tables": lambda p: tuple(map(pa.Table.from_pandas, cut(rows(), 70))),
    "dicts": lambda p: [part.to_dict("series") for part in cut(rows(), 70)],
    "object": lambda p: Again(),
    "function": lambda p: lambda: iter(cut(rows(), 33)),
    "dask": lambda p: dd.from_pandas(rows(), npartitions=5),
    "dask from files": lambda p: dd.read_parquet(p / "parts"),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_the_source_does_not_matter(make, folder, expected):
    model = mm.lmer(FORMULA, make(folder), weights="w")
    same(model, expected)
    assert "not kept" in model.messages[1]
    same(pickle.loads(pickle.dumps(model)), expected)


def test_polars_frames_are_chunks_too(expected):
    parts = [pl.from_pandas(part.astype({"f": str})) for part in cut(rows(), 150)]
    text = mm.lmer(FORMULA, rows().astype({"f": str}), weights="w")
    same(mm.lmer(FORMULA, parts, weights="w"), text)


def test_partitions_by_folder_and_filters_of_a_dataset(tmp_path):
    data = rows().dropna()
    data.to_parquet(tmp_path, partition_cols=["g"])
    same(mm.lmer("y ~ x + (1 | g)", tmp_path), mm.lmer("y ~ x + (1 | g)", data))
    some = ds.dataset(tmp_path, partitioning="hive").filter(ds.field("z") > 0)
    chosen = data[data["z"] > 0]
    same(mm.lmer("y ~ x + (1 | g)", some), mm.lmer("y ~ x + (1 | g)", chosen))


def test_only_the_columns_of_the_model_are_read(folder):
    source = sources.open_source(folder / "rows.parquet")
    seen = source.fold(["y", "g"], lambda f: set(f.columns), set.union)
    assert seen == {"y", "g"}
    names = []

    class Noting(chunks.Chunks):
        def fold(self, wanted, work, add):
            names.append(wanted)
            return super().fold(wanted, work, add)

    noting = Noting(source.name, source.head, source.read)
    formula = mm.formula.parse("y ~ z + (1 | g)")
    mm.design.open_stream(formula, noting, weights="w")
    assert names == [["y", "z", "g", "w"]]


def test_rows_of_a_file_are_numbered_as_in_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow, "CHUNK_ROWS", 40)
    data = rows().assign(z=lambda d: d["z"].where(d.index != 222, float("inf")))
    data.to_parquet(tmp_path / "rows.parquet", row_group_size=60)
    with pytest.raises(mm.DesignError, match=r"'z' is infinite in 1 row \(index 222\)"):
        mm.lmer("y ~ z + (1 | g)", tmp_path)


def test_on_dask_only_sums_travel(monkeypatch):
    """What a partition returns has no more numbers than the sums need."""
    sizes = []
    compute = dask.compute

    def noting(*args, **kwargs):
        out = compute(*args, **kwargs)
        sizes.append(len(pickle.dumps(out)))
        return out

    monkeypatch.setattr(dask, "compute", noting)
    for n in (2_000, 20_000):
        frame = pd.concat([rows()] * (n // 300), ignore_index=True)
        model = mm.lmer("y ~ x + (1 | g)", dd.from_pandas(frame, npartitions=8))
        same(model, mm.lmer("y ~ x + (1 | g)", frame))
    assert len(sizes) == 6
    assert max(sizes) < 20_000  # bytes; the frames have 144,000 and more


def test_an_error_of_a_worker_is_the_error_of_a_frame():
    frame = dd.from_pandas(rows().assign(x=float("inf")), npartitions=2)
    with dask.config.set(scheduler="processes"):
        with pytest.raises(mm.DesignError) as caught:
            mm.lmer("y ~ x + (1 | g)", frame)
    assert type(caught.value) is mm.DesignError
    assert "Traceback" not in str(caught.value)


def test_progress_is_shown_for_long_runs_on_a_screen_only(monkeypatch, capsys):
    frames = cut(rows(), *range(10, 300, 10))
    mm.lmer("y ~ x + (1 | g)", frames)
    assert capsys.readouterr().err == ""

    class Screen(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Screen())
    mm.lmer("y ~ x + (1 | g)", frames)
    assert sys.stderr.getvalue() == ""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    mm.lmer("y ~ x + (1 | g)", frames)
    assert " rows" in sys.stderr.getvalue()
