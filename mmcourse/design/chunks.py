"""Rows that come in chunks, and sums over them.

Layer: knows pandas, and Dask where a frame of Dask is given. What is to be known of
the rows is a sum over chunks: a source applies a function to each of its chunks and
adds up what that returns. Chunks of files and iterables are read one after the other;
those of a Dask frame stay with its workers, and only sums travel.

Conventions
    Only the columns that are asked for are read. A source can be read again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from mmcourse.errors import MMCourseError
from mmcourse.progress import progress

T = TypeVar("T")
Names = list[str]
Work = Callable[[Any], T]
Add = Callable[[T, T], T]


class Source(Protocol):
    """Rows that can be read in chunks, as often as needed."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    @property
    def head(self) -> Any:
        """A frame with the columns, and no matter which rows."""
        ...

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each chunk; None if there is no chunk."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Chunks:
    """A source whose chunks are read one after the other.

    Attributes
    ----------
    name : str
    head : data frame
    read : callable
        Takes names of columns, returns an iterator over frames that have them.
    n_rows : int or None
        For the display of progress.
    """

    name: str
    head: Any
    read: Callable[[Names], Iterator[Any]]
    n_rows: int | None = None

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each chunk; None if there is no chunk."""
        total: T | None = None
        with progress(self.n_rows, "reading", " rows") as advance:
            for frame in self.read(names):
                found = work(frame)
                total = found if total is None else add(total, found)
                advance(len(frame))
        return total


@dataclass(frozen=True, slots=True, eq=False)
class DaskFrame:
    """A Dask frame: its workers form the sums of their partitions and add them up."""

    frame: Any

    @property
    def name(self) -> str:
        """What messages call it."""
        return "the Dask frame"

    @property
    def head(self) -> Any:
        """Frame with the columns, without rows."""
        return self.frame._meta

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each partition, two by two."""
        from dask import compute, delayed

        # The work may carry all the levels of a factor: one copy for all partitions.
        shared, apply = delayed(work, traverse=False), delayed(_apply, pure=False)
        sums = [apply(shared, part) for part in self.frame[names].to_delayed()]
        while len(sums) > 1:
            pairs = zip(sums[::2], sums[1::2], strict=False)
            odd = sums[len(sums) - len(sums) % 2 :]
            sums = [delayed(add, pure=False)(a, b) for a, b in pairs] + odd
        try:
            return compute(sums[0])[0] if sums else None
        except MMCourseError as error:
            # Of a worker's error, only what it says; not where it was raised.
            raise getattr(error, "exception", error) from None


def _apply(work: Work[T], frame: Any) -> T:
    return work(frame)
