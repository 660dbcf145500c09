// Tables sort by a click on a column's title and long ones can be searched; without this script they are plain tables.
(function () {
  if (window.cxlabTables) return;
  const LONG = 14, ORDERS = ["none", "ascending", "descending"];

  function number(text) {
    const plain = text.replace(/[\u00a0\u202f\s]/g, " ").replace(/,(?=\d{3})/g, "").replace(/\u2212/g, "-");
    const found = plain.match(/^[<>+€$£ ]*(-?[€$£]?\d+(\.\d+)?)/);
    return found ? Number(found[1].replace(/[€$£]/, "")) : NaN;
  }

  // A period such as 2026 Q1 or 2026-03-01 sorts as text, which is its order in time.
  function periods(texts) { return texts.some((text) => /^(19|20)\d\d( \D|-)/.test(text)); }

  function compare(texts) {
    const filled = texts.filter((text) => text && text !== "–");
    const numbers = filled.filter((text) => !isNaN(number(text))).length;
    if (numbers > filled.length / 2 && !periods(filled)) {
      return (a, b) => (isNaN(number(a)) ? -Infinity : number(a)) - (isNaN(number(b)) ? -Infinity : number(b)) || 0;
    }
    return (a, b) => a.localeCompare(b, undefined, { numeric: true });
  }

  function sort(table, rows, place, order) {
    const text = (row) => row.cells[place] ? row.cells[place].textContent.trim() : "";
    const empty = (row) => (["", "–"].includes(text(row)) ? 1 : 0);
    const by = compare(rows.map(text)), sign = order === "descending" ? -1 : 1;
    const sorted = order === "none" ? rows
      : [...rows].sort((a, b) => empty(a) - empty(b) || sign * by(text(a), text(b)));
    table.tBodies[0].append(...sorted);
  }

  function sortable(table, rows) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cx-sort";
      button.setAttribute("data-lm-suppress-shortcuts", "true");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = ORDERS[(ORDERS.indexOf(head.getAttribute("aria-sort") || "none") + 1) % 3];
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        sort(table, rows, place, next);
      });
    });
  }

  function searchable(table, rows) {
    const line = document.createElement("p"), box = document.createElement("input"), told = document.createElement("span");
    line.className = "cx-tablesearch";
    box.type = "search";
    box.placeholder = "Search this table";
    box.setAttribute("aria-label", "Search: " + (table.caption ? table.caption.textContent : "table"));
    box.setAttribute("data-lm-suppress-shortcuts", "true");
    told.setAttribute("role", "status");
    line.append(box, told);
    const frame = table.closest(".cx-scroll") || table;
    frame.parentNode.insertBefore(line, frame);
    box.addEventListener("input", () => {
      const words = box.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLocaleLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        left += row.hidden ? 0 : 1;
      });
      told.textContent = words.length ? left.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows" : "";
    });
  }

  function enliven(table) {
    table.dataset.sorts = "yes";
    if (!table.tHead || !table.tBodies.length || table.tBodies[0].rows.length < 2) return;
    const rows = [...table.tBodies[0].rows];
    sortable(table, rows);
    if (rows.length > LONG) searchable(table, rows);
  }

  window.cxlabTables = function (root) {
    (root || document).querySelectorAll(".cx-result table:not([data-sorts])").forEach(enliven);
  };
  let waiting = false;
  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; window.cxlabTables(document); });
  }
  function start() {
    window.cxlabTables(document);
    new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
