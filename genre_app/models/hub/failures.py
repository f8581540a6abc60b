"""Failures of network, hub and disk as the app's errors."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from genre_app.errors import (
    DownloadInterruptedError,
    HubUnreachableError,
    ModelForbiddenError,
    ModelNotFoundError,
    ModelStorageError,
    ModelUnavailableError,
)

if TYPE_CHECKING:
    import httpx2

_FORBIDDEN = frozenset({401, 403})
_UNREACHABLE = (
    "The model hub cannot be reached: check the network and try again. "
    "The models that are part of the app work without it."
)


@contextlib.contextmanager
def translated_errors(model_id: str, *, is_under_way: bool) -> Iterator[None]:
    """Convert errors of network, hub and disk into the app's errors.

    Parameters
    ----------
    model_id : str
        The requested model.
    is_under_way : bool
        Whether files are being downloaded, so that the next download can resume.

    Raises
    ------
    ModelUnavailableError
        One of its subclasses, caused by the original error.
    """
    import httpx2  # noqa: PLC0415

    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise _refusal(model_id, error.response) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ConnectionError, TimeoutError) as error:
        raise (_interrupted(model_id) if is_under_way else HubUnreachableError(_UNREACHABLE)) from error
    except OSError as error:
        raise ModelStorageError(
            f"The model {model_id} cannot be stored: {error.strerror or error}. "
            "Make room, or set HF_HOME to a folder that can be written."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise HubUnreachableError(
            "Something other than the model hub answers: check HF_ENDPOINT, and whether the network asks for a login."
        ) from error


def _interrupted(model_id: str) -> DownloadInterruptedError:
    return DownloadInterruptedError(
        f"The download of {model_id} broke off: try again, and it goes on from where it stopped."
    )


def _refusal(model_id: str, response: "httpx2.Response") -> ModelUnavailableError:
    """Return the error for an HTTP status other than success."""
    status = response.status_code
    if status in _FORBIDDEN and response.headers.get("X-Error-Code") == "GatedRepo":
        return ModelForbiddenError(
            f"The model {model_id} is only for those who accepted its terms: do that on its page, then set HF_TOKEN to "
            "a token of that account."
        )
    if status in _FORBIDDEN:  # without a login, the hub's answer is the same for unknown and private models
        return ModelForbiddenError(
            f"There is no model called {model_id!r} that may be read without a login: check the spelling or, if it is "
            "private, set HF_TOKEN to a token that may read it."
        )
    if response.headers.get("X-Error-Code") == "RevisionNotFound":
        return ModelNotFoundError(f"The model {model_id} has no such revision: check the spelling.")
    if status == 404:
        return ModelNotFoundError(f"The hub knows no model called {model_id!r}: check the spelling.")
    return HubUnreachableError(f"The model hub answers with error {status}: try again later.")
