// Draws a surface over the plane in parallel projection, pixel by pixel: the colour of a pixel is that of its height, so that a cliff is
// a wall. A cell is two triangles, cut along the diagonal whose ends differ least; along the other, a wall is a saw.
"use strict";
const surface = (() => {
  const tilt = 26 * Math.PI / 180, tall = 0.62;
  const stops = [[68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142], [33, 145, 140], [34, 168, 132], [68, 191, 112], [122, 209, 81], [189, 223, 38], [253, 231, 37]];
  const viridis = Array.from({length: 256}, (_, k) => {
    const t = k / 25.5, i = Math.min(Math.floor(t), 9);
    return stops[i].map((low, c) => low + (t - i) * (stops[i + 1][c] - low));
  });

  // camera projects [0, 1]³ to pixels, with the depth behind them.
  const camera = (size, turn) => {
    const sin = Math.sin(turn), cos = Math.cos(turn), edge = size * 0.57, up = Math.cos(tilt), away = Math.sin(tilt);
    return (x, y, z) => {
      const u = x - 0.5, v = y - 0.5, depth = v * cos - u * sin;
      return [size * 0.55 + edge * (u * cos + v * sin), size * 0.66 - edge * (z * tall * up + depth * away), depth * up - z * tall * away];
    };
  };

  // paint fills a triangle into an image of packed pixels with a depth for each. A corner is x, y, depth, height, and where on the floor.
  const lines = 20; // of the mesh, each way
  const paint = (pixels, depths, size, [a, b, c], shade, mesh) => {
    const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if (Math.abs(area) < 1e-9) return;
    const dp = (c[1] - a[1]) / area, dq = (a[1] - b[1]) / area; // of the weights of b and c from pixel to pixel
    const across = k => dp * (b[k] - a[k]) + dq * (c[k] - a[k]);
    const dDepth = across(2), dHeight = 255 * across(3), dU = lines * across(4), dV = lines * across(5);
    const top = Math.max(0, Math.ceil(Math.min(a[1], b[1], c[1]) - 0.5)), bottom = Math.min(size - 1, Math.floor(Math.max(a[1], b[1], c[1]) + 0.5));
    const thin = mesh ? 0.05 : -1;
    for (let y = top; y <= bottom; y++) {
      let from = Infinity, to = -Infinity;
      const row = Math.min(Math.max(y, Math.min(a[1], b[1], c[1])), Math.max(a[1], b[1], c[1]));
      for (let k = 0; k < 3; k++) {
        const s = k === 0 ? a : k === 1 ? b : c, e = k === 0 ? b : k === 1 ? c : a;
        if ((row < s[1] && row < e[1]) || (row > s[1] && row > e[1])) continue;
        const x = s[1] === e[1] ? s[0] : s[0] + (e[0] - s[0]) * (row - s[1]) / (e[1] - s[1]);
        if (x < from) from = x;
        if (x > to) to = x;
        if (s[1] === e[1]) { from = Math.min(from, e[0]); to = Math.max(to, e[0]); }
      }
      const first = Math.max(0, Math.ceil(from - 0.5)), last = Math.min(size - 1, Math.floor(to + 0.5));
      const p = ((first - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (row - a[1])) / area, q = ((b[0] - a[0]) * (row - a[1]) - (first - a[0]) * (b[1] - a[1])) / area;
      const begin = k => a[k] + p * (b[k] - a[k]) + q * (c[k] - a[k]);
      let depth = begin(2), height = 255 * begin(3) + 0.5, u = lines * begin(4) + 0.5, v = lines * begin(5) + 0.5;
      for (let x = first, at = y * size + first; x <= last; x++, at++) {
        if (depth <= depths[at]) {
          depths[at] = depth;
          const line = Math.abs(u - Math.floor(u) - 0.5) < thin || Math.abs(v - Math.floor(v) - 0.5) < thin;
          const tone = height < 0 ? 0 : height > 255 ? 255 : height | 0;
          pixels[at] = shades[line ? shade - 9 : shade][tone];
        }
        depth += dDepth;
        height += dHeight;
        u += dU;
        v += dV;
      }
    }
  };

  // shades are the colours of all heights, packed, for each brightness in hundredths.
  const shades = Array.from({length: 101}, (_, percent) => Uint32Array.from(viridis, ([r, g, b]) => {
    const dim = x => Math.round(x * percent / 100);
    return 0xff000000 | dim(b) << 16 | dim(g) << 8 | dim(r);
  }));

  // brightness of a face with a slope, in hundredths: all of them where it faces the lamp.
  const brightness = (slopeX, slopeY) => Math.round(72 + 28 * Math.max(0, (-0.24 * slopeX - 0.52 * slopeY + 0.82) / Math.hypot(slopeX, slopeY, 1)));

  // heightAt interpolates between the points of the grid.
  const heightAt = (z, n, x, y) => {
    const j = Math.min(n - 2, Math.floor(x * (n - 1))), i = Math.min(n - 2, Math.floor(y * (n - 1))), u = x * (n - 1) - j, v = y * (n - 1) - i;
    const low = z(i, j), worst = z(i, j + 1), best = z(i + 1, j), high = z(i + 1, j + 1);
    if (Math.abs(low - high) <= Math.abs(worst - best)) return u >= v ? low + u * (worst - low) + v * (high - worst) : low + v * (best - low) + u * (high - best);
    return u + v <= 1 ? low + u * (worst - low) + v * (best - low) : high + (1 - u) * (best - high) + (1 - v) * (worst - high);
  };

  // isCliff reports whether the surface falls within a cell and hardly before and behind it, along one of the cell's edges.
  const isCliff = (z, n, i, j) => {
    const falls = (h, k) => {
      const jump = Math.abs(h(k + 1) - h(k));
      return jump > 1 / 24 && jump > 3 * Math.max(k > 0 ? Math.abs(h(k) - h(k - 1)) : 0, k < n - 2 ? Math.abs(h(k + 2) - h(k + 1)) : 0);
    };
    return [0, 1].some(side => falls(c => z(i + side, c), j) || falls(r => z(r, j + side), i));
  };

  // foot is the height at which a boundary is drawn: the surface's, and at a cliff the lowest near by.
  const foot = (z, n, x, y) => {
    const j = Math.min(n - 2, Math.floor(x * (n - 1))), i = Math.min(n - 2, Math.floor(y * (n - 1)));
    let least = heightAt(z, n, x, y), cliff = false;
    for (let a = Math.max(0, i - 1); a <= Math.min(n - 2, i + 1); a++) for (let b = Math.max(0, j - 1); b <= Math.min(n - 2, j + 1); b++) cliff ||= isCliff(z, n, a, b);
    if (!cliff) return least;
    for (let a = Math.max(0, i - 1); a <= Math.min(n - 1, i + 2); a++) for (let b = Math.max(0, j - 1); b <= Math.min(n - 1, j + 2); b++) least = Math.min(least, z(a, b));
    return least;
  };

  // relief fills the image with the surface.
  const relief = (pixels, depths, size, project, z, n) => {
    const unit = 1 / (n - 1);
    const vertex = (i, j) => [...project(j * unit, i * unit, z(i, j)), z(i, j), j * unit, i * unit];
    const corners = [];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) corners.push(vertex(i, j));
    for (let i = 0; i < n - 1; i++) for (let j = 0; j < n - 1; j++) {
      const low = corners[i * n + j], worst = corners[i * n + j + 1], best = corners[(i + 1) * n + j], high = corners[(i + 1) * n + j + 1];
      const spread = Math.max(low[3], worst[3], best[3], high[3]) - Math.min(low[3], worst[3], best[3], high[3]);
      const cliff = spread > 1 / 24 && isCliff(z, n, i, j), reach = cliff ? 2 : 0; // the faces of a round cliff turn step by step, and the cliff does not
      const above = Math.min(n - 1, i + 1 + reach), below = Math.max(0, i - reach), right = Math.min(n - 1, j + 1 + reach), left = Math.max(0, j - reach);
      let slopeX = 0, slopeY = 0;
      for (let k = below; k <= above; k++) slopeX += (z(k, right) - z(k, left)) * tall / ((right - left) * unit) / (above - below + 1);
      for (let k = left; k <= right; k++) slopeY += (z(above, k) - z(below, k)) * tall / ((above - below) * unit) / (right - left + 1);
      const light = brightness(slopeX, slopeY), mesh = !cliff;
      const flat = Math.abs(low[3] - high[3]) <= Math.abs(worst[3] - best[3]);
      paint(pixels, depths, size, flat ? [low, worst, high] : [low, worst, best], light, mesh);
      paint(pixels, depths, size, flat ? [low, high, best] : [worst, best, high], light, mesh);
    }
  };

  // draw draws heights, up to top, with the boundary and the points, on a canvas; colour tells the page's colours.
  const draw = (canvas, answer, height, top, low, turn, marks, colour, short) => {
    const ratio = Math.max(1.5, devicePixelRatio || 1), width = canvas.clientWidth, size = Math.round(width * ratio), n = answer.axis.length;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d"), project = camera(size, turn), scale = top > 0 ? 1 / top : 0;
    const z = (i, j) => height[i * n + j] * scale;
    context.clearRect(0, 0, size, size);
    const image = context.createImageData(size, size), depths = new Float32Array(size * size).fill(Infinity);
    relief(new Uint32Array(image.data.buffer), depths, size, project, z, n);
    const layer = Object.assign(document.createElement("canvas"), {width: size, height: size});
    layer.getContext("2d").putImageData(image, 0, 0);

    context.lineWidth = ratio;
    context.strokeStyle = colour("--rule");
    const line = (a, b) => { context.beginPath(); context.moveTo(a[0], a[1]); context.lineTo(b[0], b[1]); context.stroke(); };
    for (let i = 0; i <= 5; i++) {
      line(project(i / 5, 0, 0), project(i / 5, 1, 0));
      line(project(0, i / 5, 0), project(1, i / 5, 0));
    }
    const sides = [[0, 0], [0, 1], [1, 0], [1, 1]], [sx, sy] = sides.reduce((a, b) => project(...b, 0)[0] < project(...a, 0)[0] ? b : a);
    context.strokeStyle = colour("--grey");
    line(project(sx, sy, 0), project(sx, sy, 1));
    context.drawImage(layer, 0, 0);

    const spot = (sn, sp) => [(sn - low) / (1 - low), (sp - low) / (1 - low)];
    const s = answer.segments;
    for (const [style, wide, dashed] of [["#222", 3.2, false], ["#fff", 2, true]]) {
      context.strokeStyle = style;
      context.lineWidth = wide * ratio;
      for (let i = 0; i < s.length; i += 4) {
        const pieces = dashed ? 5 : 1, on = t => spot(s[i] + t * (s[i + 2] - s[i]), s[i + 1] + t * (s[i + 3] - s[i + 1]));
        for (let k = 0; k < pieces; k++) {
          const [ax, ay] = on(k / pieces), [bx, by] = on((k + 1) / pieces);
          if (dashed && Math.abs(Math.floor((ax + ay + bx + by) * 15)) % 2) continue;
          const a = project(ax, ay, foot(z, n, ax, ay)), b = project(bx, by, foot(z, n, bx, by));
          const at = Math.round((a[1] + b[1]) / 2) * size + Math.round((a[0] + b[0]) / 2);
          if ((a[2] + b[2]) / 2 < (depths[at] ?? Infinity) + 0.03) line(a, b); // not behind the hill
        }
      }
    }
    context.font = `${13 * ratio}px sans-serif`;
    context.textAlign = "center";
    for (const {name, sn, sp, value} of marks) {
      const [x, y] = project(...spot(sn, sp), value * scale);
      context.fillStyle = "#fff";
      context.strokeStyle = "#000";
      context.lineWidth = 1.2 * ratio;
      context.beginPath();
      context.arc(x, y, 9 * ratio, 0, 7);
      context.fill();
      context.stroke();
      context.fillStyle = "#000";
      context.fillText(name, x, y + 4.5 * ratio);
    }
    const label = (text, x, y, z, dx = 0, dy = 4) => { const at = project(x, y, z); context.fillText(text, at[0] + dx * ratio, at[1] + dy * ratio); };
    const near = Math.cos(turn) < 0 ? 1.13 : -0.13, side = Math.sin(turn) < 0 ? -0.13 : 1.13; // the edges of the floor that face the reader
    context.fillStyle = colour("--ink");
    label("sₙ", 0.5, near, 0);
    label("sₚ", side, 0.5, 0);
    context.font = `${12 * ratio}px sans-serif`;
    context.fillStyle = colour("--grey");
    for (const end of [0.08, 0.92]) {
      label(short(end > 0.5 ? 1 : low), end, near, 0);
      label(short(end > 0.5 ? 1 : low), side, end, 0);
    }
    context.textAlign = "right";
    for (const t of [0, 0.5, 1]) label(short(Number((t * top).toPrecision(2))), sx, sy, t, -4, t ? 4 : -2);
  };

  return {draw};
})();
