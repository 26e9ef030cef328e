"""Connections to addresses that may be called: looked up once, checked, then called by that very address, within a deadline."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from queue import Empty, Queue
from typing import Final

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]
"""From a host name and a port to addresses as text, as the system would try them."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefusedError(Exception):
    """The host's name leads to an address that must not be called."""


class DeadlinePassedError(Exception):
    """The whole exchange took longer than it was given."""


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the system.

    Raises:
        OSError: the name is not known, or nobody answered.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def is_public(address: Address) -> bool:
    """Whether the address is one of the internet's own: not private, loopback, link-local, reserved, multicast or shared.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is judged by both.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(address.packed[-4:]))
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address.is_site_local or not all(is_public(inner) for inner in carried if inner is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def checked_addresses(host: str, port: int, resolve: Resolver, *, allow_private: bool) -> list[str]:
    """Where ``host`` is, if each of its addresses may be called; one that may not spoils them all.

    Raises:
        AddressRefusedError: one may not.
        OSError: the name is not known.
    """
    addresses = resolve(host, port)
    if not addresses:
        raise OSError("the name has no address")
    if not allow_private:
        for text in addresses:
            # A link-local address comes with its interface behind a %.
            if not is_public(ipaddress.ip_address(text.partition("%")[0])):
                raise AddressRefusedError
    return addresses


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, by which everything must be over."""

    at_s: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        """So many seconds from here."""
        return cls(time.monotonic() + seconds)

    def left_s(self) -> float:
        """What is left.

        Raises:
            DeadlinePassedError: nothing.
        """
        left_s = self.at_s - time.monotonic()
        if left_s <= 0:
            raise DeadlinePassedError
        return left_s


def _resolve_within(deadline: Deadline, resolve: Resolver, host: str, port: int) -> list[str]:
    """Look up in a thread that is left behind when the time is up: the system's look-up cannot be told how long it has.

    Raises:
        DeadlinePassedError: no answer in time.
        OSError: the name is not known.
    """
    answer: Queue[list[str] | OSError] = Queue()

    def ask() -> None:
        try:
            answer.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError("not a name"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left_s())
    except Empty:
        raise DeadlinePassedError from None
    if isinstance(found, OSError):
        raise found
    return found


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
        resolve = partial(_resolve_within, self._deadline, self._resolve)
        for address in checked_addresses(host, port, resolve, allow_private=self._allow_private):
            try:
                stream = self._inner.connect_tcp(address, port, self._deadline.left_s(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise failure
