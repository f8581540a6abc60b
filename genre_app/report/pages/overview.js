"use strict";
// The table of an overview. Its rows are data, of which one page at a time is drawn: a browser would take a minute to lay out
// twenty thousand. Sorting, search and the filter by answer work on all of them.
{
  const ROWS_A_PAGE = 100;
  const LEAST_WIDTHS_REM = { name: 11, answer: 9.5, number: 5.7, text: 6, note: 9.5, links: 7.4 };
  const BESIDE_TABLE_REM = 4.5; // margins, a scroll bar, and a title that is wider than its column
  const byId = (id) => document.getElementById(id);
  const { columns, rows } = JSON.parse(byId("data").textContent);
  const [table, pages, search, answers] = ["tracks", "pages", "search", "answers"].map(byId);
  const [previous, next] = pages.querySelectorAll("button");
  const pageInput = pages.querySelector("input");
  const used = columns.map((column, i) => ({ ...column, i })).filter((column) => column.used);
  const answerIndex = columns.findIndex((column) => column.kind === "answer");
  const nameIndex = columns.findIndex((column) => column.kind === "name");

  const order = new Intl.Collator(undefined, { numeric: true });
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null; // of each row, what is searched in
  let sorted = rows.map((_, i) => i); // the rows, by their numbers, in their order
  let shown = sorted; // those that are not filtered out
  let page = 0;

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const CONTENTS = {
    name: ([name, href]) => [href ? element("a", { href }, name) : name],
    answer: ([name, colour]) => {
      const swatch = element("span", { className: "swatch" });
      swatch.style.setProperty("--genre", colour);
      return [swatch, name];
    },
    number: ([, text]) => [text],
    text: (text) => [text],
    note: (text) => [text],
    links: (links, row) => links.map(([name, href]) => element("a", { href, ariaLabel: `${name} of ${row[nameIndex][0]}` }, name)),
  };
  // In a narrow window what does not lead is below what does, with its title.
  const classOf = ({ kind, leads }) => `${kind}-cell${leads ? "" : " below"}`;
  const drawCell = (row, column) => {
    const [tag, properties] = column.i === nameIndex ? ["th", { scope: "row", role: "rowheader" }] : ["td", { role: "cell" }];
    const cell = element(tag, { className: classOf(column), ...properties });
    cell.dataset.title = column.title;
    if (row[column.i]) cell.append(...CONTENTS[column.kind](row[column.i], row));
    return cell;
  };
  const drawRow = (row) => element("tr", { role: "row" }, ...used.map((column) => drawCell(row, column)));

  const draw = () => {
    const nPages = Math.max(1, Math.ceil(shown.length / ROWS_A_PAGE));
    page = Math.min(Math.max(page, 0), nPages - 1);
    const part = shown.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE);
    table.tBodies[0].replaceChildren(...part.map((i) => drawRow(rows[i])));
    pages.hidden = nPages === 1;
    pageInput.max = nPages;
    pageInput.value = page + 1;
    pages.querySelector("span").textContent = `of ${nPages.toLocaleString("en")}`;
    previous.disabled = page === 0;
    next.disabled = page === nPages - 1;
  };

  const isText = (cell) => typeof cell === "string";
  // Of a cell in several parts the first text is what is shown: no colours, no addresses.
  const textOf = (row) => folded(row.map((cell) => (isText(cell) ? cell : cell?.find(isText) ?? "")).join(" "));
  const choose = () => {
    const wanted = folded(search.value.trim());
    const answer = answers.value;
    if (wanted) texts ??= rows.map(textOf);
    shown = sorted.filter((i) => (!answer || rows[i][answerIndex][0] === answer) && (!wanted || texts[i].includes(wanted)));
    const [n, total] = [shown.length, rows.length].map((count) => count.toLocaleString("en"));
    byId("shown").textContent = answer || wanted ? `${n} of ${total} tracks` : "";
    page = 0;
    draw();
  };

  // What has no value comes last in either direction.
  const valueOf = (i, column) => (isText(rows[i][column]) ? rows[i][column] : rows[i][column]?.[0]);
  const compare = (one, other) => (isText(one) ? order.compare(one, other) : one - other);
  const sortBy = (header, { i: column, kind }) => {
    const first = kind === "number" ? "descending" : "ascending"; // the largest first
    const second = first === "ascending" ? "descending" : "ascending";
    const direction = header.ariaSort === first ? second : first;
    for (const other of header.parentElement.cells) other.ariaSort = null;
    header.ariaSort = direction;
    const sign = direction === "ascending" ? 1 : -1;
    const keyed = sorted.map((i) => [valueOf(i, column), i]);
    keyed.sort(([one], [other]) => (one == null || other == null ? (one == null) - (other == null) : sign * compare(one, other)));
    sorted = keyed.map(([, i]) => i);
    choose();
  };

  for (const column of used) {
    const isSorted = !["note", "links"].includes(column.kind);
    const button = element("button", { type: "button" }, column.title);
    const header = element("th", { scope: "col", role: "columnheader", className: classOf(column) }, isSorted ? button : column.title);
    if (column.kind === "name") header.ariaSort = "ascending"; // the order of the data
    header.style.setProperty("--least-width", `${LEAST_WIDTHS_REM[column.kind]}rem`);
    button.addEventListener("click", () => sortBy(header, column));
    table.tHead.rows[0].append(header);
  }
  const leastWidthRem = used.reduce((sum, { kind }) => sum + LEAST_WIDTHS_REM[kind], BESIDE_TABLE_REM);
  const tooNarrow = matchMedia(`(width < ${leastWidthRem}rem)`);
  const fit = () => table.classList.toggle("narrow", tooNarrow.matches);
  tooNarrow.addEventListener("change", fit);
  fit();

  const turnTo = (wanted) => {
    page = wanted;
    draw();
    table.scrollIntoView({ block: "start" });
  };
  search.addEventListener("input", choose);
  answers.addEventListener("change", choose);
  previous.addEventListener("click", () => turnTo(page - 1));
  next.addEventListener("click", () => turnTo(page + 1));
  pageInput.addEventListener("change", () => turnTo((Number(pageInput.value) || 1) - 1));
  byId("drawn").hidden = false;
  draw();
}
