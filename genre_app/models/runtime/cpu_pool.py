"""Share a batch out over a device: a GPU takes it whole, on a CPU each core works on a patch of its own.

One patch a core is as fast as all cores on one patch when the machine is idle, and keeps its speed when other work
(decoding, other users) takes a core away, which a team of threads that meet after every layer does not.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from genre_app.models.base import BatchPolicy

#: Patches that one core gets in a full batch: enough to keep the cores even, few enough to cancel within 0.2 s.
_PATCHES_PER_CORE = 4
_CUDA_BATCH = 256
_CUDA_WAIT_S = 0.004


class PatchThreadPool:
    """What runs modules on a device.

    Parameters
    ----------
    device : torch.device
        Where the modules live.
    threads : int
        PatchThreadPool to use on a CPU.
    name : str
        Prefix of the threads' names.
    """

    def __init__(self, device: torch.device, *, threads: int, name: str) -> None:
        self._device = device
        self._pool: ThreadPoolExecutor | None = None
        self.batching = BatchPolicy(_CUDA_BATCH, _CUDA_WAIT_S)
        if device.type == "cpu":
            self.batching = BatchPolicy(_PATCHES_PER_CORE * threads)
            self._pool = ThreadPoolExecutor(
                threads, thread_name_prefix=name, initializer=torch.set_num_threads, initargs=(1,)
            )

    def run(self, module: Callable[[Tensor], Tensor], batch: Tensor) -> Tensor:
        """Run a module on a batch whose first axis counts patches; the result is on the CPU."""

        @torch.inference_mode()
        def run_piece(piece: Tensor) -> Tensor:
            return module(piece.to(self._device, non_blocking=True)).cpu()

        if self._pool is None:
            return run_piece(batch)
        return torch.cat(list(self._pool.map(run_piece, torch.split(batch, 1))))
