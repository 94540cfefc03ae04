// The controls: they make settings and keep them in the address. The losses and their parameters come from the catalogue, in list; nothing
// here knows one by name.
"use strict";
const $ = id => document.getElementById(id);

// set shows the catalogue's way to write formulas, s_n^j, with lowered and raised letters.
const set = text => {
  const whole = document.createDocumentFragment();
  for (const [, plain, sign, script] of text.matchAll(/([^_^]+?(?=[_^]|$))|([_^])(\{[^}]*\}|\+|−?\p{L}{1,2})/gu)) {
    if (plain) whole.append(plain);
    else whole.append(Object.assign(document.createElement(sign === "_" ? "sub" : "sup"), {textContent: script.replace(/[{}]/g, "")}));
  }
  return whole;
};

const controls = (() => {
  // pair keeps a slider and a number box together; the box has the truth, and takes what is beyond the slider.
  const pair = (slider, number, value, position, changed) => {
    const follow = () => { slider.value = position(Number(number.value)); slider.setAttribute("aria-valuetext", number.value); };
    slider.addEventListener("input", () => { number.value = value(Number(slider.value)); slider.setAttribute("aria-valuetext", number.value); changed(); });
    number.addEventListener("input", () => { follow(); changed(); });
    number.follow = follow;
    follow();
  };

  // doubling pairs a box of 1, 2, 4 … with its slider; logarithmic one whose slider multiplies by equal steps.
  const doubling = (id, changed) => pair($(id + "-slider"), $(id), x => 2 ** x, x => Math.round(Math.log2(x)), changed);
  const logarithmic = (id, low, high, changed) =>
    pair($(id + "-slider"), $(id), x => Number((low * (high / low) ** (x / 200)).toPrecision(2)), x => Math.round(200 * Math.log(x / low) / Math.log(high / low)), changed);

  // row makes the control of a parameter, under its letter in the formula.
  const row = (p, prefix, changed) => {
    const row = document.createElement("div"), id = `${prefix}parameter-${p.name}`;
    row.className = "row";
    const add = (tag, values) => row.appendChild(Object.assign(document.createElement(tag), values));
    const [, letter, rest] = p.means.match(/^(\p{L}(?:_\p{L})?)(?:, (.*))?$/u) || [];
    const label = add("label", {htmlFor: id, title: p.means});
    if (letter) label.append(set(letter), Object.assign(document.createElement("small"), {textContent: ` ${rest || p.name}`}));
    else label.textContent = p.name;
    if (p.kind === "truth") {
      add("input", {type: "checkbox", id, checked: p.default === "true"}).addEventListener("input", changed);
    } else if (p.kind === "word" && p.words) {
      const select = add("select", {id});
      for (const word of p.words) select.append(new Option(word, word, word === p.default, word === p.default));
      select.addEventListener("input", changed);
    } else if (p.kind === "word") {
      add("input", {type: "text", id, value: p.default}).addEventListener("input", changed);
    } else {
      const whole = p.kind === "whole", steps = whole ? p.high - p.low : 200;
      const slider = add("input", {type: "range", min: 0, max: steps, step: 1});
      slider.setAttribute("aria-label", p.name + ", slider");
      const number = add("input", {type: "number", id, step: whole ? 1 : "any", value: p.default});
      const value = position => {
        const t = position / steps, x = p.log ? p.low * (p.high / p.low) ** t : p.low + (p.high - p.low) * t;
        return Number(whole ? Math.round(x) : x.toPrecision(3));
      };
      const position = x => Math.round(steps * (p.log ? Math.log(x / p.low) / Math.log(p.high / p.low) : (x - p.low) / (p.high - p.low)));
      pair(slider, number, value, position, changed);
    }
    return row;
  };

  // chooser makes the controls of one loss out of the elements whose ids have a prefix. They call changed() when the reader moves one.
  const chooser = (prefix, offered, changed) => {
    const the = name => $(prefix + name);
    let loss;
    for (const labels of new Set(offered.map(l => l.labels))) {
      const group = Object.assign(document.createElement("optgroup"), {label: labels});
      group.append(...offered.filter(l => l.labels === labels).map(l => new Option(l.name, l.name)));
      the("loss").append(group);
    }
    if (the("measure")) {
      the("measure").append(...list.measures.map(([name, about]) => new Option(about, name)));
      the("measure").addEventListener("input", changed);
    }
    const choose = name => {
      loss = offered.find(l => l.name === name) || offered.find(l => l.name === "circle");
      the("loss").value = loss.name;
      const source = Object.assign(document.createElement("small"), {textContent: loss.paper && ` — ${loss.paper}`});
      the("formula").replaceChildren("L = ", set(loss.formula), source);
      the("parameters").replaceChildren(...loss.parameters.map(p => row(p, prefix, changed)));
      if (the("measure")) the("measure").value = loss.measure;
    };
    const setting = () => ({
      loss: loss.name, measure: the("measure")?.value,
      parameters: Object.fromEntries(loss.parameters.map(p => {
        const box = the("parameter-" + p.name);
        return [p.name, p.kind === "truth" ? String(box.checked) : box.value];
      })),
    });
    // write puts what differs from the paper's setting into an address, and read takes it from there.
    const write = (words, first, before) => {
      const s = setting();
      words.set(first, s.loss);
      for (const p of loss.parameters) if (s.parameters[p.name] !== p.default) words.set(before + p.name, s.parameters[p.name]);
      if (s.measure !== loss.measure) words.set(before + "measure", s.measure);
    };
    const read = (words, first, before) => {
      choose(words.get(first));
      const boxes = {measure: the("measure")};
      for (const p of loss.parameters) boxes[p.name] = the("parameter-" + p.name);
      for (const name in boxes) fill(boxes[name], words.get(before + name));
    };
    the("loss").addEventListener("input", () => { choose(the("loss").value); changed(); });
    the("reset").addEventListener("click", () => { choose(loss.name); changed(); });
    return {choose, setting, write, read, loss: () => loss};
  };

  // fill puts a word of the address into a box.
  const fill = (box, value) => {
    if (value === undefined || value === null) return;
    if (box.type === "checkbox") box.checked = value === "true";
    else box.value = value;
    if (box.selectedIndex === -1) box.selectedIndex = 0; // the address asks for what is not there
    box.follow?.();
  };

  // player calls step for each picture from one click on its button to the next, until step says that it is at its end. idle returns what
  // the button says while nothing goes.
  const player = (button, idle, step) => {
    let going = 0;
    const pause = () => {
      cancelAnimationFrame(going);
      going = 0;
      button.textContent = idle();
    };
    const run = () => {
      button.textContent = "Hold";
      const tick = () => {
        going = requestAnimationFrame(tick);
        if (!step()) pause();
      };
      going = requestAnimationFrame(tick);
    };
    button.addEventListener("click", () => (going ? pause() : run()));
    return {pause, going: () => going > 0};
  };

  return {chooser, pair, doubling, logarithmic, player, fill};
})();
