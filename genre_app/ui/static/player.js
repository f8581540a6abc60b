// Connects player and timeline: a playhead follows playback on the chart; clicks, touches and arrow keys on the chart seek;
// a button above the chart plays and pauses, as the player may be off screen; buttons in the answer play from a time on.
// Gradio may replace these elements at any time, so they are looked up at each use.
(() => {
  const STEP_S = 5;
  const container = () => document.querySelector("#timeline");
  const chart = () => container()?.querySelector(".js-plotly-plot");

  // The real <audio> is in a shadow root; the one outside is a dummy.
  const audio = () => {
    for (const element of document.querySelectorAll("#track *")) {
      const inside = element.shadowRoot?.querySelector("audio");
      if (inside) return inside;
    }
    return null;
  };

  // A waveform that is wider than its box scrolls: make it reachable by keyboard.
  const openWaveforms = () => {
    for (const element of document.querySelectorAll("#track *, #compare-track *")) {
      const waveform = element.shadowRoot?.querySelector(".scroll:not([tabindex])");
      if (!waveform) continue;
      waveform.setAttribute("tabindex", "0");
      waveform.setAttribute("role", "region");
      waveform.setAttribute("aria-label", "Waveform");
    }
  };

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  const toggle = () => {
    const player = audio();
    if (player) player.paused ? player.play() : player.pause();
  };

  // Button and time above the chart, hidden where there is no recording to play.
  const transport = (player) => {
    let bar = document.querySelector("#transport");
    if (!bar || bar.nextElementSibling !== container()) {
      bar?.remove();
      bar = document.createElement("div");
      bar.id = "transport";
      bar.innerHTML = '<button type="button"></button><span></span>';
      bar.querySelector("button").addEventListener("click", toggle);
      container().before(bar);
    }
    bar.hidden = !player || !Number.isFinite(player.duration);
    if (bar.hidden) return;
    const [button, time] = bar.children;
    const name = player.paused ? "Play" : "Pause";
    if (button.textContent !== name) {
      button.textContent = name;
      button.dataset.state = name.toLowerCase();
    }
    const text = `${clock(player.currentTime)} of ${clock(player.duration)}`;
    if (time.textContent !== text) time.textContent = text;
  };

  const seek = (seconds) => {
    const player = audio();
    if (!player || !Number.isFinite(player.duration)) return;
    player.currentTime = Math.min(Math.max(seconds, 0), Math.max(player.duration - 0.05, 0));
    draw();
  };

  // Buttons in the answer that play a stretch of the track; without a recording they are text.
  const enable = (player) => {
    const isPlayable = Boolean(player) && Number.isFinite(player.duration);
    for (const button of document.querySelectorAll("[data-seek]")) button.disabled = !isPlayable;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-seek]");
    if (!button) return;
    seek(Number(button.dataset.seek));
    audio()?.play().catch(() => {}); // the browser may forbid sound; the position is set all the same
  });

  const draw = () => {
    const plot = chart();
    const axis = plot?._fullLayout?.xaxis;
    const player = audio();
    if (container()) transport(player);
    enable(player);
    if (!axis) return;
    if (!player) {
      container().querySelector(".playhead")?.remove();
      return;
    }
    let head = container().querySelector(".playhead");
    if (!head) {
      head = document.createElement("div");
      head.className = "playhead";
      container().append(head);
    }
    const box = plot.getBoundingClientRect();
    const outer = container().getBoundingClientRect();
    head.style.left = `${box.left - outer.left + axis._offset + axis.d2p(player.currentTime)}px`;
    head.style.top = `${box.top - outer.top + plot._fullLayout._size.t}px`;
    head.style.height = `${plot._fullLayout._size.h}px`;
    container().setAttribute("aria-valuemax", String(Math.round(player.duration || 0)));
    container().setAttribute("aria-valuenow", String(Math.round(player.currentTime)));
    container().setAttribute("aria-valuetext", `${clock(player.currentTime)} of ${clock(player.duration || 0)}`);
  };

  const follow = () => {
    draw();
    const player = audio();
    if (player && !player.paused) requestAnimationFrame(follow);
  };

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
    if (pixel >= 0 && pixel <= axis._length) seek(axis.p2d(pixel));
  }, true);

  document.addEventListener("keydown", (event) => {
    const player = audio();
    if (event.target !== container() || !player) return;
    const target = {
      ArrowLeft: player.currentTime - STEP_S,
      ArrowDown: player.currentTime - STEP_S,
      ArrowRight: player.currentTime + STEP_S,
      ArrowUp: player.currentTime + STEP_S,
      Home: 0,
      End: player.duration,
    }[event.key];
    if (target !== undefined) seek(target);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  });

  let known = null;
  const attach = () => {
    const box = container();
    const player = audio();
    // Without a recording, as in a result opened from a link, there is no position to set.
    const role = player ? "slider" : "img";
    if (box && box.getAttribute("role") !== role) {
      box.setAttribute("role", role);
      box.setAttribute("aria-label", player ? "Position in the track" : "Timeline of the genres");
      if (player) {
        box.setAttribute("tabindex", "0");
        box.setAttribute("aria-valuemin", "0");
      } else {
        for (const name of ["tabindex", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]) {
          box.removeAttribute(name);
        }
      }
    }
    openWaveforms();
    if (player && player !== known) {
      known = player;
      for (const name of ["play", "pause", "ended", "seeking", "seeked", "timeupdate", "loadedmetadata"]) {
        player.addEventListener(name, name === "play" ? follow : draw);
      }
    }
    draw();
  };

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; attach(); });
  }).observe(document, { childList: true, subtree: true });
  window.addEventListener("resize", () => requestAnimationFrame(draw));
})();
