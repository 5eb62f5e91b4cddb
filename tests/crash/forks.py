"""Forks of a process that has loaded Django, because the start of a process takes a second of CPU.

``Forker`` is the end of the test, ``wait_for_request()`` the end of the process that forks.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-W", "ignore", "-m", "tests.crash.child"]


class Fork:
    """A forked process, with the part of the interface of ``Popen`` that the test uses."""

    def __init__(self, stdin: int, stdout: int, status: int) -> None:
        self.stdin: IO[str] = os.fdopen(stdin, "w")
        self.stdout: IO[str] = os.fdopen(stdout)
        self._status = os.fdopen(status)
        self.pid = int(self._status.readline())

    def wait(self) -> int:
        with self._status:
            return int(self._status.readline())

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


class Forker:
    """Start the process that forks, with ``environment``; ``close()`` ends it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._lock = threading.Lock()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, log.open("a") as errors:
            self._process = subprocess.Popen(
                COMMAND, cwd=ROOT, env=environment, stdin=theirs, stderr=errors
            )

    def fork(self, role: str, environment: Mapping[str, str], log: Path) -> Fork:
        """Fork a process of a role with more of an environment."""
        request = json.dumps([role, environment]).encode()
        stdin, our_stdin = os.pipe()
        our_stdout, stdout = os.pipe()
        our_status, status = os.pipe()
        with log.open("a") as errors, self._lock:
            theirs = [stdin, stdout, errors.fileno(), status]
            socket.send_fds(self._requests, [request], theirs)
        for fd in (stdin, stdout, status):
            os.close(fd)
        return Fork(our_stdin, our_stdout, our_status)

    def close(self) -> None:
        self._requests.close()
        self._process.wait()


def wait_for_request() -> str:
    """Fork on each request. In the fork, return the role; end when the test ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(0))
    while True:
        request, fds, _, _ = socket.recv_fds(requests, 65536, 4)
        if not request:
            sys.exit()
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _fork_and_report(*fds)
            role, environment = json.loads(request)
            os.environ.update(environment)
            return str(role)
        for fd in fds:
            os.close(fd)


def _fork_and_report(stdin: int, stdout: int, stderr: int, status: int) -> None:
    """Fork again; only the fork returns. The parent reports its id and its exit code."""
    pid = os.fork()
    if pid == 0:
        for standard, fd in enumerate((stdin, stdout, stderr)):
            os.dup2(fd, standard)
    for fd in (stdin, stdout, stderr):
        os.close(fd)
    if pid == 0:
        os.close(status)
        return
    os.write(status, f"{pid}\n".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)
