"""The tab about the models: their labels, accuracy, limits and availability."""

import html
from typing import Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import CatalogueEntry, availability, catalogue
from genre_app.version import __version__

TAB: Final = "about"
_STATES: Final = {
    "embedded": "Part of the app",
    "downloaded": "Downloaded",
    "not downloaded": "Not available: its files are not on this machine",
}
_INTRODUCTION: Final = """\
## How it works

The app listens to a recording once, in short pieces, and notes for each how much it sounds like ten genres: blues,
classical, country, disco, hip-hop, jazz, metal, pop, reggae and rock. Everything else on the page is arithmetic on
these notes, which is why the sliders answer at once. (A few models of Hugging Face hear the chosen windows as a whole;
they have to listen again.)

## What the answers mean

| The answer | What it means |
|---|---|
| **Rock, 82 %** | One genre is far enough ahead of the others. |
| **Not sure: rock or metal** | It is likely one of these, and no genre is far enough ahead. |
| **It sounds like: rock, guitar, fast** | A model of tags names several, each by itself; "most like" if none is sure. |
| **Hip-hop, then reggae from 0:30** | Parts of the track are sure and differ; speech is a part too. |
| **Ambient: none of the ten genres; the closest is classical** | Music of a style that is none of the ten. |
| **This does not sound like music: speech** | Speech, animals, machines or noise, or no sound at all. |

Parts without sound have no vote, and the timeline shows them as "No sound". Only models that know styles and other
sounds, as the cards below say, find music outside the ten and name what is heard instead. **Styles** are broader or
finer than the ten genres; a track may have several, or none that is clear enough. Genres have no sharp borders, and
ten of them are few: an answer is an opinion about the sound, not a fact about the artist.

Recordings stay on the machine that runs the app, and are removed after a day at most.
"""


def build(page: gr.Blocks, pool: ModelPool) -> None:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        Refreshes the cards on each load: availability may have changed.
    pool : ModelPool
        Names the model in use.
    """
    gr.Markdown(_INTRODUCTION)
    gr.Markdown("## The models")
    models = gr.HTML(describe(pool), elem_id="models")
    gr.Markdown(f"Version {__version__}. The app's own licence is MIT.")
    page.load(lambda: describe(pool), None, models, show_progress="hidden", concurrency_limit=None)


def describe(pool: ModelPool) -> str:
    """Render a card for each model, the one in use first: HTML."""
    in_use = pool.default.model
    entries = sorted(catalogue(), key=lambda entry: entry.name != in_use.name)
    states = {entry.name: _STATES[availability(entry, pool.settings)] for entry in entries} | {in_use.name: "In use"}
    cards = "".join(_card(entry, states[entry.name], is_in_use=entry.name == in_use.name) for entry in entries)
    reason = pool.default.fallback_reason
    device = "a GPU" if in_use.device.startswith("cuda") else "this machine's processor"
    note = f"<strong>{html.escape(in_use.name)}</strong> answers first, on {device}."
    return f"<p>{note} {html.escape(reason or '')}</p><div class='cards'>{cards}</div>"


def _card(entry: CatalogueEntry, state: str, *, is_in_use: bool) -> str:
    facts = {
        "Tells apart": entry.labels,
        "Accuracy": entry.accuracy,
        "Limits": entry.limits,
        "Made by": entry.source,
        "Licence": entry.licence,
        "Size": f"{entry.size_mb:g} MB" if entry.size_mb else "",
    }
    rows = "".join(f"<dt>{term}</dt><dd>{html.escape(text)}</dd>" for term, text in facts.items() if text)
    kind = " in-use" if is_in_use else ""
    return (
        f"<section class='card{kind}'><h3>{html.escape(entry.title)} <code>{html.escape(entry.name)}</code></h3>"
        f"<p class='state'>{state}</p><p>{html.escape(entry.summary)}</p><dl>{rows}</dl></section>"
    )
