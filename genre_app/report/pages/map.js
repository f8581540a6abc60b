"use strict";
{
  const map = JSON.parse(document.getElementById("map-data").textContent);
  const box = document.getElementById("map");
  const canvas = box.querySelector("canvas");
  const tip = document.getElementById("map-name");
  const panel = document.getElementById("map-track");
  const pen = canvas.getContext("2d");
  const SPAN = 20000; // of the data's grid
  const CELLS = 64; // the grid that dots are looked up in, either way
  const MARGIN = 24, REACH = 14, SPOT = 2, // in pixels; dots as close as SPOT cover each other
    MOST_LISTED = 100, NEAREST_VIEW = 1, FARTHEST_VIEW = 60;
  const view = {zoom: 1, x: SPAN / 2, y: SPAN / 2};
  let hovered = -1, chosen = -1, only = -1;

  // Colour is not the only sign: each answer has a shape, too. Points are of a circle of radius 1.
  const polygon = (n, turn) => Array.from({length: n}, (_, i) => {
    const angle = 2 * Math.PI * i / n + turn;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const star = (n, inner, turn) => polygon(2 * n, turn).map(([x, y], i) => i % 2 ? [inner * x, inner * y] : [x, y]);
  const SHAPES = [
    polygon(24, 0), polygon(4, Math.PI / 4), polygon(3, -Math.PI / 2), polygon(4, 0), polygon(3, Math.PI / 2),
    star(5, 0.45, -Math.PI / 2), polygon(6, 0), star(4, 0.35, Math.PI / 4), star(4, 0.35, 0), polygon(3, Math.PI),
    polygon(3, 0), star(3, 0.3, -Math.PI / 2), star(6, 0.5, 0), polygon(5, -Math.PI / 2), polygon(5, Math.PI / 2), star(3, 0.3, Math.PI / 2),
  ];
  const trace = (target, shape, x, y, radius) => {
    shape.forEach(([dx, dy], i) => target[i ? "lineTo" : "moveTo"](x + radius * dx, y + radius * dy));
    target.closePath();
  };

  const byAnswer = map.legend.map(() => []);
  const cells = Array.from({length: CELLS * CELLS}, () => []);
  const cellOf = (place) => Math.min(CELLS - 1, Math.max(0, Math.floor(place * CELLS / (SPAN + 1))));
  map.x.forEach((x, i) => {
    byAnswer[map.answers[i]].push(i);
    cells[cellOf(map.y[i]) * CELLS + cellOf(x)].push(i);
  });

  // From the data's grid to pixels, and back.
  const spanOf = (places) => places.reduce(([low, high], place) => [Math.min(low, place), Math.max(high, place)], [SPAN, 0]);
  const [left, right] = spanOf(map.x), [top, bottom] = spanOf(map.y);
  const scale = () => view.zoom * Math.max(1e-4, Math.min(
    (box.clientWidth - 2 * MARGIN) / Math.max(1, right - left), (box.clientHeight - 2 * MARGIN) / Math.max(1, bottom - top)));
  const across = (x) => (x - view.x) * scale() + box.clientWidth / 2;
  const down = (y) => (y - view.y) * scale() + box.clientHeight / 2;
  const isShown = (i) => only < 0 || map.answers[i] === only;

  const styleOf = (property) => getComputedStyle(document.documentElement).getPropertyValue(property);
  const answerOf = (i) => map.legend[map.answers[i]][0];
  const count = (n) => n.toLocaleString("en");
  const colourOf = (answer) => map.legend[answer][1] || styleOf("--subdued");
  const draw = () => {
    const ratio = devicePixelRatio || 1, width = box.clientWidth, height = box.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const size = scale(), fromLeft = width / 2 - view.x * size, fromTop = height / 2 - view.y * size;
    const radius = Math.min(9, Math.max(2, 40 / Math.sqrt(map.x.length)) * Math.sqrt(view.zoom) + 2);
    // The last ones, which are no genre and grey, lie below: they must not hide the others.
    for (let answer = byAnswer.length - 1; answer >= 0; answer--) {
      pen.beginPath();
      for (const i of byAnswer[answer]) {
        const x = map.x[i] * size + fromLeft, y = map.y[i] * size + fromTop;
        if (x > -radius && y > -radius && x < width + radius && y < height + radius) trace(pen, SHAPES[answer % SHAPES.length], x, y, radius);
      }
      pen.globalAlpha = only < 0 || only === answer ? 0.85 : 0.12;
      pen.fillStyle = colourOf(answer);
      pen.fill();
    }
    pen.globalAlpha = 1;
    for (const [i, line] of [[hovered, 2], [chosen, 3]]) {
      if (i < 0) continue;
      pen.beginPath();
      pen.arc(across(map.x[i]), down(map.y[i]), radius + 4, 0, 2 * Math.PI);
      pen.lineWidth = line;
      pen.strokeStyle = styleOf("--text");
      pen.stroke();
    }
    box.classList.toggle("zoomed", view.zoom > 1);
    name(hovered >= 0 ? hovered : chosen);
  };
  let isWaiting = false;
  const redraw = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; draw(); });
  };

  const name = (i) => {
    const x = i < 0 ? -1 : across(map.x[i]), y = i < 0 ? -1 : down(map.y[i]);
    tip.hidden = x < 0 || y < 0 || x > box.clientWidth || y > box.clientHeight;
    if (tip.hidden) return;
    const nOthers = spotOf(i).length - 1;
    tip.textContent = `${map.names[i]}: ${answerOf(i)}${nOthers ? `; ${count(nOthers)} more on this spot` : ""}`;
    tip.style.left = `${Math.max(4, Math.min(x + 14, box.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 14 + tip.offsetHeight < box.clientHeight ? y + 14 : y - 14 - tip.offsetHeight}px`;
  };

  // Visits the dots within reach of a place, all on the grid; the cells around the place hold them.
  const forEachNear = (x, y, reach, visit) => {
    for (let row = cellOf(y - reach); row <= cellOf(y + reach); row++) {
      for (let column = cellOf(x - reach); column <= cellOf(x + reach); column++) {
        for (const i of cells[row * CELLS + column]) {
          const square = (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
          if (square <= reach * reach && isShown(i)) visit(i, square);
        }
      }
    }
  };
  const dotAt = (x, y) => {
    const size = scale();
    let found = -1, least = Infinity;
    forEachNear((x - box.clientWidth / 2) / size + view.x, (y - box.clientHeight / 2) / size + view.y, REACH / size, (i, square) => {
      if (square < least) { least = square; found = i; }
    });
    return found;
  };
  // The dots that lie where one does, itself among them, in the order of their names.
  const spotOf = (dot) => {
    const found = [dot]; // even if it is not shown
    forEachNear(map.x[dot], map.y[dot], SPOT / scale(), (i) => { if (i !== dot) found.push(i); });
    return found.sort((one, other) => one - other);
  };

  const addressOf = (i) => map.links[i] ? `./${map.names[i].split("/").map(encodeURIComponent).join("/")}${map.endings[map.links[i]]}` : "";
  const open = (i) => { if (i >= 0 && map.links[i]) location.href = addressOf(i); };
  const element = (kind, text, more = {}) => Object.assign(document.createElement(kind), {textContent: text}, more);
  const listOf = (kind, heading, tracks) => {
    const list = element(kind, "");
    for (const i of tracks.slice(0, MOST_LISTED)) {
      const item = element("li", "");
      item.append(element("button", map.names[i], {type: "button", ariaCurrent: i === chosen ? "true" : null, onclick: () => choose(i, true)}), `: ${answerOf(i)}`);
      list.append(item);
    }
    if (tracks.length > MOST_LISTED) list.append(element("li", `and ${count(tracks.length - MOST_LISTED)} more, which the table lists`));
    return tracks.length ? [element("p", heading, {className: "subdued"}), list] : [];
  };
  const choose = (i, isCentred = false) => {
    chosen = i;
    if (isCentred && (view.zoom > 1)) [view.x, view.y] = [map.x[i], map.y[i]];
    const title = element("p", "");
    title.append(map.links[i] ? element("a", map.names[i], {href: addressOf(i)}) : element("strong", map.names[i]), `: ${answerOf(i)}`);
    const spot = spotOf(i), hasFocus = panel.contains(document.activeElement);
    const here = spot.length > 1 ? listOf("ul", `${count(spot.length)} tracks lie on this spot:`, spot) : [];
    panel.replaceChildren(title, ...here, ...listOf("ol", "Sounds most like it:", map.neighbours[i]));
    // The button that was pressed is gone: who goes through a list with the keyboard goes on from here.
    if (hasFocus) (panel.querySelector("[aria-current]") ?? panel).focus({preventScroll: true});
    redraw();
  };

  const zoomBy = (factor, x = box.clientWidth / 2, y = box.clientHeight / 2) => {
    const before = scale();
    view.zoom = Math.min(FARTHEST_VIEW, Math.max(NEAREST_VIEW, view.zoom * factor));
    // What lies below the pointer stays there.
    const shift = 1 / before - 1 / scale();
    move((x - box.clientWidth / 2) * shift * scale(), (y - box.clientHeight / 2) * shift * scale());
  };
  const move = (right, below) => {
    view.x = Math.min(SPAN, Math.max(0, view.x + right / scale()));
    view.y = Math.min(SPAN, Math.max(0, view.y + below / scale()));
    redraw();
  };
  const showAll = () => { Object.assign(view, {zoom: 1, x: SPAN / 2, y: SPAN / 2}); redraw(); };

{% include "map_input.js" %}
}
