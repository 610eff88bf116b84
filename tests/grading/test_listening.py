"""What a kernel says, whatever it says, and what is kept of it."""

from __future__ import annotations

import asyncio
import time
from queue import Empty

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook
from nbformat.validator import validate

from mmcourse.grading.box.listening import CarefulChannel, careful_context, is_message
from mmcourse.grading.outputs import append, overwritten, readable_output

KINDS = ("stream", "error", "display_data", "execute_result", "status", "comm_open")
FIELDS = ("name", "text", "data", "metadata", "ename", "evalue", "traceback")
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*FIELDS, "text/plain", "text/html", "image/png"]), inner
        ),
    ),
    max_leaves=10,
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.dictionaries(st.sampled_from(FIELDS), json_values),
        )
    )
)
def test_whatever_was_sent_the_notebook_can_be_stored(messages):
    cell = new_code_cell()
    for kind, content in messages:
        append(readable_output(kind, content), cell.outputs)
    validate(new_notebook(cells=[cell]))


@given(json_values)
def test_no_message_is_taken_for_one(value):
    assert not is_message(value)
    assert not is_message({"header": value, "msg_type": "stream"})


@pytest.mark.parametrize("picture", ['x" onerror="', "a b", "<svg>", 5, ["abc"]])
def test_a_picture_that_is_none_is_left_out(picture):
    data = {"image/png": picture, "text/plain": "a picture"}
    output = readable_output("display_data", {"data": data})
    assert output.data == {"text/plain": "a picture"}


def test_what_is_overwritten_in_a_terminal_is_gone():
    assert overwritten("1%\r50%\r100%\nnext\r\n") == "100%\nnext\n"


def test_a_long_line_takes_no_time():
    began = time.process_time()
    overwritten("x" * 200_000)
    overwritten("x\r" * 100_000)
    readable_output("display_data", {"data": {"image/png": "=" * 10**6 + " !"}})
    assert time.process_time() - began < 0.5


async def connected(kind: int) -> tuple[CarefulChannel, object, Session]:
    """A channel, and the socket of the kernel that it listens to."""
    import zmq

    context = careful_context()
    kernel = context.socket(zmq.ROUTER if kind == zmq.DEALER else zmq.PAIR)
    port = kernel.bind_to_random_port("tcp://127.0.0.1")
    socket = context.socket(kind)
    socket.linger = 0
    kernel.linger = 0
    socket.connect(f"tcp://127.0.0.1:{port}")
    session = Session(key=b"key")
    return CarefulChannel(socket, session), kernel, session


def test_messages_that_are_none_are_passed_over():
    async def listen() -> str:
        import zmq

        channel, kernel, session = await connected(zmq.PAIR)
        deep = b"[" * 10**5 + b"]" * 10**5
        header = session.pack(session.msg_header("stream"))
        for parts in (
            [deep] * 4,
            [header, b"null", b"null", b"5"],
            [b"1"],
            [header] * 9,
        ):
            await kernel.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
        await kernel.send_multipart([b"<IDS|MSG>", b"forged", *[header] * 4])
        await kernel.send_multipart([b""])
        session.send(kernel, "stream", {"name": "stdout", "text": "at last"})
        message = await channel.get_msg(timeout=5)
        with pytest.raises(Empty):
            await channel.get_msg(timeout=0.1)
        channel.socket.context.destroy(linger=0)
        return message["content"]["text"]

    assert asyncio.run(listen()) == "at last"


def test_a_message_that_is_too_large_does_not_come_in_and_nobody_waits(monkeypatch):
    monkeypatch.setattr("mmcourse.grading.box.listening.LARGEST", 10**6)
    monkeypatch.setattr("mmcourse.grading.box.listening.PATIENCE", 100)

    async def listen() -> None:
        import zmq

        channel, kernel, session = await connected(zmq.DEALER)
        channel.send(session.msg("execute_request"))
        name, *_ = await kernel.recv_multipart()
        await kernel.send_multipart([name, b"x" * 2 * 10**6])
        with pytest.raises(Empty):
            await channel.get_msg(timeout=1)
        with pytest.raises(DeadKernelError):
            for _ in range(100):
                channel.send(session.msg("execute_request"))
                await asyncio.sleep(0.01)
        channel.socket.context.destroy(linger=0)

    asyncio.run(listen())
