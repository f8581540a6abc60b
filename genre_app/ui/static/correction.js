// Keeps what a visitor says that a recording is, by the recording's hash, and exports all of it as a manifest for
// `python -m genre_app.evaluate`. The storage is not trusted, and may be blocked: then a correction lasts as long as its result.
const KEY = "genre-app:corrections";
const MANIFEST = "corrections.csv";
const [summary, choice, button] = ["summary", "select", ".export"].map((selector) => element.querySelector(selector));
const question = summary.textContent;
const isChoice = (value) => value !== "" && [...choice.options].some((option) => option.value === value);

const recall = () => {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(KEY)); } catch {}
  const isWhole = ([hash, each]) => /^[0-9a-f]{64}$/.test(hash) && typeof each?.name === "string" && isChoice(each.correction);
  return Object.fromEntries(Object.entries(kept ?? {}).filter(isWhole));
};
const keep = (corrections) => {
  try { localStorage.setItem(KEY, JSON.stringify(corrections)); } catch {}
};

// Of the result, not of a track that is being scored: that one's data come with its status.
const track = () => JSON.parse(document.querySelector("#waveform [data-waveform]")?.dataset.waveform ?? "{}");

const show = () => {
  const n = Object.keys(recall()).length;
  summary.textContent = choice.value ? `Corrected: ${choice.selectedOptions[0].text}` : question;
  button.textContent = n === 1 ? "Save the one correction (CSV)" : `Save all ${n} corrections (CSV)`;
  button.hidden = n === 0;
};

// Corrections are of genres: an answer in tags, several of which are true, or in moods has nothing to correct with them.
let shown = "";
const follow = () => {
  const { audio_sha256: hash = "", label_kind: kind = "" } = track();
  if (`${hash} ${kind}` === shown) return;
  shown = `${hash} ${kind}`;
  element.querySelector("details").hidden = kind !== "genre";
  choice.value = (kind === "genre" && recall()[hash]?.correction) || "";
  show();
};

choice.addEventListener("change", () => {
  const { audio_sha256: hash, name } = track();
  const corrections = recall();
  delete corrections[hash];
  if (choice.value) corrections[hash] = { name, correction: choice.value };
  keep(corrections);
  show();
});

// Columns of a manifest: what is music but none of the genres has a style, what is not music has a sound.
const row = ({ name, correction }) => ({
  "other music": [name, "", "", "other"],
  "not music": [name, "", "not music", ""],
}[correction] ?? [name, correction, "", ""]);

// As genre_app/report/csv_text.py: what a spreadsheet would take for a formula gets an apostrophe in front, the file a mark.
const written = (cell) => `"${cell.replace(/^(?='*[=+\-@\t\r\n])/, "'").replaceAll('"', '""')}"`;

button.addEventListener("click", () => {
  const rows = [["path", "genre", "sound", "styles"], ...Object.values(recall()).map(row)];
  const text = "\ufeff" + rows.map((cells) => cells.map(written).join()).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/csv" }));
  link.download = MANIFEST;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});

new MutationObserver(follow).observe(document.querySelector("#waveform"), { childList: true, subtree: true, attributes: true });
window.addEventListener("storage", () => { shown = null; follow(); }); // corrected in another window
follow();
show();
