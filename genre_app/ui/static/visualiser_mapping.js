// The visualiser's mapping from data and sound to what is seen: pure functions, described in docs/visualiser.md.
// Colours are linear RGB, 0 to 1, as light adds up; their relative luminance is a weighted mean of the three.
window.genreVisualiser = (() => {
  const FADE_S = 2.5; // a genre's colour takes so long to give way to the next one's
  // A flash (WCAG 2.3.1) is a pair of opposing changes of relative luminance by 0.1 or more. Three of them in a second
  // take a travel of 0.6 in luminance. The scene makes at most 1.5 of the first rate and 1.35 of the second: together
  // 0.54, whatever is played or pressed.
  const LEVEL_RATE = 0.18; // share of the range of loudness, per second
  const COLOUR_RATE = 0.2; // linear RGB, per second
  const STILL_COLOUR_RATE = 0.05; // the same with reduced motion
  const QUIET_DBFS = -46;
  const LOUD_DBFS = -8;
  const USUAL_BPM = 110;
  const NEUTRAL = "#a9adb3";

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const mix = (a, b, share) => a.map((value, i) => value + (b[i] - value) * share);
  const smooth = (share) => share * share * (3 - 2 * share);

  const linear = (hex) => [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

  // The stretch that holds a time, by bisection; the nearest one before it where a sample leaves gaps.
  const indexAt = (timeline, timeS) => {
    let [low, high] = [0, timeline.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      timeline[middle].start <= timeS ? (low = middle) : (high = middle);
    }
    return low;
  };
  const stretchAt = (data, timeS) => data.timeline[indexAt(data.timeline, timeS)];

  const hexOf = (data, stretch) => stretch?.colour ?? data.palette?.[stretch?.genre]?.hex ?? NEUTRAL;
  // An unsure genre is paler.
  const colourOf = (data, stretch) => {
    const colour = linear(hexOf(data, stretch));
    const grey = Array(3).fill(luminance(colour));
    return mix(colour, grey, 0.4 * (1 - clamp(stretch?.confidence ?? 1, 0, 1)));
  };

  // The colour at a time: that of its stretch, crossfaded around the change to the next and from the one before.
  const colourAt = (data, timeS) => {
    const { timeline } = data;
    const at = indexAt(timeline, timeS);
    const [before, here, after] = [timeline[at - 1], timeline[at], timeline[at + 1]];
    if (!here) return linear(NEUTRAL);
    const halfS = Math.min(FADE_S, here.end - here.start) / 2;
    const [sinceS, untilS] = [timeS - here.start, here.end - timeS];
    const colour = colourOf(data, here);
    if (before && sinceS < halfS) return mix(colourOf(data, before), colour, smooth(0.5 + sinceS / halfS / 2));
    if (after && untilS < halfS) return mix(colour, colourOf(data, after), smooth(0.5 - untilS / halfS / 2));
    return colour;
  };

  // Turns a colour around the axis of greys, which keeps its brightness nearly.
  const turned = (colour, degrees) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const [same, before, after] = [cos + (1 - cos) / 3, (1 - cos) / 3 - sin / Math.sqrt(3), (1 - cos) / 3 + sin / Math.sqrt(3)];
    return colour.map((_, i) => clamp(same * colour[i] + before * colour[(i + 1) % 3] + after * colour[(i + 2) % 3], 0, 1));
  };

  // Three colours of a scene from one: itself, and two neighbours on the circle of hues, one lighter and one deeper.
  const schemeAt = (data, timeS) => {
    const colour = colourAt(data, timeS);
    return [colour, mix(turned(colour, 12), [1, 1, 1], 0.2), turned(colour, -64).map((part) => 0.8 * part)];
  };

  const speedOf = (data) => {
    const bpm = data.facts?.tempo_bpm ?? USUAL_BPM;
    return 0.055 * clamp(bpm, 50, 200) / USUAL_BPM; // lengths of the pattern per second
  };

  const loudnessOf = (samples) => {
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const dbfs = 10 * Math.log10(sum / samples.length + 1e-12);
    return clamp((dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS), 0, 1);
  };

  const approach = (value, target, step) => value + clamp(target - value, -step, step);

  // What is seen next: as near to what is wanted as the rates allow. This is the one place where brightness changes;
  // the flow, which has none, follows the loudness at once.
  const follow = (seen, wanted, elapsedS, { isStill = false } = {}) => {
    const s = clamp(elapsedS, 0, 0.1); // after a pause of the page, nothing jumps
    const rate = isStill ? STILL_COLOUR_RATE : COLOUR_RATE;
    return {
      level: isStill ? seen.level : approach(seen.level, wanted.level, LEVEL_RATE * s),
      phase: isStill ? seen.phase : seen.phase + wanted.speed * (0.6 + 0.8 * wanted.level) * s,
      scheme: seen.scheme.map((colour, i) => colour.map((part, j) => approach(part, wanted.scheme[i][j], rate * s))),
    };
  };

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds || 0));
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  };

  const mapping = { clock, colourAt, follow, hexOf, loudnessOf, luminance, schemeAt, speedOf, stretchAt };
  return { mapping };
})();
