// Draws what the program has answered on the plane of scores, as SVG. No number is computed here but places on paper.
"use strict";
const draw = (() => {
  const left = 46, top = 12, side = 340; // of the plane in its 400 × 400
  const SVG = "http://www.w3.org/2000/svg";
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const node = (tag, attributes, text) => {
    const made = document.createElementNS(SVG, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text) made.textContent = text;
    return made;
  };
  const short = x => (x === 0 ? "0" : String(Number(x.toPrecision(4)))).replace("-", "−");

  // A view is the square of scores that is on paper: from sn and sp, a span wide and high.
  const placer = view => ({
    x: sn => left + side * (sn - view.sn) / view.span,
    y: sp => top + side * (1 - (sp - view.sp) / view.span),
    sn: x => view.sn + view.span * (x - left) / side,
    sp: y => view.sp + view.span * (1 - (y - top) / side),
  });

  const arrow = (x0, y0, dx, dy, head) => {
    const length = Math.hypot(dx, dy);
    if (!(length > 0.5)) return "";
    const x = x0 + dx, y = y0 + dy, ux = dx / length * head, uy = dy / length * head;
    return `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}` +
      `M${(x - ux - uy * 0.6).toFixed(1)} ${(y - uy + ux * 0.6).toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}L${(x - ux + uy * 0.6).toFixed(1)} ${(y - uy - ux * 0.6).toFixed(1)}`;
  };

  // frame makes the parts of the plane that answers do not change.
  const frame = (svg, view, low, names) => {
    const at = placer(view), clip = svg.id + "-clip";
    const inside = node("clipPath", {id: clip});
    inside.append(node("rect", {x: left, y: top, width: side, height: side}));
    svg.replaceChildren(inside);
    const step = view.span > 1.6 ? 0.4 : 0.2;
    for (let s = Math.ceil(view.sn / step - 1e-9) * step; s <= 1 + view.span; s += step) {
      const label = short(Number(s.toFixed(2)));
      if (s <= view.sn + view.span) svg.append(node("path", {class: "rule", d: `M${at.x(s)} ${top}V${top + side}`}), node("text", {class: "tick", x: at.x(s), y: top + side + 15, "text-anchor": "middle"}, label));
      if (s >= view.sp - 1e-9 && s <= view.sp + view.span) svg.append(node("path", {class: "rule", d: `M${left} ${at.y(s)}H${left + side}`}), node("text", {class: "tick", x: left - 5, y: at.y(s) + 4, "text-anchor": "end"}, label));
    }
    const title = (x, y, letter, turned) => {
      const text = node("text", {x, y, "text-anchor": "middle", ...(turned && {transform: `rotate(-90 ${x} ${y})`})}, "s");
      text.append(node("tspan", {dy: 4, "font-size": 10}, letter));
      text.append(node("tspan", {dy: -4}, letter === "n" ? " (cosine, between classes)" : " (cosine, within class)"));
      return text;
    };
    svg.append(title(left + side / 2, 392, "n"), title(13, top + side / 2, "p", true));
    const drawing = node("g", {"clip-path": `url(#${clip})`});
    drawing.append(node("path", {class: "corner"}), node("path", {class: "square", d: `M${at.x(low)} ${at.y(low)}H${at.x(1)}V${at.y(1)}H${at.x(low)}Z`}),
      node("path", {class: "flow"}), node("path", {class: "trails"}), node("path", {class: "starts"}), node("path", {class: "edge"}), node("path", {class: "walkers"}), node("g", {class: "goals"}));
    svg.append(drawing);
    names.forEach((name, i) => {
      const group = node("g", {class: "point", tabindex: 0, role: "group", "data-point": i});
      group.append(node("circle", {class: "grip", r: 22}), node("path", {class: "sn"}), node("path", {class: "sp"}), node("path", {class: "step"}),
        node("circle", {class: "dot", r: 6}), node("text", {x: 8, y: 17}, name));
      svg.append(group);
    });
  };

  const star = (x, y) => "M" + Array.from({length: 10}, (_, i) => {
    const r = i % 2 ? 3.2 : 8, t = Math.PI * (i / 5 - 0.5);
    return `${(x + r * Math.cos(t)).toFixed(1)} ${(y + r * Math.sin(t)).toFixed(1)}`;
  }).join("L") + "Z";

  // goals marks T, T′, the corner that is promised, and where all pushes aim.
  const goals = (svg, answer, at) => {
    const group = svg.querySelector(".goals"), corner = answer.corner;
    group.replaceChildren();
    const mark = (place, name) => {
      if (!place) return;
      group.append(node("path", {class: "star", d: star(at.x(place.sn), at.y(place.sp))}), node("text", {x: at.x(place.sn) + 8, y: at.y(place.sp) + 15}, name));
    };
    mark(answer.prime, "T′");
    mark(answer.T, "T");
    if (answer.aim) {
      const {sn, sp} = answer.aim;
      group.append(node("circle", {class: "aim", cx: at.x(sn), cy: at.y(sp), r: 6}), node("text", {class: "small", x: at.x(sn) + 10, y: at.y(sp) + 4}, `(${short(Number(sn.toFixed(3)))}, ${short(Number(sp.toFixed(3)))})`));
    }
    svg.querySelector(".corner").setAttribute("d", corner ? `M${at.x(0)} ${at.y(1)}H${at.x(corner.sn)}V${at.y(corner.sp)}H${at.x(0)}Z` : "");
  };

  // plane draws an answer; now is where A, B and C are.
  const plane = (svg, answer, view, now) => {
    const at = placer(view), n = answer.axis.length, k = Math.max(1, Math.ceil((n - 1) / 12));
    let most = 0, flow = "", edge = "";
    for (let i = 0; i < n * n; i++) most = Math.max(most, Math.hypot(answer.sn[i], answer.sp[i]));
    for (let row = 0; row < n; row += k) {
      for (let column = 0; column < n; column += k) {
        const i = row * n + column, pull = Math.hypot(answer.sn[i], answer.sp[i]);
        if (!(pull > 1e-6 * most)) continue; // at rest
        const length = 4 + 14 * Math.sqrt(pull / most);
        flow += arrow(at.x(answer.axis[column]), at.y(answer.axis[row]), -answer.sn[i] / pull * length, answer.sp[i] / pull * length, 4);
      }
    }
    for (let i = 0; i < answer.segments.length; i += 4) {
      const s = answer.segments;
      edge += `M${at.x(s[i]).toFixed(2)} ${at.y(s[i + 1]).toFixed(2)}L${at.x(s[i + 2]).toFixed(2)} ${at.y(s[i + 3]).toFixed(2)}`;
    }
    svg.querySelector(".flow").setAttribute("d", flow);
    svg.querySelector(".edge").setAttribute("d", edge);
    goals(svg, answer, at);
    let longest = 0;
    now.forEach((_, i) => { longest = Math.max(longest, Math.hypot(answer.points.sn[i], answer.points.sp[i])); });
    const scale = longest > 0 ? 62 / longest : 0;
    now.forEach((_, i) => {
      const group = svg.querySelector(`[data-point="${i}"]`), dx = -answer.points.sn[i] * scale, dy = answer.points.sp[i] * scale;
      group.querySelector(".sn").setAttribute("d", arrow(0, 0, dx, 0, 7));
      group.querySelector(".sp").setAttribute("d", arrow(0, 0, 0, dy, 7));
      group.querySelector(".step").setAttribute("d", arrow(0, 0, dx, dy, 8));
    });
  };

  // walk draws where pairs are and their ways: A, B and C first, the crowd after them. Arrows are only true where the points start.
  const walk = (svg, view, names, walkers, trails, going) => {
    const at = placer(view), spot = p => `${at.x(p[0]).toFixed(1)} ${at.y(p[1]).toFixed(1)}`;
    const disc = (p, r) => `M${(at.x(p[0]) - r).toFixed(1)} ${at.y(p[1]).toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    svg.classList.toggle("going", going);
    svg.querySelector(".trails").setAttribute("d", going ? trails.map((way, i) => "M" + [...way, walkers[i]].map(spot).join("L")).join("") : "");
    svg.querySelector(".starts").setAttribute("d", trails.map((way, i) => (going || i >= names.length ? disc(way[0], 2) : "")).join(""));
    svg.querySelector(".walkers").setAttribute("d", walkers.slice(names.length).map(p => disc(p, going ? 2.6 : 1.4)).join(""));
    names.forEach((name, i) => {
      const group = svg.querySelector(`[data-point="${i}"]`), [sn, sp] = walkers[i];
      group.setAttribute("transform", `translate(${spot(walkers[i]).replace(" ", ",")})`);
      group.setAttribute("aria-label", `${name} at s_n ${short(Number(sn.toFixed(3)))}, s_p ${short(Number(sp.toFixed(3)))}: arrow keys move it`);
    });
  };

  return {frame, plane, walk, placer, short, node, colour, arrow, star};
})();
