// Gradio's player accepts only files of type "audio/…". That rejects WebM, MP4, MOV, CAF and others that the app reads,
// sets an accept attribute that iOS refuses, and lets a file that is dropped beside the box replace the page.
(() => {
  const extensions = "__EXTENSIONS__";
  const boxes = ["#track", "#compare-track"];
  const inputs = () => document.querySelectorAll([...boxes, ".another"].map((box) => `${box} input[type=file]`).join());
  // The upload box of the visible tab, if it has one; beside a result it is hidden.
  const box = () =>
    boxes.map((name) => document.querySelector(name)).find((element) => element?.closest(".tabitem")?.checkVisibility());
  const input = () => box()?.querySelector("input[type=file]");

  const asAudio = (files) => {
    const transfer = new DataTransfer();
    for (const file of files) {
      transfer.items.add(file.type.startsWith("audio/") ? file : new File([file], file.name, { type: "audio/mpeg" }));
    }
    return transfer.files;
  };

  new MutationObserver(() => {
    for (const each of inputs()) if (each.accept !== extensions) each.accept = extensions;
  }).observe(document, { childList: true, subtree: true });

  window.addEventListener("change", (event) => {
    if (event.target.closest(boxes.join()) && Array.from(inputs()).includes(event.target)) event.target.files = asAudio(event.target.files);
  }, true);

  // A file that is dropped anywhere on the page replaces the track or recorder in the box. Its input may take some frames
  // to appear.
  const hand = (files, triesLeft) => {
    if (input()) {
      input().files = files;
      input().dispatchEvent(new Event("change", { bubbles: true }));
    } else if (triesLeft > 0) {
      requestAnimationFrame(() => hand(files, triesLeft - 1));
    }
  };

  // Beside a result, a strip stands for the drop zone.
  const replace = (files) => {
    if (!input()) box().querySelector("[aria-label='Upload file']")?.click();
    if (files.length) hand(asAudio(files), 60);
  };

  document.addEventListener("change", (event) => {
    if (!event.target.matches(".another input")) return;
    replace(event.target.files);
    event.target.value = "";
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-record]")) box()?.querySelector("[aria-label='Record audio']")?.click();
  });

  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });

  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (!box()) return;
    event.stopPropagation();
    replace(event.dataTransfer.files);
  }, true);
})();
