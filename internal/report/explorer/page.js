// The page: the controls' setting goes to the program, draw.js draws its answer.
"use strict";
(() => {
  const root = document.documentElement;
  const points = [{name: "A", sn: 0.2, sp: 0.25}, {name: "B", sn: 0.8, sp: 0.8}, {name: "C", sn: 0.6, sp: 0.4}];
  let answer, framed;

  const fail = reason => { // the stills remain
    root.className = "";
    $("status").textContent = `The explorer does not run here (${reason}). Below are stills of three losses.`;
  };

  const low = () => Number($("low").value);
  const clamp = x => Number(Math.min(1, Math.max(low(), x)).toFixed(3));

  // Answers stay below a tenth of a second: the grid is as fine as the last answers say it may be, and the finest at rest.
  const grids = [33, 25, 17, 13, 9], finest = grids[0];
  const costs = new Map(); // milliseconds a point of the grid
  const costly = () => `${$("loss").value} ${$("negatives").value}`;
  const affordable = (budget, untold) => {
    const cost = costs.get(costly());
    return cost ? grids.find(n => n * n * cost < budget) || grids.at(-1) : untold;
  };

  const respond = (steps, asked) => {
    const begin = performance.now();
    const found = unipairAsk(JSON.stringify({...controls.setting(), steps, points: points.map(p => [p.sn, p.sp])}));
    const computed = performance.now() - begin;
    root.dataset.answers = Number(root.dataset.answers || 0) + 1;
    $("complaint").hidden = !found.error;
    if (found.error) {
      $("complaint").textContent = found.error;
      return;
    }
    if (Number(root.dataset.answers) > 1) costs.set(costly(), computed / (steps * steps)); // in the very first the browser compiles
    answer = found;
    show();
    $("status").textContent = `Computed on ${steps} × ${steps} points in ${computed.toFixed(0)} ms.`;
    root.dataset.took = performance.now() - asked;
  };

  let waiting = 0, rest = 0;
  const change = () => {
    clearTimeout(rest);
    const asked = performance.now();
    if (!waiting) waiting = requestAnimationFrame(() => {
      waiting = 0;
      if (framed !== low()) frame();
      const steps = affordable(45, Number($("negatives").value) > 32 ? 9 : 17); // some losses compare the negatives with each other
      respond(steps, asked);
      controls.remember();
      refine(steps);
    });
  };

  // refine answers again on a finer grid once the reader rests: a loss may take its time then, and one that is new to the browser
  // turns out faster than it seemed.
  const refine = steps => {
    const finer = Math.max(affordable(800, finest), 17);
    if (finer > steps) rest = setTimeout(() => { respond(finer, performance.now()); refine(finer); }, 300);
  };

  const frame = () => {
    framed = low();
    points.forEach(p => Object.assign(p, {sn: clamp(p.sn), sp: clamp(p.sp)}));
    draw.frame($("plane"), framed, points);
  };

  const show = () => {
    const turn = Number($("turn").value) * Math.PI / 180, n = answer.axis.length;
    draw.plane($("plane"), answer, framed, points);
    for (const side of ["sn", "sp"]) {
      const heights = answer[side].map(Math.abs), marks = points.map((p, i) => ({...p, value: Math.abs(answer.points[side][i])}));
      const most = draw.surface($("surface-" + side), answer, heights, framed, turn, marks);
      $("top-" + side).textContent = `Its height is ${draw.short(most)}.`;
      $("surface-" + side).setAttribute("aria-label", `Surface of the gradient's size: ${draw.short(heights[(n - 1) * n])} at the optimum, ` +
        `${draw.short(heights[n - 1])} at the worst pair, ${draw.short(most)} at most.`);
    }
    $("boundary").textContent = answer.segments.length ? answer.about : `${answer.about} (it is not on this plane)`;
    $("go").textContent = answer.go;
    points.forEach((p, i) => {
      const got = {value: answer.points.value[i], dsn: answer.points.sn[i], dsp: answer.points.sp[i]};
      got.ratio = -got.dsp / got.dsn;
      for (const key of ["sn", "sp"]) {
        const box = $(`${p.name}-${key}`);
        if (document.activeElement !== box) box.value = p[key];
      }
      for (const key in got) {
        const cell = $(`${p.name}-${key}`);
        cell.value = got[key];
        cell.textContent = Number.isFinite(got[key]) ? draw.short(got[key]) : "–";
      }
    });
  };

  // table makes the rows of the readout; the first two are boxes to type in.
  const table = () => {
    const rows = [["sn", "s_n"], ["sp", "s_p"], ["value", "L"], ["dsn", "∂L/∂s_n"], ["dsp", "∂L/∂s_p"], ["ratio", "pull on s_p : push on s_n"]];
    for (const [key, name] of rows) {
      const row = document.createElement("tr"), head = Object.assign(document.createElement("th"), {scope: "row"});
      head.append(set(name));
      row.append(head);
      points.forEach(p => {
        const box = document.createElement(key in p ? "input" : "data");
        box.id = `${p.name}-${key}`;
        if (key in p) {
          Object.assign(box, {type: "number", min: -1, max: 1, step: 0.01, value: p[key]});
          box.setAttribute("aria-label", `${name} of ${p.name}`);
          box.addEventListener("input", () => { p[key] = clamp(Number(box.value)); change(); });
          box.addEventListener("blur", () => { box.value = p[key]; });
        }
        row.insertCell().append(box);
      });
      $("readout").tBodies[0].append(row);
    }
  };

  // drag calls move(event) for each movement of the pointer until it is let go.
  const drag = (element, event, move) => {
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", () => element.removeEventListener("pointermove", move), {once: true});
  };

  const movable = svg => {
    const move = (group, sn, sp) => { Object.assign(points[group.dataset.point], {sn: clamp(sn), sp: clamp(sp)}); change(); };
    svg.addEventListener("pointerdown", event => {
      const group = event.target.closest(".point");
      if (!group) return;
      event.preventDefault();
      group.focus();
      drag(svg, event, e => {
        const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse()), place = draw.placer(framed);
        move(group, place.sn(at.x), place.sp(at.y));
      });
    });
    svg.addEventListener("keydown", event => {
      const group = event.target.closest(".point"), by = event.shiftKey ? 0.1 : 0.01;
      const step = {ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by]}[event.key];
      if (!group || !step) return;
      event.preventDefault();
      const {sn, sp} = points[group.dataset.point];
      move(group, sn + step[0], sp + step[1]);
    });
  };

  const turnable = canvas => canvas.addEventListener("pointerdown", event => {
    let x = event.clientX;
    drag(canvas, event, e => {
      $("turn").value = (Number($("turn").value) + (x - e.clientX) / 2 + 540) % 360 - 180;
      x = e.clientX;
      show();
    });
  });

  globalThis.unipairReady = error => {
    if (error) return fail(error);
    controls.start(change);
    table();
    movable($("plane"));
    document.querySelectorAll("canvas").forEach(turnable);
    $("turn").addEventListener("input", show);
    addEventListener("hashchange", () => { controls.recall(); change(); });
    for (const event of ["resize", "beforeprint"]) addEventListener(event, () => answer && show());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => answer && show());
    root.className = "live";
    controls.recall();
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
})();
