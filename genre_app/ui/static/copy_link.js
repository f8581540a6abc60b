async () => {
  // Copies the result's address; where the browser forbids the clipboard, selects it instead.
  const box = document.querySelector("#link input");
  try {
    await navigator.clipboard.writeText(box.value);
    return "Copied";
  } catch {
    box.focus();
    box.select();
    return "Press Ctrl+C to copy";
  }
}
