// The live view of one result: shows the HTML, draws its pictures, says what is computed, lets it be cancelled,
// and hands out files. Nothing is asked of any other machine.
const DIM = 200, CANCEL = 2000, PING = 4000, LOST = 10000, PIECE = 512 * 1024;

function load(address) {
  window.cxlabLoading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.appendChild(script);
  });
  return window.cxlabLoading;
}

function run(code) {
  if (window.cxlabVega) return;
  const script = document.createElement("script");
  script.textContent = code;
  document.head.appendChild(script);
}

function draw(el) {
  if (window.cxlabDraw) window.cxlabDraw(el);
}

function fetchDrawing(model, el) {
  if (window.cxlabVega && window.cxlabDraw) return draw(el);
  if (model.get("served")) return load(model.get("bundle")).then(() => draw(el));
  model.on("msg:custom", (message) => {
    if (message.bundle) { run(message.bundle); draw(el); }
  });
  model.send({ ask: "bundle" });
}

// JupyterLab takes the arrow keys from a focused control unless the control itself says otherwise.
function keepKeys(root) {
  root.querySelectorAll("select, input, textarea").forEach((one) => {
    one.setAttribute("data-lm-suppress-shortcuts", "true");
  });
}

// The widgets' own labels are not tied to text areas, and their folded part is no button: say so for screen readers.
function nameControls(root) {
  root.querySelectorAll(".cx-control").forEach((control) => {
    const label = control.querySelector("label"), field = control.querySelector("select, input, textarea");
    if (label && field && label.textContent.trim()) field.setAttribute("aria-label", label.textContent.trim());
  });
  root.querySelectorAll(".jupyter-widget-Collapse-header").forEach((head) => {
    const open = head.parentNode.classList.contains("jupyter-widget-Collapse-open");
    head.setAttribute("aria-expanded", String(open));
    if (head.tabIndex === 0) return;
    head.setAttribute("role", "button");
    head.tabIndex = 0;
    head.addEventListener("click", () => setTimeout(() => nameControls(root)));
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      head.click();
    });
  });
}

// A click on a mark chooses what it stands for, where a control of that name offers it; keys have the control itself.
function choose(root, event) {
  const box = event.target.closest("[data-chooses]"), mark = event.target.__data__;
  if (!box || !mark || !mark.datum) return;
  const wanted = mark.datum[box.dataset.chooses], name = box.dataset.chooses.replaceAll("_", " ");
  const fields = [...root.querySelectorAll(".cx-control select")];
  const field = fields.find((one) => (one.getAttribute("aria-label") || "").toLowerCase() === name);
  const place = field ? [...field.options].findIndex((one) => one.textContent === wanted) : -1;
  if (place < 0 || field.selectedIndex === place) return;
  field.selectedIndex = place;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  root.cxWanted = box.dataset.chooses;
}

function showWanted(root) {
  const found = root.cxWanted && root.querySelector(`[data-picture="${root.cxWanted}"] svg`);
  if (!found) return;
  root.cxWanted = "";
  found.scrollIntoView({ block: "nearest" });
}

function restyle(text, id) {
  if (!text || document.getElementById(id)) return;
  const style = document.createElement("style");
  style.id = id;
  style.textContent = text;
  document.head.appendChild(style);
}

function make(tag, parent, attributes = {}, text = "") {
  const one = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => one.setAttribute(name, value));
  one.textContent = text;
  if (parent) parent.append(one);
  return one;
}

function button(parent, text, press, kind = "") {
  const one = make("button", parent, { type: "button", class: `cx-button ${kind}` }, text);
  one.addEventListener("click", press);
  return one;
}

