// Gradio's player accepts only files of type "audio/…". That rejects WebM, MP4, MOV, CAF and others that the app reads,
// sets an accept attribute that iOS refuses, and lets a file that is dropped beside the box replace the page.
(() => {
  const extensions = "__EXTENSIONS__";
  const boxes = ["#track", "#compare-track"];
  const inputs = () => document.querySelectorAll([...boxes, ".another"].map((box) => `${box} input[type=file]`).join());
  // The upload box of the visible tab, if it has one; beside a result it is hidden.
  const visibleBox = () =>
    boxes.map((name) => document.querySelector(name)).find((element) => element?.closest(".tabitem")?.checkVisibility());

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

  // Files that replace the track or recorder in a box. The box's input takes some frames to appear, and is away while
  // another file is being uploaded: these come after it, unless others have been dropped since.
  const waiting = new Map();

  const hand = (box) => {
    const input = box.querySelector("input[type=file]");
    if (!input) {
      box.querySelector("[aria-label='Upload file']")?.click();
      setTimeout(hand, 50, box);
      return;
    }
    input.files = waiting.get(box);
    waiting.delete(box);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const replace = (box, files) => {
    if (!files.length) return;
    const isWaited = waiting.has(box);
    waiting.set(box, asAudio(files));
    if (!isWaited) hand(box);
  };

  // Beside a result, a strip stands for the drop zone.
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".another input")) return;
    replace(visibleBox(), event.target.files);
    event.target.value = "";
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-record]")) visibleBox()?.querySelector("[aria-label='Record audio']")?.click();
  });

  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });

  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const box = visibleBox();
    if (!box) return;
    event.stopPropagation();
    replace(box, event.dataTransfer.files);
  }, true);
})();
