() => {
  const isBox = (element) => element.matches?.(":is(#window, #overlap, #top-k, #smoothing) input[type=number]");

  // The value that the slider can take and that is nearest to the one in its number box; an empty box gets the slider's own.
  const nearest = (box) => {
    if (box.value === "") return Number(document.querySelector(`#${box.closest("[id]").id} input[type=range]`).value);
    const [value, least, most, step] = [box.value, box.min, box.max, box.step].map(Number);
    const n_steps = Math.round((Math.min(Math.max(value, least), most) - least) / step);
    return Number((least + n_steps * step).toFixed(6)); // 0.15000000000000002
  };
  const isValue = (box) => box.value !== "" && Number(box.value) === nearest(box);

  // Typing "20" passes through "2": values that the slider cannot take are ignored while typing.
  window.addEventListener("input", (event) => {
    if (isBox(event.target) && !isValue(event.target)) event.stopImmediatePropagation();
  }, true);

  // They are corrected on leaving the box and by Enter.
  const correct = ({ target: box, type, key }) => {
    if (!isBox(box) || isValue(box) || (type === "keydown" && key !== "Enter")) return;
    box.value = nearest(box);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  window.addEventListener("focusout", correct, true);
  window.addEventListener("keydown", correct, true);
}
