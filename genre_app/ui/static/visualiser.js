// The visualiser: a full screen with the scene, the genre's name, a clock and a strip to seek on. docs/visualiser.md
(() => {
  const STEP_S = 5;
  const CALM_MS = 3000; // after so long without a hand, names and buttons withdraw
  const LEVEL_WITHOUT_SOUND = 0.4;
  const { mapping, scene, sound } = window.genreVisualiser;

  const MARKUP = `
    <div class="stage">
      <canvas class="scene" aria-hidden="true"></canvas>
      <header>
        <div><p class="genre" role="status"></p><p class="track"></p></div>
        <p class="time"></p>
      </header>
      <footer>
        <button type="button" class="play"></button>
        <div class="strip" role="slider" tabindex="0" aria-label="Position in the track" aria-valuemin="0">
          <canvas aria-hidden="true"></canvas><i></i>
        </div>
        <button type="button" class="full">Full screen</button>
        <button type="button" class="leave">Leave</button>
      </footer>
    </div>`;

  let [dialog, shown, player, seen, picture, lastMs, lastMoveMs] = [];
  const part = (selector) => dialog.querySelector(selector);
  const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const nameOf = (genre) => shown.names?.[genre] ?? genre.charAt(0).toUpperCase() + genre.slice(1);
  const write = (selector, text) => { if (part(selector).textContent !== text) part(selector).textContent = text; };

  const seek = (timeS) => { if (shown) player.currentTime = Math.min(Math.max(timeS, 0), Math.max(player.duration - 0.05, 0)); };
  const toggle = () => {
    if (!shown) return; // the data are on their way
    if (player.paused) Promise.resolve(player.play()).catch(() => {});
    else player.pause();
  };
  const toggleFull = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else part(".stage").requestFullscreen?.().catch(() => {}); // a phone may have none: the page is covered all the same
  };
  const leave = () => dialog.close();

  const wake = () => { lastMoveMs = performance.now(); };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isButton = event.target instanceof HTMLButtonElement;
    const act = {
      " ": isButton ? null : toggle,
      f: toggleFull,
      F: toggleFull,
      ArrowLeft: () => seek(player.currentTime - STEP_S),
      ArrowRight: () => seek(player.currentTime + STEP_S),
      ArrowDown: () => seek(player.currentTime - STEP_S),
      ArrowUp: () => seek(player.currentTime + STEP_S),
      Home: () => seek(0),
      End: () => seek(player.duration),
    }[event.key];
    wake();
    if (!act || !shown) return;
    act();
    event.preventDefault();
  };

  const onStrip = (event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = part(".strip").getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * player.duration);
  };

  const build = () => {
    dialog = document.createElement("dialog");
    dialog.id = "visualiser";
    dialog.setAttribute("aria-label", "Visualiser");
    dialog.innerHTML = MARKUP;
    // Gradio applies rules in media queries only in there.
    (document.querySelector(".gradio-container .contain") ?? document.body).append(dialog);
    picture = scene(part(".scene"));
    dialog.addEventListener("keydown", onKey);
    for (const name of ["pointermove", "pointerdown", "focusin"]) dialog.addEventListener(name, wake);
    for (const name of ["pointerdown", "pointermove"]) part(".strip").addEventListener(name, onStrip);
    part(".play").addEventListener("click", toggle);
    part(".full").addEventListener("click", toggleFull);
    part(".leave").addEventListener("click", leave);
    dialog.addEventListener("close", () => {
      shown = null;
      if (document.fullscreenElement) document.exitFullscreen();
    });
    // The browser takes Esc for itself in a full screen: it leaves the visualiser as well, F only the full screen.
    let [hasF, wasFull] = [false, false];
    dialog.addEventListener("keydown", (event) => { hasF = event.key.toLowerCase() === "f"; });
    part(".full").addEventListener("click", () => { hasF = true; });
    document.addEventListener("fullscreenchange", () => {
      if (wasFull && !document.fullscreenElement && !hasF && dialog.open) leave();
      wasFull = Boolean(document.fullscreenElement);
      hasF = false;
    });
    part(".full").hidden = !part(".stage").requestFullscreen;
  };

  const drawStrip = () => {
    const canvas = part(".strip canvas");
    const [width, height] = [Math.round(canvas.clientWidth * devicePixelRatio) || 1, 1];
    if (canvas.width === width && canvas.data === shown) return;
    [canvas.width, canvas.height, canvas.data] = [width, height, shown];
    const pen = canvas.getContext("2d");
    for (const stretch of shown.timeline) {
      pen.fillStyle = mapping.hexOf(shown, stretch);
      const left = Math.round((stretch.start / player.duration) * width);
      pen.fillRect(left, 0, Math.round((stretch.end / player.duration) * width) - left, height);
    }
  };

  const drawWords = (timeS) => {
    const stretch = mapping.stretchAt(shown, timeS);
    write(".genre", stretch ? nameOf(stretch.genre) : "");
    write(".track", shown.metadata?.track_name ?? "");
    const silence = player instanceof HTMLMediaElement ? "" : " · no sound: the recording is not kept";
    write(".time", `${mapping.clock(timeS)} / ${mapping.clock(player.duration)}${silence}`);
    write(".play", player.paused ? "Play" : "Pause");
    part(".full").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
    part(".strip i").style.left = `${(100 * timeS) / player.duration}%`;
    const strip = part(".strip");
    strip.setAttribute("aria-valuemax", String(Math.round(player.duration)));
    strip.setAttribute("aria-valuenow", String(Math.round(timeS)));
    strip.setAttribute("aria-valuetext", `${mapping.clock(timeS)} of ${mapping.clock(player.duration)}`);
    dialog.classList.toggle("calm", !player.paused && performance.now() - lastMoveMs > CALM_MS);
  };

  const wantedAt = (timeS) => ({
    level: sound.loudness(player) ?? (player.paused ? 0 : LEVEL_WITHOUT_SOUND),
    speed: mapping.speedOf(shown),
    scheme: mapping.schemeAt(shown, timeS),
  });

  const frame = (nowMs) => {
    if (!shown || !dialog.open) return;
    const [elapsedS, timeS] = [(nowMs - lastMs) / 1000, player.currentTime];
    lastMs = nowMs;
    seen = mapping.follow(seen, wantedAt(timeS), elapsedS, { isStill: isStill() });
    if (picture) picture.draw(seen, elapsedS);
    else part(".stage").style.background = mapping.hexOf(shown, mapping.stretchAt(shown, timeS));
    drawStrip();
    drawWords(timeS);
    requestAnimationFrame(frame);
  };

  // Opens the dark screen; call it from a click, for only a click may fill the screen and tap the sound.
  const open = () => {
    if (!dialog?.isConnected) build();
    if (dialog.open) return;
    dialog.showModal();
    part(".strip").focus();
    wake();
    sound.tap(sound.playingAudio());
    if (!document.fullscreenElement) toggleFull();
  };

  // Shows a result, or whatever has the fields of docs/visualiser.md; nothing closes the screen again.
  const show = (data) => {
    if (!data?.timeline?.length) return dialog?.close();
    open();
    const durationS = data.metadata?.duration_seconds ?? data.timeline.at(-1).end;
    [shown, player, lastMs] = [data, sound.playingAudio() ?? sound.silentClock(durationS), performance.now()];
    const scheme = mapping.schemeAt(data, player.currentTime);
    // It begins in the dark.
    seen = { level: isStill() ? LEVEL_WITHOUT_SOUND : 0, phase: 0, scheme: isStill() ? scheme : scheme.map(() => [0, 0, 0]) };
    requestAnimationFrame(frame);
  };

  Object.assign(window.genreVisualiser, { open, show, seen: () => seen });
})();
