"""Connections to checked addresses: a name leads to the very address that was checked, and no step outlasts the deadline."""

import ssl
from collections.abc import Iterable
from functools import partial

import httpcore

from alerts.channels._network import Deadline, Resolver, checked_addresses, resolve_within


class _DeadlineStream(httpcore.NetworkStream):
    """A stream on which every step gets only what is left: a receiver that drips bytes cannot hold on for ever."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # the deadline rules; the signature is httpcore's
        return self._inner.read(max_bytes, self._deadline.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # as above
        self._inner.write(buffer, self._deadline.left_s())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.NetworkStream:
        # server_hostname is the URL's host, not the address: certificate and SNI stay those of the name.
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, self._deadline.left_s()), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to an address only after it was checked, so that a name cannot lead elsewhere a moment later."""

    def __init__(self, resolve: Resolver, deadline: Deadline, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._allow_private = allow_private
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # the deadline rules; the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers.

        Raises:
            AddressRefusedError: the name leads to an address that must not be called.
            OSError: the name is not known.
            httpcore.ConnectError: no address answers.
        """
        failure: Exception = httpcore.ConnectError("no address answers")
        resolve = partial(resolve_within, self._deadline, self._resolve)
        for address in checked_addresses(host, port, resolve, allow_private=self._allow_private):
            try:
                stream = self._inner.connect_tcp(address, port, self._deadline.left_s(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise failure
