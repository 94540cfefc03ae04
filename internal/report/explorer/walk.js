// Lets go: A, B, C and a grid of pairs follow the push of the loss on each side and leave trails. The program moves them; here they are
// only kept and shown.
"use strict";
const walk = (() => {
  const grid = Array.from({length: 49}, (_, i) => [(i % 7 + 0.5) / 7, (Math.floor(i / 7) + 0.5) / 7]);
  const apart = 0.004; // between the points of a trail that are kept
  const longest = 10000; // steps, after which it stops by itself, as the program would
  let going = 0, steps = 0;

  const starts = () => [...page.points, ...($("crowd").checked ? grid : [])].map(p => [...p]);

  // back puts all pairs where they start.
  const back = () => {
    pause();
    steps = 0;
    for (const side of page.all()) side.walkers = side.trails = undefined;
  };

  // settle gives a side its pairs, if it has none yet.
  const settle = side => {
    if (side.walkers) return;
    side.walkers = starts();
    side.trails = side.walkers.map(p => [p]);
    if (steps) move(side, steps); // it was not there from the beginning, as the other was
  };

  // move takes a side some steps on, and reports whether anything moved.
  const move = (side, by) => {
    const found = unipairMove(JSON.stringify({...page.shared(), ...side.controls.setting(), pace: Number($("pace").value), points: side.walkers}), side.name, by);
    page.complain(side, found.error);
    if (found.error) return false;
    let most = 0;
    side.rate = found.rate;
    side.walkers = side.walkers.map((p, i) => {
      const to = [found.points[2 * i], found.points[2 * i + 1]], way = side.trails[i], last = way.at(-1);
      most = Math.max(most, Math.abs(to[0] - p[0]), Math.abs(to[1] - p[1]));
      if (Math.hypot(to[0] - last[0], to[1] - last[1]) > apart) way.push(to);
      return to;
    });
    return most > 1e-7;
  };

  const step = by => {
    const begin = performance.now(), sides = page.active();
    sides.forEach(settle);
    const moved = sides.map(side => move(side, by)).some(x => x);
    steps += by;
    show(sides, page.view(), page.names);
    document.documentElement.dataset.stepTook = performance.now() - begin;
    return moved && steps < longest;
  };

  const pause = () => {
    cancelAnimationFrame(going);
    going = 0;
    $("go-on").textContent = steps ? "Go on" : "Let go";
  };
  const run = () => {
    $("go-on").textContent = "Hold";
    const tick = () => {
      going = requestAnimationFrame(tick);
      if (!step(Math.max(1, Math.min(64, Math.round(Number($("speed").value)) || 1)))) pause();
    };
    going = requestAnimationFrame(tick);
  };

  // said tells where the pairs of a side are.
  const said = side => {
    const all = side.walkers, mean = k => all.reduce((sum, p) => sum + p[k], 0) / all.length;
    const three = x => x.toFixed(3).replace("-", "−");
    let words = `After ${steps} steps of η = ${side.rate?.toPrecision(2)} times the gradient, the mean of ${all.length} pairs: s_n = ${three(mean(0))}, s_p = ${three(mean(1))}.`;
    const corner = side.answer?.corner;
    if (corner) words += ` ${all.filter(p => p[0] < corner.sn && p[1] > corner.sp).length} of them are in the tinted corner, s_n < ${draw.short(Number(corner.sn.toFixed(3)))}, s_p > ${draw.short(Number(corner.sp.toFixed(3)))}.`;
    return words;
  };

  const show = (sides, view, names) => {
    for (const side of sides) {
      if (steps) settle(side);
      const walkers = side.walkers || starts(), line = side.the("ends");
      draw.walk(side.the("plane"), view, names, walkers, side.trails || walkers.map(p => [p]), steps > 0);
      line.replaceChildren(...(steps ? [set(said(side))] : []));
      Object.assign(line.dataset, {steps, rate: side.rate ?? "", ends: steps ? JSON.stringify(walkers) : ""});
    }
  };

  const start = () => {
    controls.logarithmic("pace", 0.001, 0.1, () => {});
    controls.doubling("speed", () => {});
    $("go-on").addEventListener("click", () => (going ? pause() : run()));
    $("one-step").addEventListener("click", () => { step(1); pause(); });
    const restart = () => { back(); show(page.active(), page.view(), page.names); };
    $("back").addEventListener("click", restart);
    $("crowd").addEventListener("input", restart);
  };

  return {start, back, show};
})();
