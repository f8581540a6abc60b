// The table of tracks: a click on a row's button opens that row.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-open]");
  if (button) trigger("select", { key: button.dataset.open });
});
