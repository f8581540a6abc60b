// Several files, or a folder, open in Many tracks wherever they are dropped; a file on a tab without a box opens in One track.
// What is left is a file for the box of the visible tab: upload.js takes it. This script comes before that one.
(() => {
  // The browser repeats that files are over the page at least this often: the standard says 350 ms, give or take 200.
  const NO_NEWS_MS = 700;
  const BOXES = "#track, #compare-track, #many-input";

  // Opens a tab, from the menu where the screen is too narrow for it.
  const open = (name) => {
    const named = (button) => button.textContent.trim() === name;
    const tabs = [...document.querySelectorAll("#tabs [role=tab]")].filter((tab) => tab.checkVisibility());
    const menu = () => [...document.querySelectorAll("#tabs .overflow-dropdown button")].find(named);
    if (tabs.some(named)) return tabs.find(named).click();
    document.querySelector("#tabs [aria-label='More tabs']")?.click();
    requestAnimationFrame(() => menu()?.click());
  };

  // A tab's content is made when it is first opened.
  const until = (isDone, triesLeft = 300) => {
    if (!isDone() && triesLeft) requestAnimationFrame(() => until(isDone, triesLeft - 1));
  };

  const isShown = (boxes) =>
    [...document.querySelectorAll(boxes)].some((box) => box.closest("[role=tabpanel]")?.checkVisibility());
  const isOnTabWithBox = () => isShown(BOXES);

  const toMany = (dropped) => {
    open("Many tracks");
    until(() => !document.dispatchEvent(new CustomEvent("tracks:dropped", { detail: dropped, cancelable: true })));
  };

  const toOne = (file) => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    open("One track");
    until(() => {
      if (!isOnTabWithBox()) return false;
      window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
      return true;
    });
  };

  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const isOnMany = () => isShown("#many-input");

  // While files are dragged over the page, a frame around it says where they will go. What is a folder is known after
  // the drop only. Not every browser says that the files have left, or that Escape was pressed: no news means that.
  const frame = document.createElement("div");
  frame.id = "drop-frame";
  frame.hidden = true;
  frame.ariaHidden = "true";
  const words = frame.appendChild(document.createElement("p"));
  let leaving = null;

  const destination = (nFiles) => {
    if (isOnMany()) return "Drop to add to the list";
    if (nFiles > 1) return "Drop to open in Many tracks";
    if (!isOnTabWithBox()) return "Drop to open in One track";
    return isShown("#compare-track") ? "Drop to compare the models on it" : "Drop to find its genre";
  };

  const hide = () => {
    clearTimeout(leaving);
    frame.hidden = true;
  };

  window.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    if (!frame.isConnected) document.body.append(frame);
    words.textContent = destination(Array.from(event.dataTransfer.items).filter((item) => item.kind === "file").length);
    frame.hidden = false;
    clearTimeout(leaving);
    leaving = setTimeout(hide, NO_NEWS_MS);
  }, true);
  window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) hide(); }, true);
  window.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); }, true);
  window.addEventListener("drop", hide, true);

  window.addEventListener("drop", (event) => {
    const items = Array.from(event.dataTransfer?.items ?? []).filter((item) => item.kind === "file");
    if (!items.length || isOnMany()) return;
    const entries = items.map((item) => item.webkitGetAsEntry?.());
    const isForMany = items.length > 1 || entries.some((entry) => entry?.isDirectory);
    if (!isForMany && isOnTabWithBox()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const files = items.map((item) => item.getAsFile());
    if (isForMany) toMany(entries.map((entry, i) => (entry?.isDirectory ? entry : files[i])).filter(Boolean));
    else toOne(files[0]);
  }, true);
})();
