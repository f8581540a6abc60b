// Gradio's player accepts only files of type "audio/…". That rejects WebM, MP4, MOV, CAF and others that the app reads,
// sets an accept attribute that iOS refuses, and lets a file that is dropped beside the box replace the page.
(() => {
  const extensions = "__EXTENSIONS__";
  const boxes = ["#track", "#compare-track"];
  const inputs = () => document.querySelectorAll(boxes.map((box) => `${box} input[type=file]`).join());
  // The upload box of the visible tab, if it has one.
  const box = () => boxes.map((name) => document.querySelector(name)).find((element) => element?.checkVisibility());
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
    if (Array.from(inputs()).includes(event.target)) event.target.files = asAudio(event.target.files);
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

  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });

  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (!box()) return;
    event.stopPropagation();
    const files = asAudio(event.dataTransfer.files);
    if (!input()) box().querySelector("[aria-label='Upload file']")?.click();
    if (files.length) hand(files, 60);
  }, true);
})();
