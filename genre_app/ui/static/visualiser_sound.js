// What the visualiser hears: the page's player and how loud it is, or a silent clock where there is no recording.
(() => {
  const N_SAMPLES = 2048;

  // The player of the result on the page; null without a recording.
  const playingAudio = () => {
    const player = document.querySelector("#track audio[src]");
    return Number.isFinite(player?.duration) ? player : null;
  };

  // Goes through a track without its recording, with the part of an <audio> that is needed.
  const silentClock = (durationS) => {
    let [startedMs, atS, paused] = [0, 0, true];
    const now = () => Math.min(durationS, paused ? atS : atS + (performance.now() - startedMs) / 1000);
    const set = (timeS, isPaused) => ([startedMs, atS, paused] = [performance.now(), timeS, isPaused]);
    return {
      duration: durationS,
      get currentTime() { return now(); },
      set currentTime(timeS) { set(Math.max(0, timeS), paused); },
      get paused() { return paused || now() >= durationS; },
      play() { set(now() >= durationS ? 0 : now(), false); },
      pause() { set(now(), true); },
    };
  };

  let context = null;
  // A player can be tapped once in its life, and is heard through the tap from then on.
  const taps = new WeakMap();

  // Call it from a click: the browser lets no page make sound before one.
  const tap = (player) => {
    if (!(player instanceof HTMLMediaElement)) return;
    context ??= new AudioContext();
    context.resume();
    if (taps.has(player)) return;
    try {
      const analyser = new AnalyserNode(context, { fftSize: N_SAMPLES });
      context.createMediaElementSource(player).connect(analyser).connect(context.destination);
      player.addEventListener("play", () => context.resume());
      taps.set(player, analyser);
    } catch {
      // Something else has tapped it: the picture goes on without its loudness.
    }
  };

  const samples = new Float32Array(N_SAMPLES);
  // From 0 to 1; null where nothing can be heard.
  const loudness = (player) => {
    const analyser = taps.get(player);
    if (!analyser) return null;
    analyser.getFloatTimeDomainData(samples);
    return window.genreVisualiser.mapping.loudnessOf(samples);
  };

  Object.assign(window.genreVisualiser, { sound: { playingAudio, silentClock, tap, loudness } });
})();
