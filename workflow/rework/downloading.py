"""Downloading one file over HTTP: bounded, resumable, retried with back-off, and with clear errors."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests
from tqdm import tqdm
from urllib3.exceptions import (
    HTTPError,
    ProtocolError,
    ProxyError,
    ProxySchemeUnknown,
    ReadTimeoutError,
    SSLError,
)

from rework.errors import DataError
from rework.files import read_json, storage_errors, write_json
from rework.first_bytes import is_page
from rework.messages import short_reason, short_text

_CHUNK = 1 << 16
_RETRIED = {408, 425, 429, 500, 502, 503, 504}
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
# identity: we want the bytes of the file itself, even if a server would compress or unpack them on the way.
_HEADERS = {"User-Agent": "rework/0.1 (data set download)", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class DownloadSettings:
    """Limits of a download.

    Attributes:
        attempts: tries per address.
        backoff: seconds before the second try, doubled for each further one up to ``longest_backoff``.
        connect_timeout: seconds to wait for a connection.
        stall_timeout: seconds without a byte, or with fewer than ``slowest_rate`` bytes per second, after which the
            server counts as stalled.
        largest: bytes accepted for a file whose size is not known beforehand.
        sleep: the function that waits between tries.
    """

    attempts: int = 4
    backoff: float = 1.0
    longest_backoff: float = 30.0
    connect_timeout: float = 15.0
    stall_timeout: float = 30.0
    slowest_rate: float = 1000.0
    largest: int = 4 * 2**30
    sleep: Callable[[float], None] = time.sleep


class DownloadError(Exception):
    """One try at one address failed; ``retry`` says whether it is worth trying again."""

    def __init__(self, what: str, *, retry: bool) -> None:
        super().__init__(what)
        self.retry = retry


@dataclass(frozen=True)
class _Version:
    """Where a partial file came from, and what identifies the version of the file there."""

    url: str
    etag: str | None
    modified: str | None

    @classmethod
    def of(cls, response: requests.Response, url: str) -> "_Version":
        etag = response.headers.get("ETag")
        # A weak tag does not promise equal bytes, so it cannot be used to join two parts.
        return cls(url, None if etag is None or etag.startswith("W/") else etag, response.headers.get("Last-Modified"))

    @property
    def validator(self) -> str | None:
        """The value for If-Range, with which a server that has another version sends the whole file."""
        return self.etag or self.modified

    def may_equal(self, response: requests.Response) -> bool:
        """Whether a partial answer may be of this version, judging by its headers (some servers ignore If-Range)."""
        other = _Version.of(response, self.url)
        pairs = ((self.etag, other.etag), (self.modified, other.modified))
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def download(
    url: str, partial: Path, size: int | None, settings: DownloadSettings, label: str, *, checked: bool = False
) -> bool:
    """Download ``url`` into ``partial``, continuing an earlier try at the same address if that is safe.

    Args:
        url: an http or https address.
        partial: the file to write; ``partial`` with ``.json`` added records where its bytes came from.
        size: the number of bytes that the file must have, or None if unknown.
        settings: limits.
        label: name on the progress bar.
        checked: whether the caller knows the checksum of the file. Otherwise an address of https must not lead to one
            of http, where anybody on the way could change the file.

    Returns:
        Whether the file includes bytes from an earlier call or try.

    Raises:
        DownloadError: every try failed; the message counts the tries and gives the last answer. A partial file that
            a later call can continue is left in place.
    """
    for attempt in range(1, settings.attempts + 1):
        try:
            return _try(url, partial, size, settings, label, checked)
        except DownloadError as failure:
            if not failure.retry or attempt == settings.attempts:
                times = f" ({attempt} tries)" if attempt > 1 else ""
                raise DownloadError(f"{failure}{times}", retry=False) from None
        settings.sleep(min(settings.backoff * 2 ** (attempt - 1), settings.longest_backoff))
    raise DownloadError("not tried (attempts is below 1)", retry=False)


def discard(partial: Path) -> None:
    """Remove a partial file and the record about it.

    Raises:
        StorageError: something else is in its place.
    """
    for path in (partial, _state_path(partial)):
        with storage_errors(path):
            path.unlink(missing_ok=True)


def _try(url: str, partial: Path, size: int | None, settings: DownloadSettings, label: str, checked: bool) -> bool:
    state = _read_state(partial, url)
    offset = partial.stat().st_size if state else 0
    headers = dict(_HEADERS)
    if state and state.validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": state.validator}
    timeouts = (settings.connect_timeout, settings.stall_timeout)
    with (
        _explained(url, settings),
        requests.get(url, headers=headers, stream=True, timeout=timeouts) as response,
    ):
        _follow(response, label, checked)
        if response.status_code == requests.codes.partial_content:
            _check_range(response, partial, offset, state)
        elif response.status_code == requests.codes.ok:
            discard(partial)
            offset = 0
        elif response.status_code == requests.codes.requested_range_not_satisfiable and offset:
            discard(partial)
            raise DownloadError("answered 416 to a request for the rest; starting again", retry=True)
        else:
            code = response.status_code
            raise DownloadError(f"answered {code} {response.reason or ''}".rstrip(), retry=code in _RETRIED)
        total = _total_size(response, offset, size, settings)
        if not offset:
            write_json(_state_path(partial), vars(_Version.of(response, url)))
        try:
            _receive(response, partial, offset, total, settings, label)
        except DownloadError as failure:
            if not failure.retry:
                discard(partial)
            raise
    _state_path(partial).unlink()
    return offset > 0


def _follow(response: requests.Response, label: str, checked: bool) -> None:
    """Tell of each address on the way to the file, and refuse a way that leaves https."""
    for before, after in pairwise([*(hop.url for hop in response.history), response.url]):
        tqdm.write(f"{label}: {_public(before)} leads to {_public(after)}", file=sys.stderr)
        if not checked and before.startswith("https:") and not after.startswith("https:"):
            raise DownloadError(
                f"leads from https to {_public(after)}, where the file could be changed on the way, and no checksum is "
                "known",
                retry=False,
            )


def _check_range(response: requests.Response, partial: Path, offset: int, state: "_Version | None") -> None:
    """Refuse a partial answer that does not start where the partial file ends, or is of another version."""
    unit, _, span = response.headers.get("Content-Range", "").partition(" ")
    if state is None or unit != "bytes" or span.partition("-")[0] != str(offset) or not state.may_equal(response):
        discard(partial)
        raise DownloadError("answered 206 with another part than was asked for; starting again", retry=True)


def _total_size(response: requests.Response, offset: int, size: int | None, settings: DownloadSettings) -> int | None:
    """Return the size that the whole file will have, or None if nothing says so; refuse a wrong one."""
    stated = response.headers.get("Content-Length", "")
    if not stated.isdecimal():
        return size
    total = offset + int(stated)
    if total > settings.largest if size is None else total != size:
        # An HTML page in place of the file has the wrong size too, but "a page" is the better message.
        _refuse_html(response, next(_chunks(response, settings), b""))
        wanted = f"at most {settings.largest:,} are allowed" if size is None else f"the file has {size:,}"
        raise DownloadError(f"offers {total:,} bytes, but {wanted}", retry=False)
    return total


def _receive(
    response: requests.Response, partial: Path, offset: int, total: int | None, settings: DownloadSettings, label: str
) -> None:
    largest = settings.largest if total is None else total
    count = offset
    bar = tqdm(total=total, initial=offset, unit="B", unit_scale=True, desc=label, disable=None, leave=False)
    with storage_errors(partial):
        stream = partial.open("ab" if offset else "wb")
    with bar, stream:
        for chunk in _chunks(response, settings):
            if count == 0:
                _refuse_html(response, chunk)
            count += len(chunk)
            if count > largest:
                raise DownloadError(f"sends more than the {largest:,} bytes allowed", retry=False)
            with storage_errors(partial):
                stream.write(chunk)
            bar.update(len(chunk))
        with storage_errors(partial):
            stream.flush()
            os.fsync(stream.fileno())
    if total is not None and count < total:
        raise DownloadError(f"broke off after {count:,} of {total:,} bytes", retry=True)


def _chunks(response: requests.Response, settings: DownloadSettings) -> Iterator[bytes]:
    """Yield the bytes as they come; a server that trickles counts as stalled, like one that sends nothing."""
    raw: Any = response.raw
    started, received = time.monotonic(), 0
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk
        received += len(chunk)
        elapsed = time.monotonic() - started
        if elapsed >= settings.stall_timeout:
            if received < settings.slowest_rate * elapsed:
                raise DownloadError(f"stalled: {received:,} bytes in {elapsed:.0f} s", retry=True)
            started, received = time.monotonic(), 0


def _refuse_html(response: requests.Response, start: bytes) -> None:
    """Refuse an HTML page, recognised by its beginning: servers often label files as text/html, and pages as files."""
    if is_page(start):
        raise DownloadError(
            "sent an HTML page in place of the file (a log-in, consent or error page, or a proxy's); "
            f"open {response.url} in a browser to see it",
            retry=False,
        )


@contextmanager
def _explained(url: str, settings: DownloadSettings) -> Iterator[None]:
    """Turn the errors of requests and urllib3 into answers for messages, each with what it is about.

    What is wrong with the proxy or the certificates of this machine is said with the variable that names them.
    """
    try:
        yield
    except (requests.exceptions.InvalidProxyURL, requests.exceptions.ProxyError, ProxyError, ProxySchemeUnknown):
        raise DownloadError(f"the proxy cannot be used: {_proxy(url)}", retry=False) from None
    except (requests.Timeout, ReadTimeoutError):
        raise DownloadError(f"stalled: nothing for {settings.stall_timeout:g} s", retry=True) from None
    except (requests.exceptions.SSLError, SSLError) as error:
        raise DownloadError(
            f"its certificate was not accepted ({_innermost(error)}); where a proxy replaces certificates, name a file "
            "with its own in REQUESTS_CA_BUNDLE",
            retry=False,
        ) from None
    except ProtocolError:
        raise DownloadError("broke off before the end", retry=True) from None
    except requests.exceptions.InvalidSchema as error:
        if "SOCKS" in str(error):
            raise DownloadError(f"the proxy cannot be used: {_proxy(url)}", retry=False) from None
        raise DownloadError("is not an http or https address, or leads to none", retry=False) from None
    except ValueError:  # as which requests and urllib3 raise all their faults of addresses
        raise DownloadError("is not an http or https address, or leads to none", retry=False) from None
    except requests.TooManyRedirects:
        raise DownloadError("redirects without end", retry=False) from None
    except (requests.RequestException, HTTPError) as error:
        raise DownloadError(f"the connection failed ({_innermost(error)})", retry=True) from None
    except OSError as error:
        # requests raises it for a file of certificates that is not there.
        raise DownloadError(f"the connection failed ({short_reason(error)}; {_certificates()})", retry=False) from None


def _proxy(url: str) -> str:
    """Return the variable that names the proxy for an address, with its value, without a password in it."""
    scheme = url.partition(":")[0].lower()
    names = [f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"]
    name = next((name for name in names if os.environ.get(name)), None)
    if name is None:
        return "none is set in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; look in the settings of the system"
    shown = _public(os.environ[name])
    return f"{name} is {shown}, expected http://host:port of a proxy that answers"


def _public(address: str) -> str:
    """Return an address without what only its owner should read: a password, or a signature in its query."""
    return short_text(re.sub(r"\?.*", "?...", re.sub(r"//[^/@]*@", "//...@", address)))


def _certificates() -> str:
    """Return which variables name files of certificates, and these files."""
    found = [f"{name} is {short_text(os.environ[name])}" for name in _CERTIFICATES if os.environ.get(name)]
    return ", ".join(found) or f"none of {', '.join(_CERTIFICATES)} is set"


def _innermost(error: BaseException) -> str:
    """Return the operating system's message, which the libraries wrap in three layers of class names."""
    current: Any = error
    while isinstance(inner := getattr(current, "reason", None) or current.__cause__ or current.__context__, Exception):
        current = inner
    return str(getattr(current, "strerror", None) or current or type(current).__name__)


def _state_path(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")


def _read_state(partial: Path, url: str) -> _Version | None:
    """Return the record of a partial file if it came from ``url`` and identifies a version."""
    if not (partial.is_file() and partial.stat().st_size and _state_path(partial).is_file()):
        return None
    try:
        state = _Version(**read_json(_state_path(partial)))
    except (DataError, TypeError):
        return None
    return state if state.url == url and state.validator else None
