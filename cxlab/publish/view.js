// The live view of one result: shows the HTML, draws its pictures, dims while the next answer is computed.
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

function restyle(text, id) {
  if (!text || document.getElementById(id)) return;
  const style = document.createElement("style");
  style.id = id;
  style.textContent = text;
  document.head.appendChild(style);
}

function render({ model, el }) {
  restyle(model.get("style"), "cx-style");
  el.classList.add("cx-view");
  const status = document.createElement("p");
  status.className = "cx-status";
  status.setAttribute("role", "status");
  const body = document.createElement("div");
  body.className = "cx-body";
  el.append(status, body);
  let timer = null;

  function show() {
    const open = [...body.querySelectorAll("details")].map((one) => one.open);
    body.innerHTML = model.get("html");
    body.querySelectorAll("details").forEach((one, place) => { one.open = Boolean(open[place]); });
    fetchDrawing(model, el);
  }
  function wait() {
    clearTimeout(timer);
    const words = model.get("busy");
    body.setAttribute("aria-busy", words ? "true" : "false");
    if (!words) { status.textContent = ""; el.classList.remove("cx-computing"); return; }
    timer = setTimeout(() => { status.textContent = words; el.classList.add("cx-computing"); }, 150);
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
  model.on("change:busy", wait);
  model.on("change:address change:until change:title change:settled", follow);
  show();
  wait();
  follow();
  const shown = new ResizeObserver(() => draw(el));
  shown.observe(document.body);
  const seen = new MutationObserver(() => keepKeys(el.closest(".cx-explorer") || el));
  requestAnimationFrame(() => {
    const root = el.closest(".cx-explorer") || el;
    keepKeys(root);
    seen.observe(root, { childList: true, subtree: true });
  });
  return () => { clearTimeout(timer); seen.disconnect(); shown.disconnect(); };
}

export default { render };
