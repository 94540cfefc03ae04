// Lets go: A, B, C and a grid of pairs follow the push of the loss on each side and leave trails. The program moves them; here they are
// only kept and shown.
"use strict";
const walk = (() => {
  const grid = Array.from({length: 49}, (_, i) => [(i % 7 + 0.5) / 7, (Math.floor(i / 7) + 0.5) / 7]);
  const apart = 0.004; // between the points of a trail that are kept
  const longest = 10000; // steps, after which it stops by itself, as the program would
  let steps = 0;

  const starts = () => [...page.points, ...($("crowd").checked ? grid : [])].map(p => [...p]);

  // back puts all pairs where they start.
  const back = () => {
    steps = 0;
    play.pause();
    for (const side of page.all()) side.walkers = side.trails = side.moved = undefined;
  };

  // settle gives a side its pairs, if it has none yet.
  const settle = side => {
    if (side.walkers) return;
    side.walkers = starts();
    side.trails = side.walkers.map(p => [p]);
  };

  // setting is what moves the pairs of a side, but for where they are.
  const setting = side => ({...page.shared(), ...side.controls.setting(), pace: Number($("pace").value)});

  // move takes a side some steps on, and reports whether anything moved.
  const move = (side, by) => {
    const asked = JSON.stringify(setting(side)), found = unipairMove(JSON.stringify({...setting(side), points: side.walkers}), side.name, by);
    page.complain(side, found.error);
    if (found.error) return false;
    let most = 0;
    side.rate = found.rate;
    side.since = side.moved === asked ? side.since + by : by; // steps under this setting
    side.moved = asked;
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

  const play = controls.player($("go-on"), () => (steps ? "Go on" : "Let go"),
    () => step(Math.max(1, Math.min(64, Math.round(Number($("speed").value)) || 1))));

  // said tells where the pairs of a side are.
  const said = side => {
    const all = side.walkers, mean = k => all.reduce((sum, p) => sum + p[k], 0) / all.length;
    const three = x => x.toFixed(3).replace("-", "−");
    const eta = `η = ${side.rate.toPrecision(2)} times the gradient`;
    const how = side.moved !== JSON.stringify(setting(side)) ? " under another setting" : side.since < steps ? `, the last ${side.since > 1 ? side.since : "one"} under this setting with ${eta}` : ` of ${eta}`;
    let words = `After ${steps} steps${how}, the mean of ${all.length} pairs: s_n = ${three(mean(0))}, s_p = ${three(mean(1))}.`;
    const corner = side.answer?.corner;
    if (corner) words += ` ${all.filter(p => p[0] < corner.sn && p[1] > corner.sp).length} of them are in the tinted corner, s_n < ${draw.short(Number(corner.sn.toFixed(3)))}, s_p > ${draw.short(Number(corner.sp.toFixed(3)))}.`;
    return words;
  };

  const show = (sides, view, names) => {
    for (const side of sides) {
      const walkers = side.walkers || starts(), line = side.the("ends");
      draw.walk(side.the("plane"), view, names, walkers, side.trails || walkers.map(p => [p]), steps > 0);
      line.replaceChildren(...(side.moved ? [set(said(side))] : []));
      Object.assign(line.dataset, {steps, rate: side.rate ?? "", ends: steps ? JSON.stringify(walkers) : ""});
    }
  };

  const start = () => {
    controls.logarithmic("pace", 0.001, 0.1, () => {});
    controls.doubling("speed", () => {});
    $("one-step").addEventListener("click", () => { step(1); play.pause(); });
    $("two").addEventListener("input", back); // both sides begin together
    const restart = () => { back(); show(page.active(), page.view(), page.names); };
    $("back").addEventListener("click", restart);
    $("crowd").addEventListener("input", restart);
  };

  return {start, back, show};
})();
