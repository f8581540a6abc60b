// Runs in a text that changes as sliders move: keeps what was unfolded unfolded and, below a chart, gives the chart its
// accessible name and description. Gradio removes attributes that it has not set itself at every update.
let isOpen = false;

const describe = () => {
  const folded = element.querySelector("details");
  if (folded) folded.open = isOpen;
  const caption = element.querySelector("[data-describes]");
  const chart = caption && document.getElementById(caption.dataset.describes);
  if (!chart) return;
  chart.setAttribute("aria-describedby", caption.id);
  if (caption.dataset.name) {
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", caption.dataset.name);
  }
};

element.addEventListener("click", (event) => {
  const folded = event.target.closest("summary")?.parentElement;
  if (folded) isOpen = !folded.open;
});
watch("value", describe);
describe();
