"""A TCP proxy of PostgreSQL that loses commits on their way, and answers to commits."""

import asyncio
import itertools
import random
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

COMMIT_LOST, ANSWER_LOST = 0.03, 0.15
"""Chances of one COMMIT. If its answer is lost, the server has committed before."""
_COMMIT = b"COMMIT\0"
_READY = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, outside a transaction


class CommitProxy:
    """Proxy of the server at ``host`` and ``port``. The client must not use TLS."""

    def __init__(self, host: str, port: int, seed: int) -> None:
        self._server = (host, port)
        self._seed = seed
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._listens = threading.Event()
        self.port = 0
        self.loses = True
        self.lost_commits = self.lost_answers = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._listens.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        self._listens.set()
        await self._end.wait()
        listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chance = random.Random(f"{self._seed}:{next(self._numbers)}")
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._server)
        except OSError:
            writer.close()
            return
        answers = asyncio.create_task(_pass_on(server_reader, writer))
        try:
            async for message in _messages(reader):
                fate = chance.random() if self.loses and message[5:] == _COMMIT else 1.0
                if fate < COMMIT_LOST:
                    self.lost_commits += 1
                    break
                server_writer.write(message)
                if fate < COMMIT_LOST + ANSWER_LOST:
                    answers.cancel()
                    await asyncio.wait([answers])
                    await server_reader.readuntil(_READY)
                    self.lost_answers += 1
                    break
                await server_writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client or the server has gone
        finally:
            answers.cancel()
            server_writer.close()
            writer.close()


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the client's messages: type (one byte, except the first one), length, body."""
    kind = b""
    while True:
        length = await reader.readexactly(4)
        yield kind + length + await reader.readexactly(int.from_bytes(length) - 4)
        kind = await reader.readexactly(1)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
