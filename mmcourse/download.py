"""Files that may not be shipped: fetched once, checked, kept in the user's cache.

Layer: top, beside `datasets`; pooch is imported inside.
"""

from __future__ import annotations

import errno
from pathlib import Path

from mmcourse.errors import DownloadError

INSTEAD = "The reconstructed rows need no download: load_gpa()."
REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
}


def fetch(url: str, sha256: str, name: str) -> Path:
    """Download a file, unless it is in the cache, and check it.

    Parameters
    ----------
    url : str
    sha256 : str
        What the file must hash to, in hexadecimal digits.
    name : str
        Of the file in the cache.

    Returns
    -------
    Path

    Raises
    ------
    ImportError
        If pooch is not installed.
    DownloadError
        If the file can't be had, can't be kept, or is another one.
    """
    try:
        import pooch
        from requests.exceptions import RequestException
    except ImportError as error:
        raise ImportError(
            "to download a file mmcourse needs pooch; install it with: "
            'pip install "mmcourse[data]"'
        ) from error
    folder = Path(pooch.os_cache("mmcourse"))
    logger = pooch.get_logger()
    before = logger.level
    logger.setLevel("WARNING")
    # A stream that breaks off would leave its socket open; the files are small.
    whole = pooch.HTTPDownloader(stream=False)
    try:
        kept = pooch.retrieve(
            url, f"sha256:{sha256}", fname=name, path=folder, downloader=whole
        )
    except RequestException as error:
        raise DownloadError(_reach_text(url, folder / name, error)) from error
    except ValueError as error:
        raise DownloadError(
            f"{url} holds another file than the one expected (its SHA-256 differs).\n"
            "  It was changed, or something on the way answered in its place; it was "
            f"not kept. {INSTEAD}"
        ) from error
    except OSError as error:
        raise DownloadError(_cache_text(folder, error)) from error
    finally:
        logger.setLevel(before)
    return Path(kept)


def _reach_text(url: str, path: Path, error: Exception) -> str:
    """Say why the file did not come, and how it may come otherwise."""
    # Any answer but a refusal leaves None: no network, no such host, broken off.
    answer = getattr(error, "response", None)
    if answer is None:
        found = f"can't be reached ({type(error).__name__})"
        advice = "Check the connection and try again"
    else:
        found = f"answers {answer.status_code} ({answer.reason}) instead of a file"
        advice = "Try again later"
    return f"{url} {found}.\n  {advice}, or save the file as {path}. {INSTEAD}"


def _cache_text(folder: Path, error: OSError) -> str:
    """Say why nothing can be written into the cache, and what to do."""
    # pooch words a refusal anew; the system's own number is one exception below.
    number = error.errno or getattr(error.__cause__, "errno", None)
    reason = REASONS.get(number or 0, str(error))
    return (
        f"the downloaded file can't be kept in {folder}: {reason}.\n"
        "  Make room there, or name another folder by the environment variable "
        f"XDG_CACHE_HOME. {INSTEAD}"
    )
