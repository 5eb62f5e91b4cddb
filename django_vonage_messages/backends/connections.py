"""HTTP connections that record whether any byte of a request was sent.

The exceptions of the library ``requests`` do not show this.
"""

import os
import threading
import time
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

MAX_IDLE: Final = 20.0
"""Seconds after which an idle connection is not reused.

A server can close an idle connection at any time. A request on a closed connection would be
unconfirmed."""
POOL_SIZE: Final = 32

_current = threading.local()


class Departure:
    """Context manager. ``left`` becomes True if this thread sends any byte of a request."""

    left: bool = False

    def __enter__(self) -> "Departure":
        _current.departure = self
        return self

    def __exit__(self, *exc_info: object) -> None:
        _current.departure = None


class _Tracked:
    # While this is True, bytes only open the connection, such as a CONNECT to a proxy.
    _connecting: bool = False
    sock: Any

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]  # the connection class that this is mixed into
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        departure = getattr(_current, "departure", None)
        if departure is not None and not self._connecting:
            departure.left = True
        super().send(data)  # type: ignore[misc]  # as above


class _FreshPool:
    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)  # type: ignore[misc]  # the pool class, as above
        if time.monotonic() - getattr(conn, "idle_since", time.monotonic()) > MAX_IDLE:
            conn.close()
        return conn

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]  # as above


class _NoCookies(DefaultCookiePolicy):
    def set_ok(self, *args: Any) -> bool:
        return False

    def return_ok(self, *args: Any) -> bool:
        return False


class _Adapter(HTTPAdapter):
    def __init__(self) -> None:
        # A retry by urllib3 would POST a message again.
        super().__init__(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        _use_our_pools(manager)
        return manager


def _use_our_pools(manager: PoolManager) -> None:
    pools = manager.pool_classes_by_scheme  # of urllib3, or of a SOCKS proxy
    manager.pool_classes_by_scheme = {scheme: _our_pool(pools[scheme]) for scheme in pools}


@cache
def _our_pool(pool: Any) -> Any:
    if issubclass(pool, _FreshPool):
        return pool
    connection = type("TrackedConnection", (_Tracked, pool.ConnectionCls), {})
    return type("FreshPool", (_FreshPool, pool), {"ConnectionCls": connection})


class _Session(requests.Session):
    # With only allow_redirects=False, requests reads the whole body of a redirect.
    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


_lock = threading.Lock()
_session: requests.Session | None = None


def shared_session() -> requests.Session:
    """Return the HTTP session that all threads of this process share."""
    global _session
    with _lock:
        if _session is None:
            _session = _Session()
            _session.cookies.set_policy(_NoCookies())
            for scheme in ("http://", "https://"):
                _session.mount(scheme, _Adapter())
        return _session


def close_session() -> None:
    """Close the shared HTTP session and its connections."""
    global _session
    with _lock:
        if _session is not None:
            _session.close()
        _session = None


def _drop_session() -> None:
    # The sockets of the session belong to the parent process.
    global _session, _lock
    _session, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_drop_session)
