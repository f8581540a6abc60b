() => {
  // Typing "20" into a slider's number box passes through "2": ignore values out of range while typing.
  const isBox = (element) => element.matches?.(":is(#window, #overlap, #top-k, #smoothing) input[type=number]");
  const isValue = ({ value, min, max }) => value !== "" && Number(value) >= Number(min) && Number(value) <= Number(max);

  window.addEventListener("input", (event) => {
    if (isBox(event.target) && !isValue(event.target)) event.stopImmediatePropagation();
  }, true);

  // On leaving the box, clamp the value; an empty box gets the slider's value.
  window.addEventListener("focusout", ({ target: box }) => {
    if (!isBox(box) || isValue(box)) return;
    const slider = document.querySelector(`#${box.closest("[id]").id} input[type=range]`);
    box.value = box.value === "" ? slider.value : Math.min(Math.max(Number(box.value), Number(box.min)), Number(box.max));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);
}
