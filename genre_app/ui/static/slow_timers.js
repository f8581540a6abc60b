// Gradio's progress timers count frames, and one whose component goes while it runs counts them for ever: that of the
// page's own start, and one more for each track. A page at rest would take a tenth of a core. The page shows progress
// in its own way, so such a timer gets a second in place of a frame. Gradio takes hold of the function when its scripts
// are read: this one comes first.
(() => {
  const inFrame = window.requestAnimationFrame.bind(window);
  const isTimer = (callback) => /\(performance\.now\(\)-\w+\(\w+\)\)\/1e3/.test(callback);
  window.requestAnimationFrame = (callback) => (isTimer(callback) ? setTimeout(callback, 1000) : inFrame(callback));
})();
