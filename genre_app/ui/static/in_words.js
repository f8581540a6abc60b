// Runs in the element below a chart that says what the chart shows: it gives the chart a name and a description, and keeps
// the table open while sliders move, for which Gradio takes every attribute away that it has not set itself.
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
