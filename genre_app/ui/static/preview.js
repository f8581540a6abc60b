// Runs in an example's card: plays and stops its recording. Only one plays at a time, and none beside an analysis.
const button = element.querySelector("button");
const audio = new Audio();
audio.preload = "none";
const show = () => button.setAttribute("aria-pressed", String(!audio.paused));
for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, show);

button.addEventListener("click", () => {
  if (!audio.paused) return audio.pause();
  audio.src ||= button.dataset.recording;
  document.dispatchEvent(new CustomEvent("preview", { detail: audio }));
  audio.play().catch(show); // the browser may forbid sound
});
document.addEventListener("preview", (event) => {
  if (event.detail !== audio) audio.pause();
});
new IntersectionObserver(([entry]) => {
  if (!entry.isIntersecting && !button.checkVisibility()) audio.pause();
}).observe(button);
