"""The app as on a ZeroGPU Space, in a process of its own, with the real library ``spaces``.

There is no GPU in the tests, so the processor plays it: in the forked process, what the library would move to the GPU
stays where it is. The GPU named `BROKEN` fails before it has begun.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from genre_app.inference.zerogpu_engine import prepare
from genre_app.ui.launch import serve

BROKEN: Final = "GPU-broken"


def let_the_processor_play_the_gpu() -> None:
    """Put the library's steps between fork and call out of action, and the models' device where they are."""
    import spaces.zero.torch as hooks
    import torch
    from spaces.zero.torch import patching

    from genre_app.models.runtime.cpu_pool import PatchThreadPool

    all_cores: list[Any] = []
    set_up: Callable[..., None] = PatchThreadPool.__init__

    def remember(cores: PatchThreadPool, *arguments: Any, **options: Any) -> None:
        set_up(cores, *arguments, **options)
        all_cores.append(cores)

    def start(uuid: str) -> None:
        if uuid == BROKEN:
            raise RuntimeError("CUDA error: unknown error")

    def stay(callback: object = None) -> None:
        for stand_in, original in patching.cuda_aliases.items():
            stand_in.data = original.data
        for cores in all_cores:
            cores._device = torch.device("cpu")

    PatchThreadPool.__init__ = remember  # type: ignore[method-assign, assignment]
    hooks.pack = lambda: 0
    hooks.init = start
    hooks.move = stay


if __name__ == "__main__":
    prepare()
    let_the_processor_play_the_gpu()
    serve()
