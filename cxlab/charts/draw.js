// Draws each chart box from its specification; a still picture stays until its chart is ready.
(function () {
  function fail(box) {
    if (box.querySelector("img") || box.querySelector(".cx-failed")) return;
    const note = document.createElement("p");
    note.className = "cx-failed";
    note.textContent = "This picture could not be drawn; its numbers are in the table below.";
    box.appendChild(note);
  }
  function drawBox(box) {
    if (box.dataset.drawn || box.offsetParent === null || !window.cxlabVega) return;
    box.dataset.drawn = "yes";
    const spec = JSON.parse(box.querySelector("script.cx-spec").textContent);
    const target = document.createElement("div");
    target.style.display = "none";
    target.setAttribute("aria-hidden", "true"); // the box bears the words
    box.appendChild(target);
    window.cxlabVega(target, spec, { renderer: "svg", actions: false, ast: true, mode: "vega-lite" }).then(
      function (drawn) {
        box.cxView = drawn.view;
        const still = box.querySelector("img");
        if (still) still.remove();
        target.style.display = "";
        box.dataset.drawn = "done";
      },
      function (error) { console.warn(String(error)); target.remove(); fail(box); }
    );
  }
  window.cxlabDraw = function (root) {
    const part = root || document;
    part.querySelectorAll(".cx-narrow.cx-chart").forEach(drawBox); // where they are wanted, the wide ones then hide
    part.querySelectorAll(".cx-chart").forEach(drawBox);
  };
  function all() { window.cxlabDraw(document); }
  window.addEventListener("cxlab-vega", all);
  window.addEventListener("resize", all);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all); else all();
})();
