// The document's title names the result that is shown: in the browser's tabs, bookmarks and history.
(() => {
  let plain = "";
  const name = () => {
    plain ||= document.title; // which Gradio sets, at some time
    if (!plain) return;
    const shown = document.querySelector("#headline");
    const title = shown?.checkVisibility()
      ? `${shown.querySelector(".track")?.textContent} – ${shown.querySelector("h2")?.textContent}`
      : plain;
    if (document.title !== title) document.title = title;
  };

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; name(); });
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
