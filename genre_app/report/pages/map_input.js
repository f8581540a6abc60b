  // Mouse and fingers: one drags, two zoom; what hardly moved is a click.
  const fingers = new Map();
  let travelled = 0;
  const placeOf = (event) => {
    const frame = box.getBoundingClientRect();
    return [event.clientX - frame.left - box.clientLeft, event.clientY - frame.top - box.clientTop];
  };
  box.addEventListener("pointerdown", (event) => {
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, placeOf(event));
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    const [x, y] = placeOf(event);
    const last = fingers.get(event.pointerId);
    if (!last) {
      const found = dotAt(x, y);
      if (found !== hovered) { hovered = found; box.style.cursor = found < 0 ? "" : "pointer"; redraw(); }
      return;
    }
    travelled += Math.abs(x - last[0]) + Math.abs(y - last[1]);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const span = ([fromX, fromY]) => Math.max(1, Math.hypot(fromX - other[0], fromY - other[1]));
      zoomBy(span([x, y]) / span(last), (x + other[0]) / 2, (y + other[1]) / 2);
    } else {
      move(last[0] - x, last[1] - y);
    }
    fingers.set(event.pointerId, [x, y]);
  });
  const lift = (event) => {
    const isClick = event.type === "pointerup" && fingers.size === 1 && travelled < 8;
    fingers.delete(event.pointerId);
    if (!isClick) return;
    const found = dotAt(...placeOf(event));
    if (found < 0) return;
    // A finger cannot point before it clicks: its first touch says what is there. Which of several is meant, no click says.
    const isKnown = event.pointerType === "mouse" || found === chosen;
    choose(found);
    if (isKnown && spotOf(found).length === 1) open(found);
  };
  box.addEventListener("pointerup", lift);
  box.addEventListener("pointercancel", lift);
  box.addEventListener("pointerleave", () => { if (hovered >= 0) { hovered = -1; redraw(); } });
  // Before a click on the map, or without Ctrl, the wheel scrolls the page.
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== box) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...placeOf(event));
  }, {passive: false});

  // The nearest dot in a direction; those to the side count as farther away.
  const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const step = ([right, below]) => {
    if (chosen < 0) return choose(dotNearestTo(view.x, view.y));
    let found = chosen, least = Infinity;
    map.x.forEach((x, i) => {
      const along = (x - map.x[chosen]) * right + (map.y[i] - map.y[chosen]) * below;
      const aside = Math.abs((x - map.x[chosen]) * below) + Math.abs((map.y[i] - map.y[chosen]) * right);
      if (i !== chosen && along > 0 && along + 2 * aside < least && isShown(i)) { least = along + 2 * aside; found = i; }
    });
    choose(found, true);
  };
  const dotNearestTo = (toX, toY) => {
    let found = 0, least = Infinity;
    map.x.forEach((x, i) => {
      const square = (x - toX) ** 2 + (map.y[i] - toY) ** 2;
      if (square < least && isShown(i)) { least = square; found = i; }
    });
    return found;
  };
  const KEYS = {"+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), "0": showAll, Enter: () => open(chosen)};
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow && !KEYS[event.key]) return;
    event.preventDefault();
    if (arrow) step(arrow); else KEYS[event.key]();
  });

  document.getElementById("map-in").addEventListener("click", () => zoomBy(1.5));
  document.getElementById("map-out").addEventListener("click", () => zoomBy(1 / 1.5));
  document.getElementById("map-all").addEventListener("click", showAll);
  const field = document.getElementById("map-find");
  // Typing chooses the first track with the text in its name, Enter the next one.
  const find = (from) => {
    const wanted = field.value.trim().toLocaleLowerCase();
    if (!wanted) return;
    for (let offset = 0; offset < map.names.length; offset++) {
      const i = (from + offset) % map.names.length;
      if (map.names[i].toLocaleLowerCase().includes(wanted)) return choose(i, true);
    }
    panel.replaceChildren(element("p", "No track on the map has this in its name.", {className: "subdued"}));
  };
  field.addEventListener("input", () => find(0));
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") find(chosen + 1); });

  const legend = document.getElementById("map-legend");
  const signs = [];
  const drawSigns = () => signs.forEach((sign, index) => {
    const ink = sign.getContext("2d");
    ink.clearRect(0, 0, sign.width, sign.height);
    ink.beginPath();
    trace(ink, SHAPES[index % SHAPES.length], 14, 14, 12);
    ink.fillStyle = colourOf(index);
    ink.fill();
  });
  map.legend.forEach(([answer], index) => {
    const sign = Object.assign(document.createElement("canvas"), {width: 28, height: 28});
    signs.push(sign);
    const button = element("button", "", {type: "button"});
    button.setAttribute("aria-pressed", "false");
    button.append(sign, `${answer} (${byAnswer[index].length})`);
    button.addEventListener("click", () => {
      only = only === index ? -1 : index;
      for (const [place, other] of legend.querySelectorAll("button").entries()) other.setAttribute("aria-pressed", String(place === only));
      redraw();
    });
    const item = document.createElement("li");
    item.append(button);
    legend.append(item);
  });
  new ResizeObserver(redraw).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawSigns(); redraw(); });
  drawSigns();
  redraw();
