"""One engine, one case, one process: fit it again and again, print JSON.

    python worker.py TASK.json

The last line printed is the answer. `run.py` starts this; imports of the engine and a
first fit of small data come before the clock, `COLD` measures those.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from frames import n_bytes, read_frame
from measure import Budget, measure
from sampler import sample

WARM_UP = {
    "fixed": "y ~ x",
    "terms": [["1", "g"]],
    "formula": "y ~ x + (1 | g)",
    "n_rows": 60,
}


def main(path: str) -> int:
    """Do the task in a file; print what was measured."""
    task = json.loads(Path(path).read_text())
    warnings.simplefilter("ignore")
    limit_memory(task["memory_limit"])
    engine = importlib.import_module(f"engines.{task['engine']}")
    case = task["case"]
    answer: dict[str, Any] = {"version": version(engine.PACKAGE)}
    reason = engine.reason_against(case) or no_such_work(engine, case)
    if reason:
        answer |= {"status": "not tried", "reason": reason}
    else:
        answer |= attempt(engine, case, task)
    print(json.dumps(answer))
    return 0


def no_such_work(engine: Any, case: dict[str, Any]) -> str | None:
    """Say that an engine has nothing for what is done with a fit."""
    if case["work"] == "fit" or case["work"] in getattr(engine, "WORK", {}):
        return None
    return "it has no public function for it"


def attempt(engine: Any, case: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """Fit; a failure of the engine is a result too."""
    try:
        engine.fit(WARM_UP, warm_up_frame())
        frame = read_frame(Path(task["folder"]))
        if task["profile"]:
            return {"status": "ok", **profile(engine, case, frame, task["seconds"])}
        measured = times if case["work"] == "fit" else work_times
        return {"status": "ok", **measured(engine, case, frame, task)}
    except MemoryError:
        return {"status": "out of memory", "reason": "it asked for too much memory"}
    except Exception as error:
        text = " ".join(str(error).split())[:160]
        return {"status": "failed", "reason": f"{type(error).__name__}: {text}"}


def times(engine: Any, case: Any, frame: Any, task: dict[str, Any]) -> dict[str, Any]:
    """Measure time and memory, and ask for the criterion."""
    budget = Budget(**task["budget"])
    measured, model = measure(lambda: engine.fit(case, frame), budget)
    answer = {
        **measured.as_dict(),
        "criterion": engine.criterion(model),
        "data_bytes": n_bytes(frame),
    }
    if hasattr(engine, "evaluate"):
        again, _ = measure(lambda: engine.evaluate(model), replace(budget, most=20))
        answer["evaluation"] = again.wall
    return answer


def work_times(
    engine: Any, case: Any, frame: Any, task: dict[str, Any]
) -> dict[str, Any]:
    """Measure what is done with a fit: each time with a new one, as a user has it."""
    work = engine.WORK[case["work"]]
    measured, result = measure(
        lambda model: work.run(model, case, frame),
        Budget(**task["budget"]),
        lambda: (engine.fit(case, frame),),
    )
    return {
        **measured.as_dict(),
        "differs": work.differs,
        "numbers": [float(x) for x in work.look(result, case)],
    }


def profile(engine: Any, case: Any, frame: Any, seconds: float) -> dict[str, Any]:
    """Say where the time of a fit goes."""
    return sample(lambda: engine.fit(case, frame), seconds)


def warm_up_frame() -> Any:
    """Sixty rows in ten groups, which any engine fits."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(10), 6)
    x = rng.standard_normal(60)
    y = x + rng.standard_normal(10)[g] + rng.standard_normal(60)
    return pd.DataFrame({"y": y, "x": x, "g": g})


def limit_memory(n_bytes: int) -> None:
    """Let too large a demand fail here instead of taking the machine down."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
