"""Run a module on a batch of patches: a GPU takes the whole batch, on a CPU each core takes one patch at a time.

One patch a core is as fast as all cores on one patch when the machine is idle, and keeps its speed when other work
(decoding, other users) takes a core away, which a team of threads that meet after every layer does not.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from genre_app.models.base import BatchPolicy

#: Patches for each core in a full batch: enough to keep the cores even, few enough to cancel within 0.2 s.
_PATCHES_PER_CORE: Final = 4
#: MusiCNN is 1.6 times as fast with 64 as with 256, by a measurement on an H200 from before this was written.
_CUDA_BATCH: Final = 64
_CUDA_WAIT_S: Final = 0.004
_CUDA_UNDER_WAY: Final = 2


class PatchThreadPool:
    """Threads that run modules on patches; on a GPU the calling thread runs the batch itself.

    Parameters
    ----------
    device : torch.device
        Where the modules live.
    threads : int
        Threads to use on a CPU, one patch each.
    name : str
        Prefix of the threads' names.

    Attributes
    ----------
    batching : BatchPolicy
        How the engine should fill batches for this device.
    """

    def __init__(self, device: torch.device, *, threads: int, name: str) -> None:
        self._device = device
        self._executor: ThreadPoolExecutor | None = None
        self.batching = BatchPolicy(_CUDA_BATCH, _CUDA_WAIT_S, _CUDA_UNDER_WAY)
        if device.type == "cpu":
            self.batching = BatchPolicy(_PATCHES_PER_CORE * threads)
            self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_use_one_core)

    def run(self, module: Callable[[Tensor], Tensor], batch: Tensor) -> Tensor:
        """Run a module on a batch whose first axis counts patches; the result is on the CPU."""
        return self.begin(module, batch)()

    def begin(self, module: Callable[[Tensor], Tensor], batch: Tensor) -> Callable[[], Tensor]:
        """Send a batch to the GPU and return what waits for the result; a CPU is done with it at once."""

        @torch.inference_mode()
        def run_piece(piece: Tensor) -> Tensor:
            return module(piece.to(self._device, non_blocking=True))

        if self._executor is None:
            # Only pinned memory is copied while the GPU computes.
            sent = padded(batch).pin_memory() if self._device.type == "cuda" else padded(batch)
            # cuDNN tries its algorithms once for each shape, which doubles the speed; so there are few shapes.
            with torch.backends.cudnn.flags(enabled=True, benchmark=True):
                result = run_piece(sent)
            return lambda: result.cpu()[: len(batch)]
        done = torch.cat(list(self._executor.map(run_piece, torch.split(batch, 1))))
        return lambda: done


def padded(batch: Tensor) -> Tensor:
    """Add zeros to a batch of shape (n, ...) until n is a power of two."""
    n_added = (1 << (len(batch) - 1).bit_length()) - len(batch)
    return torch.cat([batch, batch.new_zeros(n_added, *batch.shape[1:])]) if n_added else batch


def _use_one_core() -> None:
    """Make torch compute on one core in the calling thread, and leave all other threads as they are.

    ``torch.set_num_threads`` would also set the default of threads that first use torch later, the host program's
    among them. OpenMP's own setting belongs to one thread.
    """
    torch.get_num_threads()  # the first use of torch in a thread sets OpenMP's count, and would undo ours
    threadpool_limits(1, user_api="openmp")
