"""Getting one file over HTTP.

The standard library does it, not the HTTP client that jgo brings: that one trusts its own list of certificates only,
and so fails on networks that inspect TLS, where pip works because it trusts what the system trusts.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

__all__ = ["DownloadError", "MissingError", "download"]

_TIMEOUT_SECONDS = 10.0
_CHUNK = 1 << 16
_WORTH_A_BAR = 1_000_000

# Where pip and others are told of more certificates.
_TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


class DownloadError(Exception):
    """The file could not be had; the message is the innermost reason."""


class MissingError(DownloadError):
    """The server answers that there is no such file."""


def download(url: str, path: Path) -> None:
    """Write what is at ``url`` to ``path``, with a progress bar when it is large.

    Raises
    ------
    MissingError
        For the answer 404.
    DownloadError
        For any other failure.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS, context=_trust()) as response,
            path.open("wb") as file,
        ):
            size = int(response.headers.get("Content-Length") or 0)
            with _progress(path.name, size) as advance:
                while chunk := response.read(_CHUNK):
                    file.write(chunk)
                    advance(len(chunk))
    except urllib.error.HTTPError as error:
        error.close()
        kind = MissingError if error.code == 404 else DownloadError
        raise kind(f"{error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise DownloadError(_reason(error.reason)) from None
    except OSError as error:
        raise DownloadError(_reason(error)) from None
    if size and path.stat().st_size != size:
        raise DownloadError("the connection broke off")


def _reason(error: BaseException | str) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).partition(" (_ssl")[0]


@cache
def _trust() -> ssl.SSLContext:
    """Trust what the system trusts, what the environment names, and the list in certifi where it is installed."""
    context = ssl.create_default_context()
    bundles = [os.environ[name] for name in _TRUST_VARIABLES if os.environ.get(name)]
    with contextlib.suppress(ImportError):
        import certifi

        bundles.append(certifi.where())
    for bundle in filter(os.path.isfile, bundles):
        with contextlib.suppress(ssl.SSLError):
            context.load_verify_locations(bundle)
    return context


@contextmanager
def _progress(name: str, size: int) -> Iterator[Callable[[int], object]]:
    if size < _WORTH_A_BAR:
        yield lambda _: None
        return
    from tqdm.auto import tqdm

    # disable=None: no bar where there is neither a terminal nor a notebook.
    with tqdm(total=size, unit="B", unit_scale=True, desc=name, leave=False, disable=None) as bar:
        yield bar.update
