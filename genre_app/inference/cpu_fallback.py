"""The same model on the CPU, for when a shared GPU is refused."""

from dataclasses import dataclass, replace

from genre_app.audio.decoder import Decoder
from genre_app.errors import GpuUnavailableError, ScoringError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import ScoreJob
from genre_app.inference.running_model import run_model
from genre_app.inference.track_scorer import Scorer, TrackScorer
from genre_app.inference.waiting_line import WaitingLine
from genre_app.inference.zerogpu_engine import ZeroGpuEngine
from genre_app.models.registry import EMBEDDED, load_model
from genre_app.results.build import TrackAnalysis
from genre_app.settings import Settings


@dataclass(frozen=True, slots=True)
class CpuFallback:
    """A model on a shared GPU that may be refused, and the same model on the CPU behind it.

    Attributes
    ----------
    first : TrackScorer
        Runs on the shared GPU.
    spare : TrackScorer or None
        Answers where the first cannot; None where the model is too large for a CPU.
    """

    first: TrackScorer
    spare: TrackScorer | None

    def score_file(self, job: ScoreJob) -> TrackAnalysis:
        """Score a file on the GPU, or on the CPU after the GPU failed; the analysis then says so.

        Raises
        ------
        GpuUnavailableError, ScoringError
            The GPU failed and there is no spare.
        """
        try:
            return self.first.score_file(job)
        except ScoringError as error:
            if self.spare is None:
                if isinstance(error, GpuUnavailableError):
                    own = f"The app's own models, such as {EMBEDDED[0]}, answer without it."
                    raise GpuUnavailableError(f"{error} {own}") from error
                raise
            reason = f"{error} This answer comes from the slower processor instead."
        scored = self.spare.score_file(job)
        return replace(scored, fallback_reason=" ".join(filter(None, (self.first.fallback_reason, reason))))

    def close(self) -> None:
        """Stop both engines."""
        self.first.close()
        if self.spare:
            self.spare.close()


def with_cpu_fallback(
    first: TrackScorer, settings: Settings, cache: ScoreCache | None, decoder: Decoder, line: WaitingLine
) -> Scorer:
    """Put the same model on the CPU behind one on a shared GPU; elsewhere return it as it is.

    Only the app's own models are small enough for that.
    """
    if not isinstance(first.engine, ZeroGpuEngine):
        return first
    if first.info.name not in EMBEDDED:
        return CpuFallback(first, None)
    same = {"model": first.info.name, "precision": first.info.precision, "device": "cpu"}
    on_cpu = settings.model_copy(update=same)
    return CpuFallback(first, TrackScorer(run_model(load_model(on_cpu)), cache, decoder, line))
