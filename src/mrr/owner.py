"""Who owns the warehouse: the first command to come takes it, serves the others over a socket, and waits for nobody."""

import fcntl
import hashlib
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import msgspec

from mrr import errors
from mrr.errors import BookError, MrrError

Serve = Callable[[str, dict[str, Any]], Any]
# How long a command looks for an owner that is just coming or just leaving.
PATIENCE_S = 30.0
_LENGTH = struct.Struct("!Q")


class Lease:
    """The ownership of a book's warehouse, held by a file lock that the kernel drops with the process."""

    def __init__(self, lock: IO[bytes], place: Path) -> None:
        self._lock = lock
        self._place = place
        self._server: socket.socket | None = None
        self._threads: list[threading.Thread] = []

    def serve(self, answer: Serve) -> None:
        """Answer other commands in threads of their own, until `close`."""
        path = _address(self._place)
        path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(str(path))
        os.chmod(path, 0o600)
        server.listen(64)
        self._server = server
        threading.Thread(target=self._accept, args=(server, answer), daemon=True).start()

    def _accept(self, server: socket.socket, answer: Serve) -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            thread = threading.Thread(target=_attend, args=(peer, answer), daemon=True)
            self._threads = [other for other in self._threads if other.is_alive()] + [thread]
            thread.start()

    def close(self) -> None:
        """Answer what was asked, then let the next command own the warehouse."""
        if self._server is not None:
            _address(self._place).unlink(missing_ok=True)
            self._server.close()
        for thread in self._threads:
            thread.join()
        self._lock.close()


def lease(folder: Path) -> Lease | None:
    """The ownership of the book's warehouse, or None while another process has it."""
    try:
        lock = open(folder / "owner.lock", "ab")  # noqa: SIM115 - held as long as the lease
    except OSError as error:
        raise BookError(f"{folder}: {error.strerror}", remedy="The book must be writable.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return Lease(lock, folder)


def ask(folder: Path, verb: str, words: dict[str, Any]) -> bytes | None:
    """The owner's answer as JSON; None if nobody answers (the owner is gone or not yet there). Raises its errors."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            peer.connect(str(_address(folder)))
            _send(peer, msgspec.json.encode({"verb": verb, "words": words}))
            kind, answer = _receive(peer), _receive(peer)
        except (OSError, EOFError):
            return None
    if kind == b"-":
        raise _error(msgspec.json.decode(answer))
    return answer


def wait(attempt: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """What `attempt` gives once it is not None. Raises BookError when patience ends."""
    until = time.monotonic() + patience_s
    while True:
        result = attempt()
        if result is not None:
            return result
        if time.monotonic() > until:
            raise BookError("another command holds the book and does not answer", remedy="Try again, or stop it.")
        time.sleep(0.02)


def _attend(peer: socket.socket, answer: Serve) -> None:
    with peer:
        try:
            asked = msgspec.json.decode(_receive(peer))
        except (OSError, EOFError, msgspec.DecodeError):
            return
        try:
            reply = b"+", msgspec.json.encode(answer(asked["verb"], asked["words"]))
        except MrrError as error:
            reply = b"-", msgspec.json.encode([type(error).__name__, str(error), error.remedy])
        except Exception as error:
            reply = b"-", msgspec.json.encode(["MrrError", f"{type(error).__name__}: {error}", ""])
        try:
            _send(peer, reply[0])
            _send(peer, reply[1])
        except OSError:
            return


def _error(told: list[str]) -> MrrError:
    name, message, remedy = told
    kind = getattr(errors, name, MrrError)
    error = kind.__new__(kind)
    MrrError.__init__(error, message, remedy=remedy)
    assert isinstance(error, MrrError)
    return error


def _send(peer: socket.socket, message: bytes) -> None:
    peer.sendall(_LENGTH.pack(len(message)) + message)


def _receive(peer: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size))
    return _exactly(peer, length)


def _exactly(peer: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = peer.recv(min(length, 2**20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _address(folder: Path) -> Path:
    """The socket in the book; a path too long for a socket gets a name in the folder for temporary files."""
    place = folder.resolve() / "owner.sock"
    if len(os.fsencode(place)) < 100:
        return place
    name = hashlib.sha256(os.fsencode(place)).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"mrr-{os.getuid()}-{name}.sock"
