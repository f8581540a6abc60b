// Several files, or a folder, open in Many tracks wherever they are dropped; a file on a tab without a box opens in One track.
// What is left is a file for the box of the visible tab: upload.js takes it. This script comes before that one.
(() => {
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

  const isOnTabWithBox = () =>
    [...document.querySelectorAll(BOXES)].some((box) => box.closest("[role=tabpanel]")?.checkVisibility());

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

  window.addEventListener("drop", (event) => {
    const items = Array.from(event.dataTransfer?.items ?? []).filter((item) => item.kind === "file");
    if (!items.length || document.querySelector("#many-input")?.closest("[role=tabpanel]")?.checkVisibility()) return;
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