function save(name, type, content) {
  const link = make("a", document.body, { download: name });
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function savePicture(figure, kind) {
  const box = [...figure.querySelectorAll(".cx-chart")].find((one) => one.cxView);
  if (!box) return;
  const name = `${figure.dataset.picture}.${kind}`;
  if (kind === "svg") return save(name, "image/svg+xml", await box.cxView.toSVG());
  const canvas = await box.cxView.toCanvas(2);
  canvas.toBlob((blob) => save(name, "image/png", blob));
}

async function copyLink(say) {
  const link = location.href;
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    const field = make("textarea", document.body, { class: "cx-hidden", "aria-label": "Link" });
    field.value = link;
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say("Link copied.");
}

// What the reader is told while the kernel works, and when it does not answer any more.
function watcher(model, el, parts) {
  const { status, spent, cancel, lost, body } = parts;
  let since = 0, asked = 0, timer = null;
  const served = model.get("served");

  function busy(words) {
    body.setAttribute("aria-busy", "true");
    if (!since) { since = Date.now(); timer = setTimeout(() => el.classList.add("cx-computing"), DIM); }
    status.dataset.words = words;
    setTimeout(() => { if (since) status.textContent = status.dataset.words; }, DIM);
  }
  function rest() {
    since = 0;
    clearTimeout(timer);
    body.setAttribute("aria-busy", "false");
    el.classList.remove("cx-computing");
    if (status.textContent === status.dataset.words) status.textContent = "";
    spent.textContent = "";
    cancel.hidden = true;
  }
  function gone(is) {
    lost.hidden = !is;
    lost.classList.toggle("cx-message", is);
    if (is) el.classList.add("cx-computing");
  }
  function alive() {
    asked = 0;
    if (lost.hidden) return;
    gone(false);
    rest();
  }
  function ping() {
    asked ||= Date.now();
    try { model.send({ ask: "alive" }); } catch { /* the connection is gone; the watch below says so */ }
  }
  function watch() {
    if (since && Date.now() - since > CANCEL) {
      spent.textContent = `${Math.round((Date.now() - since) / 1000)} s`;
      cancel.hidden = !lost.hidden;
    }
    if (served && asked && Date.now() - asked > LOST) {
      gone(true);
      cancel.hidden = true;
    }
  }
  const clocks = [setInterval(watch, 500)];
  if (served) clocks.push(setInterval(() => { if (!document.hidden) ping(); }, PING));
  const back = () => { if (!document.hidden) asked = 0; };
  document.addEventListener("visibilitychange", back);
  model.on("msg:custom", (message) => {
    alive();
    if ("alive" in message && !message.busy && !model.get("busy")) rest();
  });
  model.on("change:told change:busy change:html", () => {
    alive();
    if (model.get("busy")) busy(model.get("busy")); else rest();
  });
  if (model.get("busy")) busy(model.get("busy"));
  return { busy, ping, stop: () => { clocks.forEach(clearInterval); document.removeEventListener("visibilitychange", back); } };
}

// The visitor's own table goes to the kernel in pieces; the next leaves when the last has arrived.
function sender(model, say) {
  let file = null;
  model.on("msg:custom", async (message) => {
    if ("refused" in message) { file = null; say(""); }
    if (!("got" in message) || !file) return;
    if (message.got >= file.size) { say(""); file = null; return; }
    say(`Sending your file: ${Math.round(100 * message.got / file.size)}%`);
    const piece = await file.slice(message.got, message.got + PIECE).arrayBuffer();
    model.send({ ask: "piece" }, undefined, [piece]);
  });
  return (chosen) => { file = chosen; model.send({ ask: "begin", name: chosen.name, size: chosen.size }); };
}

function ownData(model, tools, say) {
  const limit = model.get("limit");
  if (!limit) return () => {};
  const part = make("details", tools, { class: "cx-upload" });
  make("summary", part, {}, "Use your own data");
  const text = `CSV or Parquet, up to ${limit} MB. It is read for this visit only and kept nowhere; first you see what is wrong with it.`;
  make("p", part, {}, text);
  const label = make("label", part, {}, "Your table ");
  const field = make("input", label, { type: "file", accept: ".csv,.tsv,.txt,.gz,.parquet,.pq" });
  const send = sender(model, say);
  const refused = make("div", part);
  field.addEventListener("change", () => { refused.innerHTML = ""; if (field.files[0]) send(field.files[0]); });
  model.on("msg:custom", (message) => { if ("refused" in message) { refused.innerHTML = message.refused; field.value = ""; } });
  const back = button(part, "Back to the sample data", () => { field.value = ""; model.send({ ask: "sample" }); });
  const go = button(tools, "Calculate", () => model.send({ ask: "calculate" }), "cx-go");
  tools.prepend(go);
  return () => { go.hidden = model.get("ready"); back.hidden = !model.get("own"); };
}

function toolbox(model, el, say) {
  const tools = make("div", null, { class: "cx-tools" });
  const link = button(tools, "Copy link", () => copyLink(say));
  const part = make("details", tools, { class: "cx-downloads" });
  make("summary", part, {}, "Download");
  const list = make("ul", part);
  const own = ownData(model, tools, say);
  model.on("msg:custom", (message, buffers) => {
    if (!("file" in message)) return;
    if (message.failed) return say(message.failed);
    save(message.file, message.type, buffers[0]);
    say("Saved.");
  });
  function offer(text, press) { button(make("li", list), text, press); }
  function fill() {
    list.replaceChildren();
    const offers = model.get("offers");
    offers.forEach((one) => offer(one.label, () => { say("Preparing the file …"); model.send({ ask: "file", ...one }); }));
    if (offers.length) {
      el.querySelectorAll(".cx-figure").forEach((figure) => {
        const words = figure.dataset.picture.replaceAll("_", " ");
        ["png", "svg"].forEach((kind) => offer(`Picture: ${words} (${kind.toUpperCase()})`, () => savePicture(figure, kind)));
      });
    }
    part.hidden = !offers.length;
    link.hidden = !model.get("served") || Boolean(model.get("own"));
    own();
  }
  return { tools, fill };
}

function frame(el) {
  const state = make("div", el, { class: "cx-state" });
  const status = make("p", state, { class: "cx-status", role: "status" });
  const spent = make("span", state, { class: "cx-spent", "aria-hidden": "true" });
  const cancel = button(state, "Cancel", () => {});
  const lost = make("div", state, { class: "cx-gone", role: "alert" });
  cancel.hidden = lost.hidden = true;
  make("p", lost, {}, "The calculation behind this page does not answer any more. What is shown may not fit the settings; the address keeps them. ");
  button(lost, "Load the page again", () => location.reload());
  const body = make("div", el, { class: "cx-body" });
  return { status, spent, cancel, lost, body };
}

// An app's page comes with its first answer, perhaps already drawn: it moves in here as it is.
function adopt(model, body) {
  const first = model.get("served") && document.querySelector(".cx-first");
  if (!first) return false;
  body.append(...first.querySelector(".cx-body").childNodes);
  first.remove();
  return true;
}

// An answer comes before its pictures: the page keeps their room, so that nothing jumps when they are there.
function heights(body) {
  return new Map([...body.querySelectorAll(".cx-figure")].map((one) => [one.dataset.picture, one.offsetHeight]));
}

function keepRoom(body, before) {
  body.querySelectorAll(".cx-figure:empty").forEach((one) => {
    const height = before.get(one.dataset.picture);
    if (height) one.style.minHeight = `${height}px`;
  });
}

// The same answer with other pictures: everything else stays as it is, what the reader has unfolded too.
function repicture(model, body) {
  if (!model.get("redrawn")) return false;
  const fresh = document.createElement("template");
  fresh.innerHTML = model.get("html");
  const now = [...body.querySelectorAll(".cx-figure")], next = [...fresh.content.querySelectorAll(".cx-figure")];
  if (!now.length || now.length !== next.length) return false;
  now.forEach((figure, place) => figure.replaceWith(next[place]));
  return true;
}

function render({ model, el }) {
  restyle(model.get("style"), "cx-style");
  el.classList.add("cx-view");
  const parts = frame(el), { status, cancel, body } = parts;
  const say = (words) => { status.textContent = words; };
  const watched = watcher(model, el, parts);
  const { tools, fill } = toolbox(model, el, say);
  const small = matchMedia("(max-width:560px)");
  cancel.addEventListener("click", () => { cancel.hidden = true; model.send({ ask: "cancel" }); });

  function show() {
    const open = [...body.querySelectorAll("details")].map((one) => one.open), before = heights(body);
    if (!repicture(model, body) && !adopt(model, body)) body.innerHTML = model.get("html");
    body.querySelectorAll("details").forEach((one, place) => { one.open = Boolean(open[place]); });
    keepRoom(body, before);
    fetchDrawing(model, el);
    fill();
    fit();
  }
  function fit() {
    const missing = small.matches ? ".cx-narrow" : ".cx-wide";
    if (model.get("served") && body.querySelector(".cx-figure") && !body.querySelector(missing)) {
      model.send({ ask: "width", narrow: small.matches });
    }
  }
  function follow() {
    const line = document.getElementById("cx-until");
    if (line) line.textContent = model.get("until");
    const heading = document.querySelector(".cx-app h1");
    if (heading && model.get("title")) heading.textContent = document.title = model.get("title");
    if (model.get("served") && model.get("settled")) {
      history.replaceState(null, "", location.pathname + model.get("address"));
    }
  }
  model.on("change:html", show);
  model.on("change:offers change:own change:ready", fill);
  model.on("change:address change:until change:title change:settled", follow);
  small.addEventListener("change", fit);
  show();
  follow();
  const shown = new ResizeObserver(() => draw(el));
  shown.observe(document.body);
  let root = el, asked = false;
  function place() {
    const settings = root.querySelector(".cx-settings");
    if (settings && tools.parentNode !== settings) settings.append(tools);
    keepKeys(root);
    nameControls(root);
    showWanted(root);
  }
  function soon(event) {
    if (asked || !model.get("served") || !event.target.closest(".cx-settings")) return;
    asked = true;
    model.send({ ask: "soon" });
  }
  function chosen(event) {
    const control = event.target.closest(".cx-control");
    if (!control || !model.get("ready")) return;
    const label = control.querySelector("label");
    watched.busy(`Calculating ${(label ? label.textContent : "").trim().toLowerCase()} …`);
    if (model.get("served")) watched.ping();
  }
  function clicked(event) { choose(root, event); }
  const seen = new MutationObserver(place);
  requestAnimationFrame(() => {
    root = el.closest(".cx-explorer") || el;
    root.addEventListener("change", chosen);
    root.addEventListener("click", clicked);
    root.addEventListener("focusin", soon);
    root.addEventListener("pointerover", soon);
    place();
    seen.observe(root, { childList: true, subtree: true });
  });
  return () => { watched.stop(); seen.disconnect(); shown.disconnect(); root.removeEventListener("change", chosen);
    root.removeEventListener("click", clicked);
    root.removeEventListener("focusin", soon); root.removeEventListener("pointerover", soon); };
}

export default { render };
