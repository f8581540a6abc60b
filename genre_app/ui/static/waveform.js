// Draws the track's waveform on a canvas, coloured by who leads when: while it is scored as far as it is known, then whole.
// player.js makes it the player. Its data come with the status during the analysis, and with the result after it.
const Waveform = (() => {
  const BAR_PX = 2;
  const STEP_PX = 3;
  const QUIETEST = 0.003; // what is quieter than this throughout is not made to look loud
  const FLAT = 0.35; // height of a track of which no peaks are known

  const HEIGHTS = Array.from({ length: 256 }, (_, value) => (value / 255) ** 2);

  // The status stands in the place of the results until there are any.
  const written = () => {
    const status = document.querySelector("#status");
    const place = status?.checkVisibility() ? status : document.querySelector("#waveform");
    return place?.querySelector("[data-waveform]")?.dataset.waveform ?? null;
  };

  let known = null;
  let version = 0;
  let data = null;
  const read = () => {
    const text = written();
    if (text === known) return data;
    known = text;
    data = text && JSON.parse(text);
    version += 1;
    if (data) {
      data.version = version;
      const bytes = Uint8Array.from(atob(data.peaks), (character) => character.charCodeAt(0));
      data.peaks = Array.from({ length: bytes.length / 2 }, (_, i) => [HEIGHTS[bytes[2 * i]], HEIGHTS[bytes[2 * i + 1]]]);
      data.loudest = data.peaks.reduce((highest, [peak]) => Math.max(highest, peak), 0);
    }
    return data;
  };

  const stretchAt = (time_s) => read()?.stretches.find(([start_s, end_s]) => start_s <= time_s && time_s < end_s);

  // Highest peak and mean level of a part of the track, relative to its loudest.
  const measured = (from, to) => {
    const { peaks, loudest } = data;
    if (!peaks.length) return [FLAT, FLAT];
    const first = Math.min(Math.floor(from * peaks.length), peaks.length - 1);
    const bins = peaks.slice(first, Math.max(Math.ceil(to * peaks.length), first + 1));
    const scale = loudest < QUIETEST ? 1 : loudest;
    const level = bins.reduce((sum, [, rms]) => sum + rms, 0) / bins.length;
    return [Math.max(...bins.map(([peak]) => peak)) / scale, level / scale];
  };

  const bar = (context, x, height, share) => {
    const length = Math.max(1, share * height);
    context.fillRect(x, (height - length) / 2, BAR_PX, length);
  };

  const draw = (canvas, duration_s) => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const content = read();
    if (!content || !duration_s) return;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    for (let x = 0; x < width; x += STEP_PX) {
      const [start_s, end_s] = [x, x + STEP_PX].map((edge) => (edge / width) * duration_s);
      if (start_s >= content.scored_s) break;
      const [peak, level] = measured(start_s / content.scored_s, Math.min(end_s / content.scored_s, 1));
      context.fillStyle = stretchAt((start_s + end_s) / 2)?.[3] ?? context.fillStyle;
      context.globalAlpha = 0.5;
      bar(context, x, height, peak);
      context.globalAlpha = 1;
      bar(context, x, height, level);
    }
  };

  return { draw, read, stretchAt };
})();
