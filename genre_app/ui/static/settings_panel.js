// On a narrow screen the settings are between track and answer: close them at first.
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
