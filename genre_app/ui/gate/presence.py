"""Whether the client that asked for something still waits for it."""

import threading

from gradio.context import LocalContext


class ClientLeft(threading.Event):
    """A cancel token that is set once the client of the running event has hung up or cancelled.

    Make it in the event's own function: Gradio knows the event through context variables.
    """

    def __init__(self) -> None:
        super().__init__()
        blocks, self._event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
        #: What Gradio has to do, by the events' ids; a cancelled event is no longer there.
        self._events = blocks._queue.event_ids_to_events if blocks and self._event_id else None

    def is_set(self) -> bool:
        """Return whether nobody waits for the answer any more."""
        if self._events is None or self._event_id is None:
            return super().is_set()
        event = self._events.get(self._event_id)
        return event is None or not event.alive or super().is_set()
