// A training that one can watch: a batch on a circle, moved by the program. Here it is only kept, shown and dragged.
"use strict";
const ring = (() => {
  const middle = 200, radius = 150;
  const batches = [ // degrees of the images of each class, and of the classes' vectors
    {name: "twelve images, three classes", images: [[80, 95, 110, 170], [200, 215, 235, 130], [330, 345, 10, 60]], classes: [60, 100, 290]},
    {name: "two classes, mixed", images: [[20, 70, 100, 150, 200, 320], [0, 50, 120, 170, 240, 290]], classes: [90, 130]},
  ];
  const vector = degrees => [Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180)];
  let batch, state, seen, chooser, steps = 0, values = [];

  const labels = () => batch.images.flatMap((all, label) => all.map(() => label));
  const beginning = () => ({images: batch.images.flat().map(vector), classes: batch.classes.map(vector)});
  const ofClasses = () => chooser.loss().labels !== "pair-wise";

  const complain = words => {
    $("ring-complaint").hidden = !words;
    $("ring-complaint").textContent = words || "";
  };

  // train goes some steps on, and reports whether it could; with none it only looks.
  const train = by => {
    const {loss, parameters} = chooser.setting(), begin = performance.now();
    const training = {loss, parameters, miner: $("miner").value, pace: Number($("ring-pace").value), labels: labels(), start: beginning()};
    const found = unipairTrain(JSON.stringify(training), JSON.stringify(state), by);
    complain(found.error);
    if (found.error) return false;
    seen = JSON.parse(found.seen);
    state = {images: seen.images, classes: seen.classes};
    steps += by;
    if (by) values.push([steps, seen.value]);
    if (values.length > 1200) values = values.filter((_, i) => i % 2 === 0);
    show();
    Object.assign($("said").dataset, {steps, rate: found.rate, value: seen.value, state: JSON.stringify(state)});
    document.documentElement.dataset.trainTook = performance.now() - begin;
    return true;
  };

  const play = controls.player($("train"), () => (steps ? "Train on" : "Train"), () => train(1));
  const back = () => {
    steps = 0;
    values = [];
    state = beginning();
    play.pause();
    train(0);
  };

  const at = ([x, y], far = 1) => [middle + radius * far * x, middle - radius * far * y];
  const shapes = [
    (x, y) => `M${x - 7} ${y}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0`,
    (x, y) => `M${x - 6.2} ${y - 6.2}h12.4v12.4h-12.4z`,
    (x, y) => `M${x} ${y - 8.4}l7.6 13h-15.2z`,
  ];

  // pulls draws the strongest pairs as lines, as thick as their weight beside the strongest.
  const pulls = svg => {
    const pairs = [], weight = seen.weight;
    if (ofClasses()) weight.forEach((row, i) => row.forEach((w, c) => pairs.push([w, state.images[i], state.classes[c], 0.86])));
    else weight.forEach((row, i) => row.forEach((w, j) => { if (j > i) pairs.push([w + weight[j][i], state.images[i], state.images[j], 1]); }));
    const most = pairs.reduce((top, [w]) => Math.max(top, Math.abs(w)), 0);
    for (const [w, a, b, far] of pairs.sort((p, q) => Math.abs(p[0]) - Math.abs(q[0]))) {
      if (!(Math.abs(w) > 0.01 * most)) continue;
      const [x0, y0] = at(a), [x1, y1] = at(b, far);
      svg.append(draw.node("path", {class: w < 0 ? "together" : "part", "stroke-width": Math.max(0.4, 5 * Math.abs(w) / most).toFixed(2), d: `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}`}));
    }
  };

  const show = () => {
    if (!seen) return;
    const svg = $("circle"), focused = document.activeElement?.dataset?.image, all = labels();
    const marks = svg.querySelectorAll(".image").length === all.length ? [...svg.querySelectorAll(".image")] : [];
    const under = draw.node("g", {class: "under"});
    under.append(draw.node("circle", {class: "rule", cx: middle, cy: middle, r: radius}));
    pulls(under);
    if (ofClasses()) state.classes.forEach((v, label) => {
      const [x, y] = at(v, 0.86), [tx, ty] = at(v, 0.6);
      under.append(draw.node("path", {class: "class", d: draw.arrow(middle, middle, x - middle, y - middle, 10)}), draw.node("path", {class: "shape", d: shapes[label](tx, ty)}));
    });
    svg.querySelector(".under")?.remove();
    svg.prepend(under);
    if (!marks.length) {
      svg.querySelectorAll(".image").forEach(mark => mark.remove());
      all.forEach((label, i) => {
        const group = draw.node("g", {class: "image", tabindex: 0, role: "group", "data-image": i});
        group.append(draw.node("circle", {class: "grip", r: 18}), draw.node("path", {d: shapes[label](0, 0)}));
        svg.append(group);
        marks.push(group);
      });
    }
    // Images at one place stand one behind the other, along the radius.
    const taken = [];
    marks.forEach((mark, i) => {
      let far = 1;
      while (taken.some(([x, y]) => Math.hypot(x - at(state.images[i], far)[0], y - at(state.images[i], far)[1]) < 11)) far += 0.07;
      const [x, y] = at(state.images[i], Math.min(far, 1.3));
      taken.push([x, y]);
      mark.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)})`);
      mark.setAttribute("aria-label", `image ${i + 1} of class ${all[i] + 1} at ${Math.round(Math.atan2(state.images[i][1], state.images[i][0]) * 180 / Math.PI)} degrees: arrow keys move it`);
    });
    if (focused !== undefined) svg.querySelector(`[data-image="${focused}"]`)?.focus({focusVisible: false});
    tell(all);
    curve();
  };

  // tell says how alike images of one class and of two are, and how many have a nearest one of their class.
  const tell = all => {
    let sp = 0, sn = 0, within = 0, between = 0, right = 0;
    state.images.forEach((a, i) => {
      let nearest = -1, best = -2;
      state.images.forEach((b, j) => {
        if (i === j) return;
        const s = a[0] * b[0] + a[1] * b[1];
        if (s > best) [best, nearest] = [s, j];
        if (all[i] === all[j]) [sp, within] = [sp + s, within + 1]; else [sn, between] = [sn + s, between + 1];
      });
      if (all[nearest] === all[i]) right++;
    });
    const two = x => x.toFixed(2).replace("-", "−");
    $("said").replaceChildren(set(`Step ${steps}: L = ${draw.short(Number(seen.value.toPrecision(3)))}, mean s_n = ${two(sn / between)}, mean s_p = ${two(sp / within)}; ` +
      `${right} of ${all.length} have their nearest in their class.`));
  };

  const curve = () => {
    const svg = $("curve"), left = 50, width = 335, top = 12, height = 88, last = values.at(-1)?.[0] || 1;
    const most = values.reduce((m, v) => Math.max(m, v[1]), 0) || seen.value || 1, least = values.reduce((m, v) => Math.min(m, v[1]), 0);
    const x = s => left + width * s / last, y = v => top + height * (1 - (v - least) / (most - least || 1));
    svg.replaceChildren(draw.node("path", {class: "rule", d: `M${left} ${top}V${top + height}H${left + width}`}),
      draw.node("text", {class: "tick", x: left - 5, y: top + 5, "text-anchor": "end"}, draw.short(Number(most.toPrecision(2)))),
      draw.node("text", {class: "tick", x: left - 5, y: top + height + 3, "text-anchor": "end"}, draw.short(Number(least.toPrecision(2)))),
      draw.node("text", {class: "tick", x: left, y: top + height + 20}, "L over the steps"),
      draw.node("text", {class: "tick", x: left + width, y: top + height + 20, "text-anchor": "end"}, String(last)),
      draw.node("path", {class: "value", d: values.length ? "M" + values.map(([s, v]) => `${x(s).toFixed(1)} ${y(v).toFixed(1)}`).join("L") : ""}));
  };

  const start = () => {
    for (const [id, all] of [["batch", batches.map(b => b.name)], ["miner", list.miners]]) $(id).append(...all.map(name => new Option(name, name)));
    const look = () => { if (state && !play.going()) train(0); };
    chooser = controls.chooser("ring-", list.losses.filter(l => l.trains), look);
    chooser.choose("circle");
    controls.logarithmic("ring-pace", 0.002, 0.2, look);
    $("miner").addEventListener("input", look);
    batch = batches[0];
    $("batch").addEventListener("input", () => { batch = batches.find(b => b.name === $("batch").value); seen = undefined; $("circle").replaceChildren(); back(); });
    $("train-step").addEventListener("click", () => { train(1); play.pause(); });
    $("train-back").addEventListener("click", back);
    const put = (i, angle) => { state.images[i] = [Math.cos(angle), Math.sin(angle)]; look(); };
    page.grabbable($("circle"), ".image",
      (group, x, y) => put(group.dataset.image, Math.atan2(middle - y, x - middle)),
      (group, x, y) => { const [a, b] = state.images[group.dataset.image]; put(group.dataset.image, Math.atan2(b, a) + (y - x)); });
    back();
  };

  return {start, show};
})();
