// Runs in the text below a chart: gives the chart its accessible name and description, and keeps the table open while
// sliders move. Gradio removes attributes that it has not set itself at every update.
let isOpen = false;

const describe = () => {
  const caption = element.querySelector("[data-describes]");
  const chart = caption && document.getElementById(caption.dataset.describes);
  if (!chart) return;
  chart.setAttribute("aria-describedby", caption.id);
  if (caption.dataset.name) {
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", caption.dataset.name);
  }
  const table = element.querySelector("details");
  if (table) table.open = isOpen;
};

element.addEventListener("click", (event) => {
  const table = event.target.closest("summary")?.parentElement;
  if (table) isOpen = !table.open;
});
watch("value", describe);
describe();
