// Gradio's player takes only what the browser calls "audio/…". That turns away WebM, MP4, MOV, CAF and others that the
// app reads, asks iPhones for something that they refuse, and lets a file that is dropped beside the box replace the page.
(() => {
  const extensions = "__EXTENSIONS__";
  const input = () => document.querySelector("#track input[type=file]");

  const asAudio = (files) => {
    const transfer = new DataTransfer();
    for (const file of files) {
      transfer.items.add(file.type.startsWith("audio/") ? file : new File([file], file.name, { type: "audio/mpeg" }));
    }
    return transfer.files;
  };

  new MutationObserver(() => {
    if (input() && input().accept !== extensions) input().accept = extensions;
  }).observe(document, { childList: true, subtree: true });

  window.addEventListener("change", (event) => {
    if (event.target === input()) event.target.files = asAudio(event.target.files);
  }, true);

  // A file that is dropped anywhere on the page is a track; a track or a recorder in the box makes room for it.
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
    event.stopPropagation();
    const files = asAudio(event.dataTransfer.files);
    if (!input()) document.querySelector("#track [aria-label='Upload file']")?.click();
    if (files.length) hand(files, 60);
  }, true);
})();
