"""What the events of all tabs have in common."""

from typing import Any, Final

#: Quick events of one kind, such as a slider's, that are handled at the same time.
EVENTS_AT_ONCE: Final = 16
#: Shown in place of an unexpected exception, which goes to the log.
FAILURE: Final = "Something went wrong in the app; please try again, or try another recording."

#: Values for components in a fixed order; Gradio types none of them.
Updates = tuple[Any, ...]
