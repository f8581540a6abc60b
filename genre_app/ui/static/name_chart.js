// Runs in the text above a chart: gives the chart its accessible name and description, again after every change, because
// Gradio removes attributes that it has not set itself.
const name = () => {
  const text = element.querySelector("[data-describes]");
  const chart = text && document.getElementById(text.dataset.describes);
  if (!chart) return;
  const words = { role: "figure", "aria-label": text.dataset.name, "aria-describedby": text.id };
  for (const [key, value] of Object.entries(words)) {
    if (chart.getAttribute(key) !== value) chart.setAttribute(key, value);
  }
};
watch("value", name);
new MutationObserver(name).observe(element.closest(".course"), { attributes: true, childList: true, subtree: true });
