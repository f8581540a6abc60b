// The table of tracks. A row is drawn anew only where the server has changed it, so that focus and scroll position stay while
// tracks are scored. Sorting, filters and search are the browser's alone, and outlast whatever arrives.
const list = element.querySelector(".track-list");
const chips = list.querySelector(".tally");
const search = list.querySelector("input");
const count = list.querySelector("[role=status]");
const headers = Array.from(list.querySelectorAll("th[data-column]"));
const body = list.querySelector("tbody");

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const drawn = new Map(); // by key, in the order of the list: what the server says of a track, and its row
let sorted = { column: null, isDown: false };
let answer = ""; // the one that is shown; empty for all

// What a track is sorted by; null while it is not known.
const VALUES = {
  name: (track) => [track.name],
  answer: (track) => track.answer_order,
  length_s: (track) => track.length_s && [track.length_s],
};
const compared = (one, other) => (typeof one === "string" ? collator.compare(one, other) : one - other);

// What is not known yet comes last in either direction; of one answer, the surest tracks come first.
const inOrder = ({ track: a }, { track: b }) => {
  if (!sorted.column) return 0;
  const [one, other] = [VALUES[sorted.column](a), VALUES[sorted.column](b)];
  if (!one || !other) return Boolean(other) - Boolean(one);
  const difference = one.map((value, i) => compared(value, other[i])).find(Boolean) ?? 0;
  if (!difference && sorted.column === "answer") return b.confidence - a.confidence;
  return sorted.isDown ? -difference : difference;
};

const arrange = () => {
  const focused = document.activeElement;
  let place = body.firstElementChild;
  for (const { row } of Array.from(drawn.values()).sort(inOrder)) {
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
  if (body.contains(focused)) focused.focus({ preventScroll: true }); // a row that moves loses it
  for (const header of headers) {
    const order = sorted.isDown ? "descending" : "ascending";
    header.ariaSort = header.dataset.column === sorted.column ? order : "none";
  }
  choose();
};

const choose = () => {
  const wanted = folded(search.value.trim());
  let n = 0;
  for (const { track, row } of drawn.values()) {
    row.hidden = Boolean(answer && ![track.answer, track.difference].includes(answer)) || !folded(track.name).includes(wanted);
    if (!row.hidden) n += 1;
  }
  for (const chip of chips.children) chip.ariaPressed = String(chip.dataset.answer === answer);
  count.textContent = answer || wanted ? `${n} of ${drawn.size} shown` : "";
};

const drawRow = (track) => {
  const known = drawn.get(track.key);
  const row = known?.row ?? document.createElement("tr");
  if (known?.track.cells !== track.cells) row.innerHTML = track.cells;
  row.dataset.key = track.key;
  row.dataset.state = track.state;
  drawn.set(track.key, { track, row });
};

const drawChip = ({ key, name, colour, count }, place) => {
  let chip = Array.from(chips.children).find((each) => each.dataset.answer === key);
  if (!chip) {
    chip = document.createElement("button");
    chip.type = "button";
    chip.dataset.answer = key;
    chip.style.setProperty("--genre", colour);
    chip.append(name, document.createElement("span"));
  }
  chip.lastChild.textContent = ` ${count}`;
  if (chips.children[place] !== chip) chips.insertBefore(chip, chips.children[place] ?? null);
};

const draw = () => {
  const { tally = [], rows = [] } = props.value || {};
  const keys = new Set(rows.map((track) => track.key));
  for (const [key, { row }] of drawn) {
    if (keys.has(key)) continue;
    row.remove();
    drawn.delete(key);
  }
  rows.forEach(drawRow);
  const answers = tally.map((each) => each.key);
  for (const chip of Array.from(chips.children)) if (!answers.includes(chip.dataset.answer)) chip.remove();
  const focused = document.activeElement;
  tally.forEach(drawChip);
  if (chips.contains(focused)) focused.focus({ preventScroll: true });
  if (!answers.includes(answer)) answer = "";
  if (!rows.length) search.value = "";
  list.hidden = !rows.length;
  arrange();
};

chips.addEventListener("click", (event) => {
  const chip = event.target.closest("button");
  if (!chip) return;
  answer = chip.dataset.answer === answer ? "" : chip.dataset.answer;
  choose();
});
search.addEventListener("input", choose);
list.querySelector("thead").addEventListener("click", (event) => {
  const column = event.target.closest("button")?.closest("th").dataset.column;
  if (!column) return;
  // Up, down, and as the tracks were added.
  if (sorted.column !== column) sorted = { column, isDown: false };
  else sorted = sorted.isDown ? { column: null, isDown: false } : { column, isDown: true };
  arrange();
});
body.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-open]");
  if (button) trigger("select", { key: button.dataset.open });
});
watch("value", draw);
draw();
