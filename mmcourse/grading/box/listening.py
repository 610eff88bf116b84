"""What a kernel says, taken with care: code of a student may say anything in its name.

A message that is none is left out. One that is very large ends the connection, after
which ZeroMQ would wait forever to send: here that is the end of the kernel.
"""

from __future__ import annotations

from queue import Empty
from time import monotonic
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient.exceptions import DeadKernelError
from traitlets import Type

LARGEST = 64 << 20  # bytes of a part of a message
MOST_WAITING = 50  # messages that have not been looked at
PATIENCE = 2000  # milliseconds to get rid of a message


class CarefulChannel(AsyncZMQSocketChannel):
    """Messages of the form that all are to have."""

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """Return the next message that is one.

        Raises
        ------
        queue.Empty
            If none comes in time.
        """
        end = None if timeout is None else monotonic() + timeout
        while True:
            left = None if end is None else max(0.0, end - monotonic())
            if await self.socket.poll(None if left is None else int(left * 1000)):
                message = await self._received()
                if is_message(message):
                    return message
            elif end is None or not left:
                raise Empty

    def send(self, message: dict[str, Any]) -> None:
        """Send a message.

        Raises
        ------
        DeadKernelError
            If the kernel takes none.
        """
        try:
            super().send(message)
        except zmq.Again:
            raise DeadKernelError("the kernel has closed the connection") from None

    async def _received(self) -> Any:
        """Return what comes next; None where it can't be read."""
        try:
            return await self._recv()
        except Exception:  # whatever a forged message may lead to
            return None


def is_message(message: Any) -> bool:
    """Return whether something has the parts that are relied on.

    Examples
    --------
    >>> reply = {"header": {}, "msg_type": "execute_reply", "parent_header": {}}
    >>> is_message(reply | {"content": {"status": "ok"}}), is_message(reply)
    (True, False)
    """
    if not isinstance(message, dict):
        return False
    parts = ("header", "parent_header", "content")
    if not all(isinstance(message.get(part), dict) for part in parts):
        return False
    kind, content = message.get("msg_type"), message["content"]
    if not isinstance(kind, str):
        return False
    needed = "execution_state" if kind == "status" else "status"
    is_complete = isinstance(content.get(needed), str)
    return is_complete or not (kind == "status" or kind.endswith("_reply"))


class CarefulClient(AsyncKernelClient):
    """A client that listens with care."""

    shell_channel_class = Type(CarefulChannel)
    iopub_channel_class = Type(CarefulChannel)
    control_channel_class = Type(CarefulChannel)

    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True  # so that it closes it
        return careful_context()


def careful_context() -> zmq.asyncio.Context:
    """Return what makes sockets, each with limits."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, LARGEST)
    context.setsockopt(zmq.RCVHWM, MOST_WAITING)
    context.setsockopt(zmq.SNDTIMEO, PATIENCE)
    return context
