"""Run the cells of a submission in a kernel, and ask for values in place of checks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbformat import NotebookNode

from mmcourse.commands.running import DEAF, PATIENCE
from mmcourse.grading.box.watch import Limits, Watch
from mmcourse.grading.describing import MOST_BYTES
from mmcourse.grading.judging import NoAnswer, Question, judge
from mmcourse.grading.outputs import (
    CUT,
    MOST_OUTPUT,
    append,
    overwritten,
    readable_output,
)

Replies = Mapping[str, Mapping[str, Any]]


class Session(NotebookClient):
    """A notebook in its kernel; cells with checks are judged outside of it.

    Attributes
    ----------
    questions : mapping, place of a cell to what its check asks
    limits : Limits, of the sandbox, where there is one
    cut : set of int, the cells whose output was cut
    slow : set of int, the checks that got no answer in time
    reason : str, why the kernel was given up; empty when it was not
    watch : Watch or None, over the sandbox, when the run is over
    """

    def __init__(
        self,
        notebook: NotebookNode,
        questions: Mapping[int, Question],
        limits: Limits,
        **named: Any,
    ):
        super().__init__(notebook, **named)
        self.coalesce_streams = False  # nbclient takes minutes for one long line
        self.questions, self.limits = questions, limits
        self.cut: set[int] = set()
        self.slow: set[int] = set()
        self.watch: Watch | None = None
        self._kept: dict[int, int] = {}
        self._place = 0
        self.reason = ""
        self._listener: asyncio.Task[Any] | None = None

    def create_kernel_manager(self) -> Any:
        """Return what starts the kernel, and remember it: it is gone after the run."""
        manager: Any = super().create_kernel_manager()
        manager.limits = self.limits
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
            await self._run_cell(cell, cell_index, *rest, **named)
            return cell
        self._place = cell_index
        loop = asyncio.get_running_loop()

        def ask(expressions: Mapping[str, str]) -> Replies:
            asked = self.ask(expressions)
            return asyncio.run_coroutine_threadsafe(asked, loop).result()

        cell.outputs = await asyncio.to_thread(judge, question, ask)
        # Within a check, a kernel that is lost is only a function that stops.
        await self._async_check_alive()
        if self.reason:
            raise DeadKernelError(self.reason)
        return cell

    async def _run_cell(self, cell: NotebookNode, *rest: Any, **named: Any) -> None:
        """Run a cell; what it shows is complete then, whatever became of it."""
        try:
            await super().async_execute_cell(cell, *rest, **named)
        finally:
            # nbclient has it go on after a timeout, and eat what the next cell shows.
            if self._listener:
                self._listener.cancel()
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output.text = overwritten(output.text)

    async def _async_poll_output_msg(self, *of_cell: Any) -> None:
        self._listener = asyncio.current_task()
        await super()._async_poll_output_msg(*of_cell)

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
        reply = await self._reply_to(sent, float(self.timeout or 60))
        if reply is None:
            await self._stop(sent)
            text = f"stopped after {self.timeout} s: does it never end?"
            raise NoAnswer("TimeoutError", text)
        found = reply.get("user_expressions")
        found = found if isinstance(found, dict) else {}
        return {name: _checked(found.get(name)) for name in expressions}

    async def _reply_to(self, sent: str, seconds: float) -> Mapping[str, Any] | None:
        """Return what the kernel replies to a message; None when it takes too long."""
        channels: Any = self.kc
        end = monotonic() + seconds
        while not self.reason and monotonic() < end:
            try:
                reply = await ensure_async(channels.shell_channel.get_msg(timeout=1))
            except Empty:
                await self._async_check_alive()
                continue
            if reply["parent_header"].get("msg_id") == sent:
                content: Mapping[str, Any] = reply["content"]
                return content
        return None

    async def _stop(self, sent: str) -> None:
        """Stop what the kernel does; when it does not heed, give it up."""
        self.slow.add(self._place)
        if not self.reason:
            kernel: Any = self.km
            await ensure_async(kernel.interrupt_kernel())
            if await self._reply_to(sent, PATIENCE) is None:
                self.reason = DEAF

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep what a cell shows, up to a size; widgets and the like are left out."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "status" and content["execution_state"] == "idle":
            raise CellExecutionComplete()
        output = readable_output(kind, content)
        if output is None or not self._has_room(output, cell, cell_index):
            return None
        append(output, cell.outputs)
        return output

    def _has_room(self, output: NotebookNode, cell: NotebookNode, place: int) -> bool:
        """Return whether an output still fits; say so once when it does not."""
        kept = self._kept.get(place, 0)
        size = len(str(output))
        if kept + size <= MOST_OUTPUT:
            self._kept[place] = kept + size
            return True
        if place not in self.cut:
            self.cut.add(place)
            text = str(output.get("text", ""))[: MOST_OUTPUT - kept] + CUT
            content = {"name": "stdout", "text": text}
            append(readable_output("stream", content), cell.outputs)
        return False


def _checked(reply: Any) -> Mapping[str, Any]:
    """Return a reply if it has the form of one and is not too large."""
    if not isinstance(reply, dict):
        return {}
    if len(str(reply.get("data", ""))) > 2 * MOST_BYTES:
        return {"status": "error", "ename": "TooLarge", "evalue": "it is too large."}
    return reply
