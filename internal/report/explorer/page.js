// The page: the controls' settings go to the program, draw.js and surface.js draw its answers, and walk.js lets the points go.
"use strict";
const page = (() => {
  const root = document.documentElement;
  const names = ["A", "B", "C"], first = [[0.2, 0.25], [0.8, 0.8], [0.6, 0.4]]; // the paper's
  const points = first.map(p => [...p]); // s_n, s_p of where A, B and C start
  const plain = {negatives: 1, others: 0.3, low: 0};
  const opening = document.querySelectorAll("#presets button")[2].dataset.setting;
  let sides = [], view;

  const fail = reason => { // the stills remain
    root.className = "";
    $("status").textContent = `The explorer does not run here (${reason}). Below are stills of three losses.`;
  };

  const low = () => Number($("low").value);
  const clamp = x => Number(Math.min(1, Math.max(low(), x)).toFixed(3));
  const active = () => sides.filter((_, i) => i === 0 || $("two").checked);
  const shared = () => ({negatives: Number($("negatives").value), others: Number($("others").value), low: low()});
  const complain = (side, words) => {
    side.the("complaint").hidden = !words;
    side.the("complaint").textContent = words || "";
  };

  // A grid is as fine while the reader moves something as at rest, unless answers take too long: most of an answer is the building of
  // the graph, whatever the grid. Each loss and crowd has a level of its own.
  const grids = [65, 49, 33, 25, 17, 13, 9];
  const levels = new Map();
  const key = side => `${side.controls.loss().name} ${$("negatives").value}`;
  const ask = (side, finer) => {
    const known = levels.get(key(side)), level = finer ?? known ?? (Number($("negatives").value) > 32 ? 4 : 2), begin = performance.now();
    const found = unipairAsk(JSON.stringify({...shared(), ...side.controls.setting(), steps: grids[level], points}));
    const took = performance.now() - begin;
    complain(side, found.error);
    if (found.error) return;
    side.answer = found;
    side.unit = unit(side);
    if (finer === undefined && side.asked++ > 1) // in the very first the browser compiles
      levels.set(key(side), level + (took > 60 && level < grids.length - 1 ? 1 : took < 12 && level > 0 ? -1 : 0));
    side.took = took;
    side.level = level;
  };

  // unit is what a loss's pushes are multiples of, so that two losses compare: its γ, or 1/τ.
  const unit = side => {
    const {gamma, temperature} = side.controls.setting().parameters;
    return Number(gamma) || 1 / Number(temperature) || 1;
  };

  const respond = asked => {
    for (const side of active()) ask(side);
    root.dataset.answers = Number(root.dataset.answers || 0) + 1;
    look();
    show();
    root.dataset.took = performance.now() - asked;
  };

  let waiting = 0, rest = 0;
  const change = () => {
    clearTimeout(rest);
    const asked = performance.now();
    if (!waiting) waiting = requestAnimationFrame(() => {
      waiting = 0;
      points.forEach((p, i) => { points[i] = p.map(clamp); });
      $("right-side").hidden = !$("two").checked;
      $("sides").classList.toggle("both", $("two").checked);
      respond(asked);
      remember();
      rest = setTimeout(refine, 300);
    });
  };

  // refine answers on the finest grid once the reader rests, unless that takes too long.
  const refine = () => {
    const coarse = active().filter(side => side.answer && side.level > 0 && side.took < 250);
    for (const side of coarse) ask(side, side.took < 60 ? 0 : side.level - 1);
    if (coarse.length) {
      look();
      show();
      rest = setTimeout(refine, 300);
    }
  };

  // look chooses what of the plane is on paper: the square, and room for where pairs go, the same on both sides.
  const look = () => {
    let room = 0.1 * (1 - low());
    for (const side of active()) {
      const aim = side.answer?.aim;
      if (aim) room = Math.max(room, Math.min(0.5, Math.max(low() - aim.sn, aim.sp - 1) + 0.07));
    }
    const wanted = {sn: low() - room, sp: low() - 0.04, span: 1 - low() + room + 0.04};
    const same = view && ["sn", "sp", "span"].every(k => view[k] === wanted[k]);
    view = wanted;
    for (const side of sides) if (!same || !side.framed) {
      draw.frame(side.the("plane"), view, low(), names);
      side.framed = true;
    }
  };

  const show = () => {
    const turn = Number($("turn").value) * Math.PI / 180;
    let highest = 0; // of all surfaces, in units
    for (const {answer, unit} of active()) if (answer)
      for (const way of ["sn", "sp"]) highest = answer[way].reduce((most, x) => Math.max(most, Math.abs(x) / unit), highest);
    for (const side of active()) {
      const answer = side.answer;
      if (!answer) continue;
      draw.plane(side.the("plane"), answer, view, points);
      const top = highest * side.unit;
      for (const way of ["sp", "sn"]) {
        const heights = answer[way].map(Math.abs), n = answer.axis.length, canvas = side.the("surface-" + way);
        const marks = points.map((p, i) => ({name: names[i], sn: p[0], sp: p[1], value: Math.abs(answer.points[way][i])}));
        surface.draw(canvas, answer, heights, top, low(), turn, marks, draw.colour, draw.short);
        canvas.setAttribute("aria-label", `Surface of the gradient's size: ${draw.short(heights[(n - 1) * n])} at the optimum, ` +
          `${draw.short(heights[n - 1])} at the worst pair, ${draw.short(top)} at the top of the scale.`);
      }
      side.the("boundary").textContent = answer.segments.length ? answer.about : `${answer.about} (it is not on this plane)`;
      side.the("goals").replaceChildren(set(told(answer)));
      side.the("go").textContent = answer.go;
      const sees = side.the("measure").value;
      side.the("sees").classList.toggle("loud", sees !== "cosine");
      side.the("curves").textContent = sees === "cosine" ? "" : "and the axes are cosines: straight lines in what it sees are curves here.";
      read(side);
    }
    walk.show(active(), view, names);
    $("status").textContent = `Computed on ${active().filter(s => s.answer).map(s => `${grids[s.level]} × ${grids[s.level]} points in ${s.took.toFixed(0)} ms`).join(", ")}.`;
  };

  // told says in words what is marked.
  const told = answer => {
    const gap = p => draw.short(Number((p.sp - p.sn).toFixed(3)));
    let words = "";
    if (answer.T) words += answer.straight ? ` T and T′: any two of its points, all with the gap s_p − s_n = ${gap(answer.T)}.` : ` T has the least gap s_p − s_n on it, ${gap(answer.T)}; T′ has ${gap(answer.prime)}.`;
    if (answer.aim) words += " Ring: all pushes aim at it.";
    return words;
  };

  // read fills the table of a side.
  const read = side => names.forEach((name, i) => {
    const answer = side.answer, got = {value: answer.points.value[i], dsp: answer.points.sp[i], dsn: answer.points.sn[i]};
    got.ratio = -got.dsp / got.dsn;
    for (const what in got) {
      const cell = side.the(`${name}-${what}`);
      cell.value = got[what];
      cell.textContent = Number.isFinite(got[what]) ? draw.short(got[what]) : "–";
    }
    ["sn", "sp"].forEach((way, k) => {
      const box = $(`${name}-${way}`);
      if (document.activeElement !== box) box.value = points[i][k];
    });
  });

  // table makes the rows of the readout: boxes to type in for where the points start, then the answers of each side.
  const table = () => {
    const row = (body, name, cell) => {
      const row = document.createElement("tr"), head = Object.assign(document.createElement("th"), {scope: "row"});
      head.append(set(name));
      row.append(head);
      names.forEach((point, i) => row.insertCell().append(cell(point, i)));
      body.append(row);
    };
    [["sn", "s_n"], ["sp", "s_p"]].forEach(([way, title], k) => row($("starts"), title, (point, i) => {
      const box = Object.assign(document.createElement("input"), {id: `${point}-${way}`, type: "number", min: -1, max: 1, step: 0.01, value: points[i][k]});
      box.setAttribute("aria-label", `${title} of ${point}`);
      box.addEventListener("input", () => { points[i][k] = clamp(Number(box.value)); walk.back(); change(); });
      box.addEventListener("blur", () => { box.value = points[i][k]; });
      return box;
    }));
    for (const side of sides) {
      const body = Object.assign(document.createElement("tbody"), {id: side.name + "-readout"}), title = document.createElement("tr");
      title.append(Object.assign(document.createElement("th"), {id: side.name + "-title", colSpan: 4, scope: "rowgroup"}));
      body.append(title);
      for (const [what, name] of [["value", "L"], ["dsn", "∂L/∂s_n"], ["dsp", "∂L/∂s_p"], ["ratio", "push on s_p : on s_n"]])
        row(body, name, point => Object.assign(document.createElement("data"), {id: `${side.name}-${point}-${what}`}));
      $("readout").append(body);
    }
  };

  // The address keeps the setting: explorer.html#loss=am-softmax&gamma=20&vs=circle&vs.gamma=20&negatives=8 opens with it.
  const remember = () => {
    const words = new URLSearchParams(), now = shared();
    sides[0].controls.write(words, "loss", "");
    if ($("two").checked) sides[1].controls.write(words, "vs", "vs.");
    for (const name in plain) if (now[name] !== plain[name]) words.set(name, now[name]);
    history.replaceState(null, "", "#" + words);
    sides.forEach((side, i) => {
      $(side.name + "-title").textContent = side.controls.loss().name;
      $(side.name + "-readout").hidden = i > 0 && !$("two").checked;
    });
  };
  const recall = address => {
    const words = new URLSearchParams(address || opening);
    sides[0].controls.read(words, "loss", "");
    sides[1].controls.read(words, "vs", "vs.");
    $("two").checked = words.has("vs");
    for (const name in plain) controls.fill($(name), words.get(name) ?? plain[name]);
  };

  // drag calls move(event) for each movement of the pointer until it is let go.
  const drag = (element, event, move) => {
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", () => element.removeEventListener("pointermove", move), {once: true});
  };

  // grabbable lets elements of an SVG that match be dragged and moved by the arrow keys. A finger on one does not scroll the page.
  const grabbable = (svg, match, move, nudge) => {
    svg.addEventListener("touchstart", event => { if (event.target.closest(match)) event.preventDefault(); }, {passive: false});
    svg.addEventListener("pointerdown", event => {
      const group = event.target.closest(match);
      if (!group) return;
      event.preventDefault();
      group.focus({focusVisible: false});
      drag(svg, event, e => {
        const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
        move(group, at.x, at.y);
      });
    });
    svg.addEventListener("keydown", event => {
      const group = event.target.closest(match), by = event.shiftKey ? 0.1 : 0.01;
      const step = {ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by]}[event.key];
      if (!group || !step) return;
      event.preventDefault();
      nudge(group, ...step);
    });
  };

  const place = (i, sn, sp) => {
    points[i] = [clamp(sn), clamp(sp)];
    walk.back();
    change();
  };

  const movable = svg => grabbable(svg, ".point",
    (group, x, y) => { const at = draw.placer(view); place(group.dataset.point, at.sn(x), at.sp(y)); },
    (group, sn, sp) => { const p = points[group.dataset.point]; place(group.dataset.point, p[0] + sn, p[1] + sp); });

  const turnable = canvas => canvas.addEventListener("pointerdown", event => {
    let x = event.clientX;
    drag(canvas, event, e => {
      $("turn").value = (Number($("turn").value) + (x - e.clientX) / 2 + 540) % 360 - 180;
      x = e.clientX;
      show();
    });
  });

  // makeSide puts the controls and figures of a loss into the page.
  const makeSide = name => {
    const copy = $("side").content.cloneNode(true), the = part => $(`${name}-${part}`);
    for (const element of copy.querySelectorAll("[id]")) element.id = `${name}-${element.id}`;
    for (const label of copy.querySelectorAll("[for]")) label.htmlFor = `${name}-${label.htmlFor}`;
    $("sides").append(copy);
    const side = {name, the, asked: 0, controls: controls.chooser(name + "-", list.losses.filter(l => l.plane), change)};
    movable(the("plane"));
    for (const way of ["sn", "sp"]) turnable(the("surface-" + way));
    return side;
  };

  globalThis.unipairReady = error => {
    if (error) return fail(error);
    sides = ["left", "right"].map(makeSide);
    table();
    controls.doubling("negatives", change);
    controls.pair($("others-slider"), $("others"), x => x, x => x, change);
    $("low").addEventListener("input", () => { walk.back(); change(); });
    $("two").addEventListener("input", change);
    $("controls").addEventListener("submit", event => event.preventDefault());
    $("others-list").textContent = `Not on the plane, because they look at more than the scores of one anchor: ${list.others.join("; ")}.`;
    for (const button of document.querySelectorAll("#presets button")) button.addEventListener("click", () => {
      first.forEach((p, i) => { points[i] = [...p]; });
      walk.back();
      recall(button.dataset.setting);
      change();
    });
    walk.start();
    ring.start();
    $("turn").addEventListener("input", show);
    addEventListener("hashchange", () => { if (!$(location.hash.slice(1))) { recall(location.hash.slice(1)); walk.back(); change(); } });
    const again = () => { if (sides[0].answer) show(); ring.show(); };
    for (const event of ["resize", "beforeprint"]) addEventListener(event, again);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    root.className = "live";
    recall($(location.hash.slice(1)) ? "" : location.hash.slice(1));
    change();
    root.dataset.ready = performance.now();
  };

  const start = async () => {
    if (typeof WebAssembly === "undefined") throw new Error("this browser has no WebAssembly");
    if (typeof DecompressionStream === "undefined") throw new Error("this browser has no DecompressionStream");
    const packed = Uint8Array.from(atob($("program").textContent.trim()), letter => letter.charCodeAt(0));
    const program = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    const go = new Go();
    const {instance} = await WebAssembly.instantiate(program, go.importObject);
    await go.run(instance); // to its end, which is a failure
    throw new Error("the program ended");
  };
  start().catch(error => fail(error.message));

  return {points, names, active, shared, complain, grabbable, view: () => view, all: () => sides};
})();
