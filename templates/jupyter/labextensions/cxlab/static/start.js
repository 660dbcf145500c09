// The start page of `cxlab lab`, and a tile in the launcher for each study and each analysis. JupyterLab loads this file as
// it is; what it needs of JupyterLab comes from the modules that JupyterLab shares, so that nothing has to be built.
(function () {
  let shared = null;
  async function module(name) {
    const versions = shared[name];
    return (await versions[Object.keys(versions)[0]].get())();
  }

  const ICON = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">' +
    '<g class="jp-icon3" fill="#616161"><path d="M4 20V9h4v11zM10 20V4h4v16zM16 20v-7h4v7z"/></g></svg>';
  const STYLE = `
    .cx-start { overflow: auto; padding: 24px 32px; color: var(--jp-ui-font-color1); font-size: 14px; line-height: 1.45; }
    .cx-start h1 { font-size: 24px; margin: 0 0 4px; } .cx-start h2 { font-size: 17px; margin: 28px 0 10px; }
    .cx-start p { margin: 0 0 10px; max-width: 70ch; }
    .cx-start ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 14px; list-style: none;
      margin: 0; padding: 0; }
    .cx-start li { border: 1px solid var(--jp-border-color1); border-radius: 6px; padding: 14px 16px; display: flex;
      flex-direction: column; }
    .cx-start h3 { font-size: 15px; margin: 0 0 4px; } .cx-start li p { flex: 1; }
    .cx-start button { font: inherit; color: var(--jp-ui-font-color1); background: var(--jp-layout-color1); cursor: pointer;
      border: 1px solid var(--jp-border-color0); border-radius: 4px; padding: 4px 10px; margin: 0 8px 4px 0; }
    .cx-start button:hover { background: var(--jp-layout-color2); }
    .cx-start button:focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }`;

  function element(name, text, inside) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    (inside || []).forEach((one) => made.append(one));
    return made;
  }

  function button(text, label, act) {
    const made = element("button", text);
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }

  function plugin(lab) {
    const { ServerConnection } = lab.services;

    async function ask(app, path, body) {
      const settings = app.serviceManager.serverSettings;
      const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
      const answer = await ServerConnection.makeRequest(settings.baseUrl + "cxlab/" + path, init, settings);
      const content = await answer.json();
      if (!answer.ok) throw new Error(content.message || answer.statusText);
      return content;
    }

    async function open(app, path) {
      const factory = path.endsWith(".md") ? { factory: "Markdown Preview" } : {};
      await app.commands.execute("docmanager:open", { path, ...factory });
    }

    // A copy of the analysis's notebook in the folder that is open; one that is there already is opened as it is.
    async function begin(app, name) {
      const { contents } = app.serviceManager, path = name + ".ipynb";
      const known = await contents.get(path, { content: false }).then(() => true, () => false);
      if (!known) {
        await contents.save(path, { type: "notebook", format: "json", content: await ask(app, "notebook/" + name) });
      }
      await open(app, path);
    }

    async function found(app, one) {
      const { InputDialog, showErrorMessage } = lab.apputils;
      const named = await InputDialog.getText({
        title: "New study: " + one.question, label: "Name of its folder, such as " + one.name.replaceAll("_", "-") + "-1",
        okLabel: "Make the study",
      });
      if (!named.button.accept || !named.value) return;
      try {
        const made = await ask(app, "start", { name: named.value, analysis: one.name });
        await open(app, made.path);
      } catch (error) {
        await showErrorMessage("The study was not made", error.message);
      }
    }

    function studyCard(app, study) {
      const links = [[study.path, "Notebook"], ...study.notes.map((path) => [path, path.split("/").pop()])];
      const buttons = links.map(([path, text]) => button(text, text + ": " + study.title, () => open(app, path)));
      return element("li", "", [element("h3", study.title), element("p", study.scope), element("div", "", buttons)]);
    }

    function analysisCard(app, one) {
      const buttons = [
        button("Try it on the sample", "Try it on the sample: " + one.question, () => begin(app, one.name)),
        button("New study …", "New study: " + one.question, () => found(app, one)),
      ];
      return element("li", "", [element("h3", one.question), element("p", one.description), element("div", "", buttons)]);
    }

    function fill(app, node, home) {
      const parts = [element("style", STYLE), element("h1", "What do you want to know?"),
        element("p", "Run a notebook with Run, Run All Cells: the answer comes first, its controls stand below it.")];
      if (home.problem) parts.push(element("p", home.problem));
      if (home.studies.length) {
        parts.push(element("h2", "Your studies"));
        parts.push(element("ul", "", home.studies.map((study) => studyCard(app, study))));
      }
      parts.push(element("h2", "Begin with a question"));
      parts.push(element("ul", "", home.analyses.map((one) => analysisCard(app, one))));
      node.replaceChildren(...parts);
    }

    function show(app) {
      const content = new lab.widgets.Widget();
      content.addClass("cx-start");
      content.node.setAttribute("role", "main");
      const widget = new lab.apputils.MainAreaWidget({ content });
      widget.id = "cxlab-start";
      widget.title.label = "Start";
      widget.title.icon = lab.icon;
      widget.title.closable = true;
      const refill = () => ask(app, "start").then((home) => fill(app, content.node, home));
      app.shell.currentChanged && app.shell.currentChanged.connect(() => {
        if (app.shell.currentWidget === widget) refill();
      });
      app.shell.add(widget, "main");
      app.shell.activateById(widget.id);
      return refill();
    }

    function commands(app) {
      const label = (args) => args.title || "Start page";
      const add = (id, execute) => app.commands.addCommand(id, { label, caption: label, icon: lab.icon, execute });
      add("cxlab:start", () => {
        const there = [...app.shell.widgets("main")].find((one) => one.id === "cxlab-start");
        return there ? app.shell.activateById(there.id) : show(app);
      });
      add("cxlab:open", (args) => open(app, args.path));
      add("cxlab:begin", (args) => begin(app, args.name));
    }

    // The category "Notebook" stands first; its tiles take their picture by address.
    function tiles(launcher, home) {
      const tile = (command, args, rank) => launcher.add({
        command, args, rank, category: "Notebook", kernelIconUrl: "data:image/svg+xml," + encodeURIComponent(ICON),
      });
      tile("cxlab:start", {}, 1);
      home.studies.forEach((one, place) => tile("cxlab:open", { title: one.title, path: one.path }, 10 + place));
      home.analyses.forEach((one, place) => tile("cxlab:begin", { title: one.question, name: one.name }, 1000 + place));
    }

    async function activate(app, launcher, palette) {
      commands(app);
      if (palette) palette.addItem({ command: "cxlab:start", category: "Customer experience" });
      ask(app, "start").then((home) => launcher && tiles(launcher, home));
      await app.restored;
      const others = [...app.shell.widgets("main")].filter((one) => !String(one.id).startsWith("launcher"));
      if (!others.length) await app.commands.execute("cxlab:start");
    }

    const optional = [lab.launcher.ILauncher, lab.apputils.ICommandPalette];
    return { id: "cxlab:start", description: "Start page and tiles.", autoStart: true, optional,
      activate: (app, launcher, palette) => { activate(app, launcher, palette); } };
  }

  async function extension() {
    const names = { services: "@jupyterlab/services", apputils: "@jupyterlab/apputils", launcher: "@jupyterlab/launcher",
      components: "@jupyterlab/ui-components", widgets: "@lumino/widgets" };
    const loaded = await Promise.all(Object.entries(names).map(async ([key, name]) => [key, await module(name)]));
    const lab = Object.fromEntries(loaded);
    lab.icon = new lab.components.LabIcon({ name: "cxlab:analysis", svgstr: ICON });
    return () => ({ __esModule: true, default: plugin(lab) });
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.cxlab = { init: (scope) => { shared = scope; }, get: extension };
})();
