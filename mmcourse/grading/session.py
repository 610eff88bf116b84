"""Run the cells of a submission in a kernel, and ask for values in place of checks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from mmcourse.grading.describing import MOST_BYTES
from mmcourse.grading.judging import NoAnswer, Question, judge
from mmcourse.grading.watch import Watch

MOST_OUTPUT = 200_000  # characters of a cell that are kept
KINDS = ("stream", "display_data", "execute_result", "error")
SHOWN = ("text/plain", "text/html", "text/latex", "text/markdown", "image/png")
CUT = "\n... more was printed; the grader cut it here ...\n"

Replies = Mapping[str, Mapping[str, Any]]


class Session(NotebookClient):
    """A notebook in its kernel; cells with checks are judged outside of it.

    Attributes
    ----------
    questions : mapping, place of a cell to what its check asks
    cut : set of int, the cells whose output was cut
    watch : Watch or None, over the sandbox, when the run is over
    """

    def __init__(
        self, notebook: NotebookNode, questions: Mapping[int, Question], **named: Any
    ):
        super().__init__(notebook, **named)
        self.questions = questions
        self.cut: set[int] = set()
        self._kept: dict[int, int] = {}
        self.watch: Watch | None = None

    def create_kernel_manager(self) -> Any:
        """Return what starts the kernel, and remember it: it is gone after the run."""
        manager: Any = super().create_kernel_manager()
        self._manager = manager
        return manager

    async def _async_cleanup_kernel(self) -> None:
        self.watch = getattr(self._manager, "watch", None)
        await super()._async_cleanup_kernel()

    async def async_execute_cell(
        self, cell: NotebookNode, cell_index: int, *rest: Any, **named: Any
    ) -> NotebookNode:
        """Run a cell, or judge it when it is a check."""
        question = self.questions.get(cell_index)
        if question is None:
            return await super().async_execute_cell(cell, cell_index, *rest, **named)
        loop = asyncio.get_running_loop()

        def ask(expressions: Mapping[str, str]) -> Replies:
            asked = self.ask(expressions)
            return asyncio.run_coroutine_threadsafe(asked, loop).result()

        cell.outputs = await asyncio.to_thread(judge, question, ask)
        return cell

    async def ask(self, expressions: Mapping[str, str]) -> Replies:
        """Have expressions evaluated in the kernel; return what it says of each.

        Raises
        ------
        NoAnswer
            If it takes longer than a cell may.
        DeadKernelError
            If the kernel is gone.
        """
        await self._async_check_alive()
        channels: Any = self.kc
        sent = channels.execute(
            "", silent=True, store_history=False, user_expressions=dict(expressions)
        )
        end = monotonic() + float(self.timeout or 60)
        while monotonic() < end:
            reply = await self._next_reply()
            if reply and reply["parent_header"].get("msg_id") == sent:
                found = reply["content"].get("user_expressions") or {}
                return {name: _checked(found.get(name)) for name in expressions}
        await self._stop()
        seconds = f"{self.timeout} s"
        raise NoAnswer("TimeoutError", f"stopped after {seconds}: does it never end?")

    async def _next_reply(self) -> Any:
        """Return the next reply, None after a second without one."""
        from queue import Empty

        channels: Any = self.kc
        try:
            return await ensure_async(channels.shell_channel.get_msg(timeout=1))
        except Empty:
            await self._async_check_alive()
            return None

    async def _stop(self) -> None:
        """Stop what the kernel does; `ask` finds out when it does not heed."""
        kernel: Any = self.km
        await ensure_async(kernel.interrupt_kernel())

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep what a cell shows, up to a size; widgets and the like are left out."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "status" and content["execution_state"] == "idle":
            raise CellExecutionComplete()
        if kind not in KINDS or not self._has_room(content, cell, cell_index):
            return None
        try:
            output = output_from_msg(msg)
        except ValueError:
            return None
        if "data" in output:
            output.data = {k: v for k, v in output.data.items() if k in SHOWN}
        cell.outputs.append(output)
        return output

    def _has_room(
        self, content: Mapping[str, Any], cell: NotebookNode, place: int
    ) -> bool:
        """Return whether an output still fits; say so once when it does not."""
        size = len(str(content))
        kept = self._kept.get(place, 0) + size
        if kept <= MOST_OUTPUT:
            self._kept[place] = kept
            return True
        if place not in self.cut:
            self.cut.add(place)
            left = MOST_OUTPUT - self._kept.get(place, 0)
            text = str(content.get("text", ""))[:left] + CUT
            note = {"output_type": "stream", "name": "stdout", "text": text}
            cell.outputs.append(NotebookNode(note))
        return False


def _checked(reply: Any) -> Mapping[str, Any]:
    """Return a reply if it has the form of one and is not too large."""
    if not isinstance(reply, dict):
        return {}
    if len(str(reply.get("data", ""))) > 2 * MOST_BYTES:
        return {"status": "error", "ename": "TooLarge", "evalue": "it is too large."}
    return reply
