// Draws what the program has answered: the plane as SVG, the surfaces on canvases. No number is computed here but places on paper.
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

  const placer = low => ({
    x: sn => left + side * (sn - low) / (1 - low),
    y: sp => top + side * (1 - (sp - low) / (1 - low)),
    sn: x => low + (1 - low) * (x - left) / side,
    sp: y => low + (1 - low) * (1 - (y - top) / side),
  });

  const arrow = (x0, y0, dx, dy, head) => {
    const length = Math.hypot(dx, dy);
    if (!(length > 0.5)) return "";
    const x = x0 + dx, y = y0 + dy, ux = dx / length * head, uy = dy / length * head;
    return `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}` +
      `M${(x - ux - uy * 0.6).toFixed(1)} ${(y - uy + ux * 0.6).toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}L${(x - ux + uy * 0.6).toFixed(1)} ${(y - uy - ux * 0.6).toFixed(1)}`;
  };

  // frame makes the parts of the plane that answers do not change.
  const frame = (svg, low, points) => {
    const at = placer(low);
    svg.replaceChildren();
    for (let i = 0; i <= 5; i++) {
      const s = low + (1 - low) * i / 5, label = short(Number(s.toFixed(2)));
      svg.append(node("path", {class: "rule", d: `M${at.x(s)} ${top}V${top + side}M${left} ${at.y(s)}H${left + side}`}),
        node("text", {class: "tick", x: at.x(s), y: top + side + 15, "text-anchor": "middle"}, label),
        node("text", {class: "tick", x: left - 5, y: at.y(s) + 4, "text-anchor": "end"}, label));
    }
    const name = (x, y, letter, turned) => {
      const text = node("text", {x, y, "text-anchor": "middle", ...(turned && {transform: `rotate(-90 ${x} ${y})`})}, "s");
      text.append(node("tspan", {dy: 4, "font-size": 10}, letter));
      text.append(node("tspan", {dy: -4}, letter === "n" ? " (cosine, between classes)" : " (cosine, within class)"));
      return text;
    };
    svg.append(name(left + side / 2, 392, "n"), name(13, top + side / 2, "p", true));
    svg.append(node("path", {class: "flow"}), node("path", {class: "edge"}));
    points.forEach((point, i) => {
      const group = node("g", {class: "point", tabindex: 0, role: "group", "data-point": i});
      group.append(node("circle", {class: "grip", r: 20}), node("path", {class: "sn"}), node("path", {class: "sp"}), node("path", {class: "step"}),
        node("circle", {class: "dot", r: 6}), node("text", {x: 8, y: 17}, point.name));
      svg.append(group);
    });
  };

  const plane = (svg, answer, low, points) => {
    const at = placer(low), n = answer.axis.length, k = Math.max(1, Math.ceil((n - 1) / 12));
    let most = 0, flow = "", edge = "";
    for (let i = 0; i < n * n; i++) most = Math.max(most, Math.hypot(answer.sn[i], answer.sp[i]));
    for (let row = 0; row < n; row += k) {
      for (let column = 0; column < n; column += k) {
        const i = row * n + column, pull = Math.hypot(answer.sn[i], answer.sp[i]);
        if (!(pull > 1e-6 * most)) continue; // at rest
        const length = 4 + 16 * Math.sqrt(pull / most);
        flow += arrow(at.x(answer.axis[column]), at.y(answer.axis[row]), -answer.sn[i] / pull * length, answer.sp[i] / pull * length, 4);
      }
    }
    for (let i = 0; i < answer.segments.length; i += 4) {
      const s = answer.segments;
      edge += `M${at.x(s[i]).toFixed(2)} ${at.y(s[i + 1]).toFixed(2)}L${at.x(s[i + 2]).toFixed(2)} ${at.y(s[i + 3]).toFixed(2)}`;
    }
    svg.querySelector(".flow").setAttribute("d", flow);
    svg.querySelector(".edge").setAttribute("d", edge);
    let longest = 0;
    points.forEach((_, i) => { longest = Math.max(longest, Math.hypot(answer.points.sn[i], answer.points.sp[i])); });
    const scale = longest > 0 ? 70 / longest : 0;
    points.forEach((point, i) => {
      const group = svg.querySelector(`[data-point="${i}"]`), dx = -answer.points.sn[i] * scale, dy = answer.points.sp[i] * scale;
      group.setAttribute("transform", `translate(${at.x(point.sn).toFixed(1)} ${at.y(point.sp).toFixed(1)})`);
      group.setAttribute("aria-label", `${point.name} at s_n ${short(point.sn)}, s_p ${short(point.sp)}: arrow keys move it`);
      group.querySelector(".sn").setAttribute("d", arrow(0, 0, dx, 0, 7));
      group.querySelector(".sp").setAttribute("d", arrow(0, 0, 0, dy, 7));
      group.querySelector(".step").setAttribute("d", arrow(0, 0, dx, dy, 8));
    });
  };

  const stops = [[68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142], [33, 145, 140], [34, 168, 132], [68, 191, 112], [122, 209, 81], [189, 223, 38], [253, 231, 37]];
  const viridis = x => {
    const t = Math.min(Math.max(x, 0), 1) * 10, i = Math.min(Math.floor(t), 9);
    return stops[i].map((low, c) => Math.round(low + (t - i) * (stops[i + 1][c] - low)));
  };

  // surface draws heights over the plane in parallel projection, the farthest cells first.
  const surface = (canvas, answer, height, low, turn, marks) => {
    const width = canvas.clientWidth, ratio = devicePixelRatio || 1, n = answer.axis.length, unit = 1 / (n - 1);
    if (canvas.width !== Math.round(width * ratio)) canvas.width = canvas.height = Math.round(width * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, width);
    const tilt = 26 * Math.PI / 180, sin = Math.sin(turn), cos = Math.cos(turn), size = width * 0.62, tall = 0.62;
    const project = (x, y, z) => {
      const u = x - 0.5, v = y - 0.5;
      return [width / 2 + size * (u * cos + v * sin), width * 0.66 - size * (z * tall * Math.cos(tilt) + (v * cos - u * sin) * Math.sin(tilt))];
    };
    const most = height.reduce((a, b) => Math.max(a, b), 0), scale = most > 0 ? 1 / most : 0;
    const line = (points, style) => {
      context.strokeStyle = style;
      context.beginPath();
      points.forEach(([x, y], i) => i ? context.lineTo(x, y) : context.moveTo(x, y));
      context.stroke();
    };
    context.lineWidth = 1;
    for (let i = 0; i <= 5; i++) {
      line([project(i / 5, 0, 0), project(i / 5, 1, 0)], colour("--rule"));
      line([project(0, i / 5, 0), project(1, i / 5, 0)], colour("--rule"));
    }
    const cells = [];
    for (let row = 0; row < n - 1; row++) for (let column = 0; column < n - 1; column++) {
      cells.push([(row + 0.5) * cos - (column + 0.5) * sin, row, column]);
    }
    cells.sort((a, b) => b[0] - a[0]);
    for (const [, row, column] of cells) {
      const z = (r, c) => height[r * n + c] * scale;
      const corner = (r, c) => project(c * unit, r * unit, z(r, c));
      const slopeX = (z(row, column + 1) - z(row, column)) * tall / unit, slopeY = (z(row + 1, column) - z(row, column)) * tall / unit;
      const facing = Math.max(0, (-0.24 * slopeX - 0.52 * slopeY + 0.82) / Math.hypot(slopeX, slopeY, 1));
      const mean = (z(row, column) + z(row, column + 1) + z(row + 1, column) + z(row + 1, column + 1)) / 4;
      const [r, g, b] = viridis(mean).map(v => Math.round(v * (0.72 + 0.28 * facing)));
      context.fillStyle = context.strokeStyle = `rgb(${r},${g},${b})`;
      context.beginPath();
      [corner(row, column), corner(row, column + 1), corner(row + 1, column + 1), corner(row + 1, column)].forEach(([x, y], i) => i ? context.lineTo(x, y) : context.moveTo(x, y));
      context.closePath();
      context.fill();
      context.lineWidth = 0.5;
      context.stroke();
    }
    context.font = "13px sans-serif";
    context.textAlign = "center";
    for (const {name, sn, sp, value} of marks) {
      const [x, y] = project((sn - low) / (1 - low), (sp - low) / (1 - low), value * scale);
      context.fillStyle = "#fff";
      context.strokeStyle = "#000";
      context.lineWidth = 1.2;
      context.beginPath();
      context.arc(x, y, 9, 0, 7);
      context.fill();
      context.stroke();
      context.fillStyle = "#000";
      context.fillText(name, x, y + 4.5);
    }
    context.fillStyle = colour("--ink");
    const label = (text, x, y) => { const [px, py] = project(x, y, 0); context.fillText(text, px, py + 4); };
    const near = cos < 0 ? 1.1 : -0.1, side = sin < 0 ? -0.1 : 1.1; // the edges of the floor that face the reader
    label("sₙ", 0.5, near);
    label("sₚ", side, 0.5);
    context.font = "12px sans-serif";
    context.fillStyle = colour("--grey");
    for (const end of [0, 1]) {
      label(short(end ? 1 : low), end, near);
      label(short(end ? 1 : low), side, end);
    }
    return most;
  };

  return {frame, plane, surface, placer, short};
})();
