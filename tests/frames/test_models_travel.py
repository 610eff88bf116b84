"""A model is a value: it pickles, copies, serves threads, changes nothing global."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm

FORMULA = "Reaction ~ Days + (Days | Subject)"
READ = """
import pickle, sys
model = pickle.load(open(sys.argv[1], "rb"))
print(repr(model.predict({"Days": [3], "Subject": [308]}).item()))
"""


@pytest.fixture(scope="module")
def model():
    return mm.lmer(FORMULA, mm.load_sleepstudy())


def test_a_pickled_model_answers_as_before(model):
    again = pickle.loads(pickle.dumps(model))
    assert again.criterion == model.criterion
    pd.testing.assert_frame_equal(again.ranef()["Subject"], model.ranef()["Subject"])
    pd.testing.assert_frame_equal(again.confint(), model.confint())
    assert repr(again) == repr(model)


def test_a_pickled_model_predicts_in_another_process(model, tmp_path):
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps(model))
    run = subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, text=True, check=True
    )
    rows = {"Days": [3], "Subject": [308]}
    assert float(run.stdout) == model.predict(rows).item()


def test_a_deep_copy_is_the_same_model(model):
    other = copy.deepcopy(model)
    pd.testing.assert_series_equal(other.fitted, model.fitted)


def test_what_is_returned_may_be_changed(model):
    before, fitted = model.theta, model.fitted.copy()
    effects = model.ranef()["Subject"]
    tables = effects, model.coef()["Subject"], model.fixef, model.vcov, model.fitted
    for given in (model.theta, effects.to_numpy(), *tables, model.predict()):
        try:
            given[:] = 0
        except ValueError:
            pass  # not even that is possible
    np.testing.assert_array_equal(model.theta, before)
    assert (model.ranef()["Subject"] != 0).all(axis=None)
    assert (model.fixef != 0).all()
    assert (model.vcov != 0).all(axis=None)
    pd.testing.assert_series_equal(model.fitted, fitted)


def test_four_threads_fit_at_once():
    data = [mm.load_sleepstudy().assign(Reaction=lambda d: d["Reaction"])] * 16

    def fit(frame):
        found = mm.lmer(FORMULA, frame)
        return found.criterion, *found.theta, *found.confint("sigma").iloc[0]

    alone = fit(data[0])
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(fit, data)) == {alone}


def test_nothing_global_changes():
    options = pd.describe_option(_print_desc=False)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    errors, filters = np.geterr(), list(warnings.filters)
    fitted = mm.lmer(FORMULA, mm.load_sleepstudy())
    fitted.confint()
    str(fitted.summary())
    assert np.geterr() == errors
    assert warnings.filters == filters
    assert pd.describe_option(_print_desc=False) == options
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_fits_in_a_loop_leave_nothing_behind():
    data = mm.load_sleepstudy()
    mm.lmer(FORMULA, data).confint()
    tracemalloc.start()
    try:
        for _ in range(5):
            mm.lmer(FORMULA, data).confint("sigma")
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            mm.lmer(FORMULA, data).confint("sigma")
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 200_000  # bytes; a single model holds about this much
