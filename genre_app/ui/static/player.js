// Makes the waveform the player of the track in the box: play, seek, loop a window, speed and volume, with one clock.
// Other scripts follow it by the event "track:position", and move it by "track:seek"; each carries seconds.
// Gradio may replace its elements at any time, so they are looked up at each use; the player itself is kept, and moved.
(() => {
  const STEP_S = 5;
  const END_S = 0.05; // a position at the very end would play nothing
  const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
  const UNPLAYABLE = "This browser cannot play this kind of file. The answer does not depend on that.";

  const player = document.createElement("div");
  player.id = "player";
  player.innerHTML = `
    <div class="line">
      <button type="button" class="play" aria-label="Play"></button>
      <div class="scrubber"><canvas></canvas><div class="loop" hidden></div><div class="playhead" hidden></div>
        <div class="pointer" hidden><span></span></div></div>
    </div>
    <div class="controls">
      <span class="clock"></span>
      <label><input type="checkbox"><span>Loop<span> the window</span></span></label>
      <label>Speed <select>${SPEEDS.map((speed) => `<option value="${speed}">${speed} ×</option>`).join("")}</select></label>
      <label class="volume">Volume <input type="range" min="0" max="1" step="0.05" value="1"></label>
    </div>
    <p class="unplayable" hidden>${UNPLAYABLE}</p>`;
  const find = (selector) => player.querySelector(selector);
  const [button, scrubber, canvas, loopBox, head, pointer] = [".play", ".scrubber", "canvas", ".loop", ".playhead", ".pointer"].map(find);
  const [time, loops, speed, volume, note] = [".clock", "[type=checkbox]", "select", "[type=range]", ".unplayable"].map(find);
  speed.value = "1";

  const audio = () => document.querySelector("#track audio[src]");
  const isPlayable = () => Boolean(audio() && !audio().error);

  // The decoder knows the length; the browser guesses it from some files' first bytes.
  const duration = () => {
    const guess = audio()?.duration;
    return Waveform.read()?.duration_s || (Number.isFinite(guess) ? guess : 0);
  };
  const position = () => Math.min(audio()?.currentTime ?? 0, duration());

  const set = (element, name, value) => {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const percent = (time_s) => `${duration() ? (100 * time_s) / duration() : 0}%`;
  const nameAt = (time_s) => Waveform.stretchAt(time_s)?.[2];

  // Of the result's windows, the last that has begun: [start, end].
  const windowAt = (time_s) => {
    const { window_s, hop_s } = Waveform.read() ?? {};
    if (!window_s) return [0, duration()];
    const last = Math.max(0, Math.ceil((duration() - window_s - 1e-6) / hop_s));
    const start_s = Math.min(Math.floor(time_s / hop_s + 1e-6), last) * hop_s;
    return [start_s, Math.min(start_s + window_s, duration())];
  };
  let loop = null;
  const placeLoop = () => {
    loop = loops.checked ? windowAt(position()) : null;
  };

  const toggle = () => {
    if (isPlayable()) audio().paused ? audio().play() : audio().pause();
  };
  const seek = (seconds) => {
    if (!isPlayable()) return;
    audio().currentTime = Math.min(Math.max(seconds, 0), Math.max(duration() - END_S, 0));
    placeLoop();
    follow();
  };

  // Where the player is now: what it says, and where it stands.
  const show = () => {
    const [now_s, total_s] = [position(), duration()];
    const state = audio()?.paused === false ? "pause" : "play";
    set(button, "aria-label", state === "pause" ? "Pause" : "Play");
    set(button, "data-state", state);
    write(time, total_s ? `${clock(now_s)} / ${clock(total_s)}` : clock(now_s));
    head.style.left = percent(now_s);
    loopBox.hidden = !loop;
    if (loop) Object.assign(loopBox.style, { left: percent(loop[0]), width: percent(loop[1] - loop[0]) });
    if (isPlayable()) {
      set(scrubber, "aria-valuemax", String(Math.round(total_s)));
      set(scrubber, "aria-valuenow", String(Math.round(now_s)));
      set(scrubber, "aria-valuetext", [`${clock(now_s)} of ${clock(total_s)}`, nameAt(now_s)].filter(Boolean).join(", "));
    }
    document.dispatchEvent(new CustomEvent("track:position", { detail: isPlayable() ? now_s : null }));
  };

  const follow = () => {
    const track = audio();
    if (loop && track && (track.ended || track.currentTime >= loop[1] - END_S)) {
      track.currentTime = loop[0];
      if (track.ended) track.play();
    }
    show();
    if (track && !track.paused) {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(follow);
    }
  };
  let frame = 0;

  // Without a recording to play, as in a result opened from a link, there is no position to set.
  const name = () => {
    const roles = isPlayable()
      ? { role: "slider", tabindex: "0", "aria-label": "Position in the track", "aria-valuemin": "0" }
      : { role: "img", "aria-label": "Waveform of the track, in the colours of what leads" };
    for (const each of ["role", "tabindex", "aria-label", "aria-valuemin"]) set(scrubber, each, roles[each] ?? null);
    if (!isPlayable()) for (const each of ["max", "now", "text"]) set(scrubber, `aria-value${each}`, null);
  };

  let attached = null;
  const listen = () => {
    const track = audio();
    if (!track || track === attached) return;
    attached = track;
    for (const event of ["play", "pause", "ended", "seeked", "timeupdate", "loadedmetadata", "error", "emptied"]) {
      track.addEventListener(event, () => { arrange(); follow(); });
    }
  };

  let drawn = "";
  const draw = () => {
    const state = [Waveform.read()?.version, canvas.clientWidth, canvas.clientHeight, duration(), devicePixelRatio].join();
    if (state === drawn) return;
    drawn = state;
    Waveform.draw(canvas, duration());
    if (loop) placeLoop(); // the windows may have changed
  };

  const arrange = () => {
    const place = document.querySelector("#waveform");
    if (!place) return;
    if (player.parentElement !== place) place.append(player);
    listen();
    player.hidden = !audio() && !Waveform.read();
    for (const element of [button, head, find(".controls")]) element.hidden = !isPlayable();
    note.hidden = !audio()?.error;
    if (audio()) [audio().playbackRate, audio().volume] = [Number(speed.value), Number(volume.value)];
    // Buttons in the answer that play a stretch of the track; without a recording they are text.
    for (const each of document.querySelectorAll("[data-seek]")) each.disabled = !isPlayable();
    name();
    draw();
    show();
  };

  // Pointer: a click or a touch seeks, dragging goes on seeking, and the time under a mouse is shown.
  const timeAt = (event) => {
    const box = scrubber.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * duration();
  };
  scrubber.addEventListener("pointerdown", (event) => {
    if (!isPlayable() || event.button) return;
    scrubber.setPointerCapture(event.pointerId);
    seek(timeAt(event));
  });
  scrubber.addEventListener("pointermove", (event) => {
    if (scrubber.hasPointerCapture(event.pointerId)) seek(timeAt(event));
    pointer.hidden = !duration();
    pointer.style.left = percent(timeAt(event));
    pointer.firstElementChild.style.translate = `-${percent(timeAt(event))}`; // stays on the page at both ends
    write(pointer.firstElementChild, [clock(timeAt(event)), nameAt(timeAt(event))].filter(Boolean).join(" · "));
  });
  for (const event of ["pointerleave", "pointercancel"]) scrubber.addEventListener(event, () => { pointer.hidden = true; });

  scrubber.addEventListener("keydown", (event) => {
    if (!isPlayable()) return;
    const target = {
      ArrowLeft: position() - STEP_S,
      ArrowDown: position() - STEP_S,
      ArrowRight: position() + STEP_S,
      ArrowUp: position() + STEP_S,
      Home: 0,
      End: duration(),
    }[event.key];
    if (target !== undefined) seek(target);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  });

  button.addEventListener("click", toggle);
  loops.addEventListener("change", () => { placeLoop(); show(); });
  for (const control of [speed, volume]) control.addEventListener("input", arrange);
  document.addEventListener("track:seek", (event) => seek(event.detail));
  document.addEventListener("click", (event) => {
    const clicked = event.target.closest("[data-seek]");
    if (!clicked) return;
    seek(Number(clicked.dataset.seek));
    audio()?.play().catch(() => {}); // the browser may forbid sound; the position is set all the same
  });

  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; arrange(); });
  };
  new MutationObserver(later).observe(document, { childList: true, subtree: true });
  new ResizeObserver(later).observe(scrubber);
})();
