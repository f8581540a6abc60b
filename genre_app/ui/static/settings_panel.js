// On a narrow screen the settings stand between the track and its answer: there they are closed at first.
(() => {
  if (!window.matchMedia("(max-width: 640px)").matches) return;
  const observer = new MutationObserver(() => {
    const button = document.querySelector("#settings > button.label-wrap");
    if (!button || !document.documentElement.classList.contains("recalled")) return;
    observer.disconnect();
    if (button.classList.contains("open")) button.click();
  });
  observer.observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
