// The controls: they make a setting, keep it in the address, and call changed() when the reader moves one.
// The losses and their parameters come from the catalogue, in list; nothing here knows one by name but the first.
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
  const first = "circle", plain = {negatives: 1, others: 0.3, low: 0};
  let loss, changed;

  // pair keeps a slider and a number box together; the box has the truth, and takes what is beyond the slider.
  const pair = (slider, number, value, position) => {
    const follow = () => { slider.value = position(Number(number.value)); slider.setAttribute("aria-valuetext", number.value); };
    slider.addEventListener("input", () => { number.value = value(Number(slider.value)); slider.setAttribute("aria-valuetext", number.value); changed(); });
    number.addEventListener("input", () => { follow(); changed(); });
    number.follow = follow;
    follow();
  };

  // row makes the control of a parameter.
  const row = p => {
    const row = document.createElement("div"), id = "parameter-" + p.name;
    row.className = "row";
    const add = (tag, values) => row.appendChild(Object.assign(document.createElement(tag), values));
    add("label", {htmlFor: id, textContent: p.name});
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
      pair(slider, number, value, position);
    }
    return row;
  };

  const choose = name => {
    loss = list.losses.find(l => l.name === name) || list.losses.find(l => l.name === first);
    $("loss").value = loss.name;
    const source = Object.assign(document.createElement("small"), {textContent: loss.paper && ` — ${loss.paper}`});
    $("formula").replaceChildren("L = ", set(loss.formula), source);
    $("parameters").replaceChildren(...loss.parameters.map(row));
    $("measure").value = loss.measure;
  };

  const setting = () => ({
    loss: loss.name, measure: $("measure").value, negatives: Number($("negatives").value), others: Number($("others").value), low: Number($("low").value),
    parameters: Object.fromEntries(loss.parameters.map(p => [p.name, p.kind === "truth" ? String($("parameter-" + p.name).checked) : $("parameter-" + p.name).value])),
  });

  // The address keeps the setting: explorer.html#loss=am-softmax&gamma=20&negatives=8 opens with it.
  const remember = () => {
    const s = setting(), words = new URLSearchParams({loss: s.loss});
    for (const p of loss.parameters) if (s.parameters[p.name] !== p.default) words.set(p.name, s.parameters[p.name]);
    for (const name in plain) if (s[name] !== plain[name]) words.set(name, s[name]);
    if (s.measure !== loss.measure) words.set("measure", s.measure);
    history.replaceState(null, "", "#" + words);
  };
  const recall = () => {
    const words = new URLSearchParams(location.hash.slice(1));
    choose(words.get("loss") || first);
    const boxes = {measure: $("measure"), low: $("low"), negatives: $("negatives"), others: $("others")};
    for (const p of loss.parameters) boxes[p.name] = $("parameter-" + p.name);
    for (const name in boxes) {
      const box = boxes[name], value = words.get(name) ?? plain[name];
      if (value === undefined) continue;
      if (box.type === "checkbox") box.checked = value === "true";
      else box.value = value;
      if (box.selectedIndex === -1) box.selectedIndex = 0; // the address asks for what is not there
      box.follow?.();
    }
  };

  const start = call => {
    changed = call;
    for (const labels of new Set(list.losses.map(l => l.labels))) {
      const group = Object.assign(document.createElement("optgroup"), {label: labels});
      group.append(...list.losses.filter(l => l.labels === labels).map(l => new Option(l.name, l.name)));
      $("loss").append(group);
    }
    $("measure").append(...list.measures.map(([name, about]) => new Option(about, name)));
    $("others-list").textContent = `Not among them, because they look at more than the scores of one anchor: ${list.others.join("; ")}.`;
    pair($("negatives-slider"), $("negatives"), x => 2 ** x, x => Math.round(Math.log2(x)));
    pair($("others-slider"), $("others"), x => x, x => x);
    $("loss").addEventListener("input", () => { choose($("loss").value); changed(); });
    $("reset").addEventListener("click", () => { choose(loss.name); changed(); });
    for (const id of ["measure", "low"]) $(id).addEventListener("input", changed);
  };

  return {start, setting, remember, recall};
})();
