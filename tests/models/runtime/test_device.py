import pytest
import torch

from genre_app.errors import DeviceUnavailableError
from genre_app.models.runtime.device import resolve_device


@pytest.mark.parametrize(
    ("name", "has_cuda", "device"),
    [
        ("auto", False, "cpu"),
        ("auto", True, "cuda"),
        ("cpu", True, "cpu"),
        ("cpu", False, "cpu"),
        ("cuda", True, "cuda"),
    ],
)
def test_a_setting_selects_a_device(name: str, *, has_cuda: bool, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert resolve_device(name) == torch.device(device)


def test_missing_cuda_is_an_error_and_not_replaced_by_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailableError, match="no usable NVIDIA GPU"):
        resolve_device("cuda")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(DeviceUnavailableError, match="no device called 'tpu'"):
        resolve_device("tpu")
