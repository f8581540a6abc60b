"""The drop zone of a tab for one recording, and the strip that stands for it beside a result."""

import gradio as gr

#: upload.js opens the file chooser of the drop zone, and passes on what is chosen or dropped.
_STRIP = (
    "<div class='another'><label>Another recording<input type='file' aria-label='Another recording'></label>"
    "<button type='button' data-record>Record</button><span>or drop one anywhere on the page</span></div>"
)


def drop_zone(elem_id: str) -> gr.Audio:
    """Lay out the strip and the drop zone; the style sheet shows one of them.

    Parameters
    ----------
    elem_id : str
        For scripts, styles and tests.

    Returns
    -------
    gradio.Audio
        Its value is the path of the recording.
    """
    gr.HTML(_STRIP, elem_classes="strip-row", padding=False)
    return gr.Audio(
        show_label=False,
        sources=["upload", "microphone"],
        type="filepath",
        format=None,
        buttons=["download"],
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),  # the page has its own
        elem_id=elem_id,
    )
