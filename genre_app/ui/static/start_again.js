// A button in a message starts the analysis of the track in the box again.
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-again]")) trigger("submit");
});
