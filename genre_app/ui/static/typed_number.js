() => {
  // Who types "20" into the box beside a slider has typed "2" before it: that is no value yet, and nothing to complain of.
  const isBox = (element) => element.matches?.(":is(#window, #overlap, #top-k, #smoothing) input[type=number]");
  const isValue = ({ value, min, max }) => value !== "" && Number(value) >= Number(min) && Number(value) <= Number(max);

  window.addEventListener("input", (event) => {
    if (isBox(event.target) && !isValue(event.target)) event.stopImmediatePropagation();
  }, true);

  // What is left there in the end becomes the nearest value; an empty box that of the slider.
  window.addEventListener("focusout", ({ target: box }) => {
    if (!isBox(box) || isValue(box)) return;
    const slider = document.querySelector(`#${box.closest("[id]").id} input[type=range]`);
    box.value = box.value === "" ? slider.value : Math.min(Math.max(Number(box.value), Number(box.min)), Number(box.max));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);
}
