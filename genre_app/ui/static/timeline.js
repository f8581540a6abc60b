// Connects a timeline with its player: a line on the chart follows the playhead, and a click or touch on it seeks.
// The player says where it is by the event "NAME:position", and is moved by "NAME:seek".
const connectTimeline = (selector, player) => {
  const container = () => document.querySelector(selector);
  const chart = () => container()?.querySelector(".js-plotly-plot");
  let position_s = null;

  const draw = () => {
    const plot = chart();
    const axis = plot?._fullLayout?.xaxis;
    let head = container()?.querySelector(".playhead");
    if (!axis || position_s === null) {
      head?.remove();
      return;
    }
    if (!head) {
      head = document.createElement("div");
      head.className = "playhead";
      container().append(head);
    }
    const box = plot.getBoundingClientRect();
    const outer = container().getBoundingClientRect();
    head.style.left = `${box.left - outer.left + axis._offset + axis.d2p(position_s)}px`;
    head.style.top = `${box.top - outer.top + plot._fullLayout._size.t}px`;
    head.style.height = `${plot._fullLayout._size.h}px`;
  };

  document.addEventListener(`${player}:position`, (event) => {
    position_s = event.detail;
    draw();
  });
  window.addEventListener("resize", () => requestAnimationFrame(draw));

  // Plotly covers the page while a button is down, so the target of a click is taken at pointerdown.
  let pressed = null;
  const isOnChart = (target) => chart()?.contains(target) && !target.closest(".legend");

  document.addEventListener("pointerdown", (event) => {
    pressed = isOnChart(event.target) ? { x: event.clientX, y: event.clientY } : null;
  }, true);

  document.addEventListener("pointerup", (event) => {
    if (!pressed || !chart()) return;
    const moved = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
    pressed = null;
    if (moved > 8) return; // a drag or scroll, not a click
    const axis = chart()._fullLayout.xaxis;
    const pixel = event.clientX - chart().getBoundingClientRect().left - axis._offset;
    if (pixel < 0 || pixel > axis._length) return;
    document.dispatchEvent(new CustomEvent(`${player}:seek`, { detail: axis.p2d(pixel) }));
  }, true);
};
connectTimeline("#timeline", "track");
for (const side of ["#timeline-a", "#timeline-b"]) connectTimeline(side, "compare");
