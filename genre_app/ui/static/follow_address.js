// Runs in the link to the result: the page's own address follows it, so that reloading, Back and bookmarks bring the result
// back. Parameters of the address that are not the result's stay.

watch("value", () => {
  const address = new URL(location.href);
  for (const key of __PARAMETERS__) address.searchParams.delete(key);
  const link = element.querySelector("input")?.value;
  if (link) for (const [key, value] of new URL(link).searchParams) address.searchParams.set(key, value);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
});
