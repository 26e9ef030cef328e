"""Which addresses may be called: a name is looked up once, within a deadline, and every address behind it is checked."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Final

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


def resolve_within(deadline: Deadline, resolve: Resolver, host: str, port: int) -> list[str]:
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
