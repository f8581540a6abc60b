// Plays the track of both models: from a click on a timeline, or from a stretch in which they differ. The sound is that of
// the player in the box. Gradio may replace its elements at any time, so they are looked up at each use.
const [button, time] = ["button", ".clock"].map((selector) => element.querySelector(selector));
const audio = () => document.querySelector("#compare-track audio[src]");
const isPlayable = () => Boolean(audio() && !audio().error);
let frame = 0;

const show = () => {
  const track = audio();
  if (track?.paused === false && !element.checkVisibility()) track.pause(); // on another tab nothing could stop it
  // The decoder knows the length, once it is through; the browser guesses it from some files' first bytes.
  const decoded_s = document.querySelector(".course [data-duration-s]")?.dataset.durationS;
  const duration_s = Number(decoded_s ?? (Number.isFinite(track?.duration) ? track.duration : 0));
  const label = track?.paused === false ? "Pause" : "Play";
  const text = isPlayable() ? `${clock(track.currentTime)} / ${clock(duration_s)}` : "";
  if (button.textContent !== label) button.textContent = label;
  if (time.textContent !== text) time.textContent = text;
  button.disabled = !isPlayable();
  for (const each of document.querySelectorAll("[data-compare-seek]")) each.disabled = !isPlayable();
  document.dispatchEvent(new CustomEvent("compare:position", { detail: isPlayable() ? track.currentTime : null }));
  cancelAnimationFrame(frame);
  if (track?.paused === false) frame = requestAnimationFrame(show);
};

const play = () => audio().play().catch(() => {}); // the browser may forbid sound; the position is set all the same
button.addEventListener("click", () => {
  if (audio().paused) play();
  else audio().pause();
});
document.addEventListener("compare:seek", (event) => {
  if (!isPlayable()) return;
  audio().currentTime = event.detail;
  play();
});
document.addEventListener("click", (event) => {
  const stretch = event.target.closest("[data-compare-seek]");
  if (stretch) document.dispatchEvent(new CustomEvent("compare:seek", { detail: Number(stretch.dataset.compareSeek) }));
});

let attached = null;
const listen = () => {
  if (audio() !== attached) {
    attached = audio();
    for (const event of ["play", "pause", "ended", "seeked", "timeupdate", "loadedmetadata", "error", "emptied"]) {
      attached?.addEventListener(event, show);
    }
  }
  show();
};
const changes = new MutationObserver(listen);
for (const id of ["compare-track", "course-a", "course-b", "differences"]) {
  changes.observe(document.getElementById(id), { childList: true, subtree: true });
}
listen();
