"""Draws of predictions, some rows at a time.

Conventions
    r rows, s draws. Random numbers belong to the fixed effects, to a level (known or
    new), or to a row's residual; rows with a new level take theirs from a stream of
    their own, so that they leave those of the others alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import fill_template
from mmcourse.design import NewRows, TermColumns
from mmcourse.draws import Draws, IndependentDraws, JointDraws
from mmcourse.model import MixedModel
from mmcourse.randomness import Streams
from mmcourse.simulated.effects import drawn_sigma

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]

# Numbers per chunk of rows (they stay in a processor's cache), and those of all
# levels' effects that may be kept from chunk to chunk.
CHUNK_ENTRIES = 125_000
KEPT_ENTRIES = 25_000_000
# Kinds of streams.
RESIDUAL, NEW_RESIDUAL, NEW_LEVELS = 3, 4, 10_000


@dataclass(frozen=True, slots=True)
class Fresh:
    """New levels of one factor among the rows."""

    texts: list[str]
    which: Codes  # (r,) position among the texts, -1 for a known level


class Sampler:
    """Draws of all parts of the prediction, some rows at a time."""

    def __init__(
        self,
        model: MixedModel,
        rows: NewRows,
        fresh: dict[int, Fresh],
        s: int,
        streams: Streams,
        method: str,
    ) -> None:
        self._model, self._rows, self._fresh = model, rows, fresh
        self._s, self._streams = s, streams
        made = IndependentDraws if method == "independent" else JointDraws
        self._draws: Draws = made(model.fit, model.posterior, s, streams)
        self._kept: dict[int, tuple[Codes, Array]] = {}
        self._sigma: Array | None = None
        self.draws_new = False
        self._X = rows.X[:, list(model.fit.kept)]
        self._step = max(1, CHUNK_ENTRIES // s)
        self._rooms: dict[int, Array] = {}

    def add_residuals(self, used: bool) -> None:
        """Add residuals to every part; of the rows used, if it is they."""
        model, streams = self._model, self._streams
        self._sigma = drawn_sigma(model, model.df_resid, self._s, streams)
        weights = model.design.weights if used else None
        self._size = None if weights is None else 1 / np.sqrt(weights)
        self._known = streams.at(0, RESIDUAL)
        self._new = streams.at(0, NEW_RESIDUAL)
        self._is_new = np.zeros(len(self._rows.index), dtype=bool)
        for fresh in self._fresh.values():
            self._is_new |= fresh.which >= 0

    def chunks(self) -> Iterator[slice]:
        """Yield the rows of one chunk after the other."""
        r = len(self._rows.index)
        for first in range(0, r, self._step):
            yield slice(first, min(first + self._step, r))

    def parts(self, here: slice, which: str) -> list[Array]:
        """Draws (rows, s) of what is asked for: the sum, then its parts for "all".

        They lie in memory that the next chunk takes again.
        """
        n = here.stop - here.start
        groups = range(0 if which == "fixed" else len(self._rows.codes))
        own = [self._group(f, here, self._room(f + 1, n)) for f in groups]
        total = self._room(0, n)
        np.matmul(self._X[here], self._draws.fixed, out=total)
        offset = self._rows.offset[here]
        if np.any(offset):
            total += offset[:, None]
        fixed = total.copy() if which == "all" else total
        if which == "random":
            total[:] = 0.0
        for part in own:
            total += part
        out = [total, *own, fixed] if which == "all" else [total]
        noise = self._noise(here)
        if noise is not None:
            for part in out:
                part += noise
        return out

    def _room(self, i: int, n: int) -> Array:
        """Memory for one part of n rows, (n, s)."""
        if i not in self._rooms:
            self._rooms[i] = np.empty((self._step, self._s))
        return self._rooms[i][:n]

    def _group(self, f: int, here: slice, out: Array) -> Array:
        """Add up the random effects of one factor, (rows, s)."""
        codes = self._rows.codes[f]
        assert codes is not None  # all random terms were read
        Z, own = self._columns(f, here), codes[here]
        level, b = self._levels(f, codes)
        if b is None:
            level = np.unique(own[own >= 0])
            b = self._draws.levels(f, level)
        at = np.where(own >= 0, np.searchsorted(level, own), -1)
        self._times(Z, b, at, out)
        fresh = self._fresh.get(f)
        if fresh is not None and self.draws_new:
            new = self._new_effects(f, fresh, Z.shape[1])
            out += self._times(Z, new, fresh.which[here], np.empty_like(out))
        return out

    def _new_effects(self, f: int, fresh: Fresh, K: int) -> Array:
        """Draw the effects of new levels, each from its own name, (levels, K, s)."""
        texts = [blake2b(text.encode(), digest_size=7) for text in fresh.texts]
        places = [int.from_bytes(text.digest(), "big") for text in texts]
        z = self._streams.normals(places, (K, self._s), NEW_LEVELS + f)
        return np.matmul(self._covariance_root(f), z)

    def _times(self, Z: Array, b: Array, at: Codes, out: Array) -> Array:
        """Z times the effects b (levels, K, s) of each row's level; 0 for level -1."""
        if not len(b):
            out[:] = 0.0
            return out
        work = self._room(-1, len(out))
        for j in range(Z.shape[1]):
            place = work if j else out
            np.take(b[:, j], at, axis=0, out=place, mode="clip")
            if not np.all(Z[:, j] == 1):
                place *= Z[:, j, None]
            if j:
                out += place
        out[at < 0] = 0.0
        return out

    def _levels(self, f: int, codes: Codes) -> tuple[Codes, Array | None]:
        """Levels that occur, and their draws if they may be kept."""
        if f not in self._kept:
            level = np.unique(codes[codes >= 0])
            k = sum(len(t.names) for t in self._terms(f))
            if len(level) * k * self._s > KEPT_ENTRIES:
                return level, None
            self._kept[f] = level, self._draws.levels(f, level)
        return self._kept[f]

    def _terms(self, f: int) -> list[TermColumns]:
        return [t for t in self._model.design.terms if t.grouping == f]

    def _columns(self, f: int, here: slice) -> Array:
        """Columns of all terms of one factor, (rows, K)."""
        pairs = zip(self._model.design.terms, self._rows.columns, strict=True)
        own = [
            block[here] for t, block in pairs if t.grouping == f and block is not None
        ]
        return np.concatenate(own, axis=1)

    def _covariance_root(self, f: int) -> Array:
        """Root of the covariance of one factor's effects, (K, K)."""
        fit, design = self._model.fit, self._model.design
        pieces = fit.products.cov.term_thetas(fit.theta, user=True)
        blocks = [
            fit.sigma * fill_template(piece, len(term.names))
            for piece, term in zip(pieces, design.terms, strict=True)
            if term.grouping == f
        ]
        K = sum(len(block) for block in blocks)
        out, at = np.zeros((K, K)), 0
        for block in blocks:
            here = slice(at, at + len(block))
            out[here, here] = block
            at = here.stop
        return out

    def _noise(self, here: slice) -> Array | None:
        """Residuals, (rows, s)."""
        if self._sigma is None:
            return None
        new = self._is_new[here]
        out = self._room(-1, len(new))
        if not new.any():
            self._known.standard_normal(out=out)
        else:
            out[~new] = self._known.standard_normal((int((~new).sum()), self._s))
            out[new] = self._new.standard_normal((int(new.sum()), self._s))
        out *= self._sigma
        if self._size is not None:
            out *= self._size[here, None]
        return out
