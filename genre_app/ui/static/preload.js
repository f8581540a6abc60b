// Gradio fetches and compiles Plotly, 4.6 MB, when the first chart arrives: do it while the page waits for a track.
(() => {
  const modules = __PLOTLY__;
  const whenIdle = window.requestIdleCallback ?? ((run) => setTimeout(run, 500)); // not in Safari
  const preload = () => modules.forEach((name) => import(`./assets/${name}`).catch(() => {})); // Gradio would try again
  // Gradio may run this before or after the page's own files are there.
  if (document.readyState === "complete") whenIdle(preload);
  else window.addEventListener("load", () => whenIdle(preload));
})();
