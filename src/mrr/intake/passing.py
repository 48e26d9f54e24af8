"""Connections that pass from one process to another, with what was heard on them; and words between the two."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

# A message has at most so many bytes: a socket of this kind takes it whole or not at all.
MOST = 1 << 17
# So much is read at once of a connection that may have to be given back: all that it was heard to say fits a message.
AT_ONCE = 1 << 15


class Heard(NamedTuple):
    """A message, and the connection that came with it."""

    said: bytes
    connection: socket.socket | None


def pair() -> tuple[socket.socket, socket.socket]:
    """Both ends between two processes. Raises OSError, AttributeError where there is no such thing."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.setblocking(False)
    return here, there


def say(to: socket.socket, said: bytes) -> bool:
    """Say something; False where there is no room now, or nobody."""
    return _sent(to, said, [])


def hand_over(to: socket.socket, transport: asyncio.Transport, heard: bytes) -> bool:
    """Give a connection away with what was heard on it; False where it stays: something is still to be written,
    there is no room, or nobody."""
    connection = transport.get_extra_info("socket")
    if connection is None or len(heard) > MOST or transport.get_write_buffer_size():
        return False
    if not _sent(to, heard, [connection.fileno()]):
        return False
    # The other process has it open by now: this ends it here alone.
    transport.abort()
    return True


class Coming:
    """Connections on their way into this process; who is gone before they came is nobody's trouble."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def take(self, connection: socket.socket, made: Callable[[], asyncio.BaseProtocol]) -> None:
        """Have the loop of this thread go on with a connection, by what `made` makes."""
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        task: asyncio.Task[object] = loop.create_task(loop.connect_accepted_socket(made, connection))
        self._tasks.add(task)
        task.add_done_callback(self._came)

    def _came(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        with suppress(asyncio.CancelledError):
            task.exception()


def _sent(to: socket.socket, said: bytes, connections: list[int]) -> bool:
    try:
        return socket.send_fds(to, [said], connections, socket.MSG_NOSIGNAL) == len(said)
    except OSError:
        return False


def hear(of: socket.socket) -> Heard | None:
    """The next message; None when there will be none. Raises BlockingIOError where there is none yet."""
    try:
        said, connections = _heard(of)
    except ConnectionResetError:
        # That the other end left something unread is told first, and once: what it said last is still to come.
        said, connections = _heard(of)
    if not said:
        return None
    return Heard(said, socket.socket(fileno=connections[0]) if connections else None)


def _heard(of: socket.socket) -> tuple[bytes, list[int]]:
    said, connections, _, _ = socket.recv_fds(of, MOST, 1, socket.MSG_CMSG_CLOEXEC)
    return said, connections
