"""`boot_mer`: simulate, refit, look; many times.

Layer: above `model`. The parameters of the model itself are bootstrapped without its
rows (`inference.bootstrap`). For any other function every replicate becomes a model;
their searches still run as one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse import replicates
from mmcourse.arrays import as_arrays
from mmcourse.bootstrap.result import Bootstrap
from mmcourse.bootstrap.statistic import Statistic, first_look, said
from mmcourse.errors import InferenceError, brief, did_you_mean, listing
from mmcourse.inference.bootstrap import bootstrap, check_residual, fit_values
from mmcourse.inference.names import parameters
from mmcourse.model import MixedModel
from mmcourse.model.arguments import check_flag
from mmcourse.model.check import check_model
from mmcourse.progress import progress
from mmcourse.randomness import Seed, check_count, generator
from mmcourse.refit import nth_fit, products_of
from mmcourse.simulate import Rows

Array = NDArray[np.float64]

# Numbers drawn at a time, and most models between two looks at the clock.
CHUNK_ENTRIES = 2_000_000
MOST_AT_ONCE = 100


def boot_mer(
    model: MixedModel,
    func: Callable[[MixedModel], Any] | None = None,
    n_sims: int = 1000,
    seed: Seed = None,
    use_u: bool = False,
    n_jobs: int = 1,
    re: str | Sequence[str] | None = None,
) -> Bootstrap:
    """Bootstrap a model: simulate from it, refit, look at the same numbers again.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    func : callable, optional
        A function of a model that returns a number, or a Series, dict or array of
        numbers. None: the model's parameters under the names of `confint`, which is
        much faster, because no replicate needs its rows.
    n_sims : int
        How many replicates.
    seed : int or Generator, optional
        The same seed gives the same numbers; when not given, they differ every time.
    use_u : bool
        Keep the random effects as estimated and draw residuals only. What then varies
        is a statement about these groups, not about others of their kind.
    n_jobs : int
        Threads that call `func`; the result does not depend on it. They help where
        `func` spends its time inside of NumPy.
    re : str or sequence of str, optional
        Grouping factors whose random effects are added to the model's parameters.

    Returns
    -------
    Bootstrap
        With `.original`, `.estimates`, `.failures`, `.confint(level, kind)`. A
        replicate that fails is NaN, and is reported with its number; a run that is
        interrupted returns what was done.

    Raises
    ------
    InferenceError
        If `func` fails on the model itself, or in every replicate.

    Notes
    -----
    As lme4's ``bootMer``, parametric.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> boot = mm.boot_mer(model, n_sims=200, seed=1)
    >>> boot.estimates.columns.tolist()
    ['sd_Intercept|Subject', 'sigma', 'Intercept', 'Days']
    >>> mm.boot_mer(model, lambda m: m.sigma, n_sims=20, seed=1).original
    statistic    30.991
    dtype: float64
    """
    check_model(model, "boot_mer")
    n, rng = check_count(n_sims), generator(seed)
    keep, threads = check_flag(use_u, "use_u"), check_count(n_jobs, "n_jobs")
    if func is None:
        return _own_parameters(model, n, rng, keep, _terms(model, re))
    if re is not None:
        raise InferenceError(
            "re adds random effects to the model's own parameters; with func, let func "
            "return them, for example model.ranef()['Subject']['Intercept']."
        )
    return _any_function(model, func, n, rng, keep, threads)


def _own_parameters(
    model: MixedModel,
    n: int,
    rng: np.random.Generator,
    use_u: bool,
    terms: list[int],
) -> Bootstrap:
    """Bootstrap what `confint` has rows for, and random effects of some terms."""
    design = model.design
    every = parameters([(t.group, t.names) for t in design.terms], model.fixed_names)
    done = bootstrap(model.fit, model.posterior, every, n, rng, use_u, terms)
    names = [p.name for p in every]
    original, columns = [fit_values(model.fit, every)], [done.values]
    for i, draws in zip(terms, done.effects, strict=True):
        term = design.terms[i]
        levels = design.groupings[term.grouping].levels
        names += [f"{e}|{term.group}[{v}]" for e in term.names for v in levels]
        original.append(model.posterior.modes[i].T.ravel())
        columns.append(draws.swapaxes(1, 2).reshape(len(draws), -1))
    return _result(
        names,
        np.concatenate(original),
        np.concatenate(columns, axis=1),
        done.failures,
        done.interrupted,
    )


def _terms(model: MixedModel, re: Any) -> list[int]:
    """Positions of the terms of some grouping factors."""
    if re is None:
        return []
    asked = [re] if isinstance(re, str) else re
    known = list(model.n_groups)
    if not isinstance(asked, list | tuple):
        raise TypeError(f"re is {brief(re)}; it must be the name of a grouping factor.")
    for name in asked:
        if name not in known:
            hint = did_you_mean(name, known) if isinstance(name, str) else ""
            raise InferenceError(
                f"re is {brief(name)}, which is no grouping factor of the model. {hint}"
                f"Grouping factors: {listing(known)}."
            )
    return [i for i, t in enumerate(model.design.terms) if t.group in asked]


def _any_function(
    model: MixedModel,
    func: Any,
    n: int,
    rng: np.random.Generator,
    use_u: bool,
    n_jobs: int,
) -> Bootstrap:
    """Bootstrap a function of a model."""
    check_residual(model.fit)
    model.design.require_rows("a bootstrap of your own function")
    statistic, original = first_look(func, model)
    rows: list[Array] = []
    failures: dict[int, str] = {}
    interrupted = False
    with ExitStack() as stack:
        advance = stack.enter_context(progress(n, "bootstrap"))
        each: Callable[..., Any] = map
        if n_jobs > 1:
            pool = ThreadPoolExecutor(n_jobs)
            stack.callback(pool.shutdown, cancel_futures=True)
            each = pool.map
        try:
            for refitted in _models(model, n, rng, use_u):
                look = partial(_look, statistic)
                for values, fault in each(look, refitted):
                    rows.append(values)
                    if fault:
                        failures[len(rows)] = fault
                    advance(1)
        except KeyboardInterrupt:
            if not rows:
                raise
            interrupted = True
    return _result(statistic.names, original, np.array(rows), failures, interrupted)


def _models(
    model: MixedModel, n: int, rng: np.random.Generator, use_u: bool
) -> Iterator[list[Callable[[], MixedModel] | str]]:
    """Yield what makes refitted models, chunk by chunk; words where one failed."""
    fit, design = model.fit, model.design
    kept = design.match_re_form("all" if use_u else "none")
    draws = Rows(fit, model.posterior, design, kept, rng)
    arrays = as_arrays(design)
    step = min(MOST_AT_ONCE, replicates.batch_size(fit))
    step = max(1, min(step, CHUNK_ENTRIES // draws.n_draws))
    for first in range(0, n, step):
        drawn = draws.draw(min(step, n - first))
        response = products_of(fit, arrays, drawn)
        refits = replicates.refit(fit, response)
        whole = draws.complete(drawn)
        yield [
            partial(_model, model, refits, response, whole, i)
            if refits.status[i] == "converged"
            else f"the refit ended as '{refits.status[i]}'"
            for i in range(len(drawn))
        ]


def _model(
    model: MixedModel,
    refits: replicates.Refits,
    response: Any,
    whole: Array,
    i: int,
) -> MixedModel:
    """Return the model of one replicate."""
    design = replace(model.design, y=whole[i].copy())
    y = as_arrays(design).y
    w = design.weights
    total = float(y @ (y if w is None else y * (w / model.fit.products.unit)))
    return MixedModel(design, nth_fit(model.fit, refits, response, i, total))


def _look(
    statistic: Statistic, made: Callable[[], MixedModel] | str
) -> tuple[Array, str]:
    """Values of the statistic for one replicate, and what went wrong, if anything."""
    lost = np.full(len(statistic.names), np.nan)
    if isinstance(made, str):
        return lost, made
    try:
        values = statistic.row(made())
    except Exception as error:
        return lost, said(error)
    nan = [name for name, v in zip(statistic.names, values, strict=True) if np.isnan(v)]
    return values, f"func gave NaN for {listing(nan, 5)}" if nan else ""


def _result(
    names: Sequence[str],
    original: Array,
    values: Array,
    failures: dict[int, str],
    interrupted: bool,
) -> Bootstrap:
    """Arrange what was found; refuse what is nothing but failures."""
    if len(failures) == len(values) and np.isnan(values).all():
        raise InferenceError(
            f"all {len(values)} replicates failed; the first: {failures[1]}."
        )
    index = pd.RangeIndex(1, len(values) + 1, name="replicate")
    return Bootstrap(
        original=pd.Series(original, index=list(names)),
        estimates=pd.DataFrame(values, index=index, columns=list(names)),
        failures=pd.Series(failures, dtype=object, name="failure"),
        interrupted=interrupted,
    )
