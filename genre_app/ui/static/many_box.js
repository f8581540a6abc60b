// The upload box for many files. Gradio's own box uploads all files in one request: the list would wait for the last one,
// and one file that is too large would fail them all. This one announces the names first, then uploads each file by
// itself, once its row is on the page and still waiting, so that Cancel and Clear also apply to files not yet uploaded.
const AT_ONCE = 2;
const POLL_MS = 200;
const MOST_NAMED = 3;
const input = element.querySelector("input");
const extensions = input.accept.split(",");
const maxTracks = Number(input.dataset.maxTracks);
const waiting = new Map();
let nAdded = 0;
let nUnderWay = 0;
let timer = null;

const rows = () => document.querySelectorAll("#many-table tr[data-key]");
const rowOf = (key) => document.querySelector(`#many-table tr[data-key="${key}"]`);

// What is skipped, files and unreadable folders, is only named; the first few of each.
const add = (files, skipped = [], unreadable = []) => {
  const room = Math.max(maxTracks - rows().length - waiting.size, 0);
  const announced = files.slice(0, room).map((file) => {
    const key = `${Date.now()}-${nAdded++}`;
    waiting.set(key, file);
    return { key, name: file.name, size_bytes: file.size };
  });
  if (files.length || skipped.length || unreadable.length) {
    trigger("submit", {
      files: announced,
      n_left_out: files.length - announced.length,
      skipped: skipped.slice(0, MOST_NAMED).map((file) => file.name),
      n_skipped: skipped.length,
      unreadable: unreadable.slice(0, MOST_NAMED).map((entry) => entry.name),
      n_unreadable: unreadable.length,
    });
  }
  timer ??= setInterval(send, POLL_MS);
};

const send = () => {
  for (const [key, file] of waiting) {
    if (nUnderWay >= AT_ONCE) return;
    const row = rowOf(key);
    if (!row) continue; // not on the list yet
    waiting.delete(key);
    if (row.dataset.state === "waiting") sendOne(key, file);
  }
  if (waiting.size === 0) timer = clearInterval(timer) ?? null;
};

const sendOne = async (key, file) => {
  nUnderWay += 1;
  let path = null;
  try {
    ({ path } = await upload(file));
  } catch {
    // report the failed upload: path stays null
  }
  nUnderWay -= 1;
  trigger("upload", { key, path });
  send();
};

const isKnown = (file) => extensions.some((extension) => file.name.toLowerCase().endsWith(extension));
const isHidden = (entry) => entry.name.startsWith(".");

// Returns the files in a dropped folder, recursively; adds what cannot be read, for lack of permission, to `unreadable`.
const unpack = (entry, unreadable) => filesOf(entry, unreadable).catch(() => {
  unreadable.push(entry);
  return [];
});
const filesOf = async (entry, unreadable) => {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const each of some.sort((a, b) => a.name.localeCompare(b.name))) files.push(...(await unpack(each, unreadable)));
  }
};

// Takes files, and folders as the entries that a drop has for them. Of a folder, files of other kinds are skipped.
const addAll = async (dropped) => {
  const unreadable = [];
  const folders = await Promise.all(dropped.map((each) => (each.isDirectory ? unpack(each, unreadable) : [])));
  const files = dropped.flatMap((each, i) => (each.isDirectory ? folders[i].filter(isKnown) : [each]));
  const isShown = (entry) => !isHidden(entry);
  add(files, folders.flat().filter((file) => !isKnown(file)).filter(isShown), unreadable.filter(isShown));
};

const dropped = (transfer) => {
  const items = Array.from(transfer.items).filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.());
  const files = items.map((item) => item.getAsFile());
  addAll(entries.map((entry, i) => (entry?.isDirectory ? entry : files[i])).filter(Boolean));
};

// Several files that were dropped on another tab.
document.addEventListener("tracks:dropped", (event) => {
  event.preventDefault();
  addAll(event.detail);
});

input.addEventListener("change", () => {
  const files = Array.from(input.files);
  input.value = ""; // so that choosing the same file again fires
  add(files);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#many-clear")) waiting.clear();
});

const holdsFiles = (event) => element.checkVisibility() && event.dataTransfer?.types.includes("Files");
window.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  dropped(event.dataTransfer);
});
