// Uses everything in the page that can be used, and returns how many things that were. Lists come first: they may change what else there is.
(async () => {
  const visible = element => element.getClientRects().length > 0;
  const all = selector => [...document.querySelectorAll(selector)].filter(visible);
  const settle = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const set = async (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    input.dispatchEvent(new Event("change", {bubbles: true}));
    await settle();
  };
  let used = 0;
  for (const fold of all("details")) { fold.open = true; used++; }
  const known = new WeakSet(); // what has been used once need not be again
  const fresh = selector => all(selector).filter(element => !known.has(element) && known.add(element));
  const slide = async () => {
    for (const slider of fresh("input[type=range]")) {
      const before = slider.value;
      for (const value of [slider.min || 0, slider.max || 100, before]) await set(slider, value);
      used++;
    }
    for (const box of fresh("input[type=checkbox]")) { box.click(); await settle(); box.click(); await settle(); used++; }
  };
  await slide();
  for (const list of all("select")) {
    const before = list.value, values = [...list.options].map(option => option.value);
    for (const value of values) {
      await set(list, value);
      if (list.options.length > 8) await slide(); // a list of things that bring controls of their own
    }
    await set(list, before);
    used++;
  }
  for (const button of all("button")) { button.click(); await settle(); button.click(); await settle(); used++; }
  for (const point of all("[tabindex='0']")) {
    for (const key of ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"]) {
      point.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
      await settle();
    }
    used++;
  }
  await new Promise(done => setTimeout(done, 500)); // what waits for a rest
  return used;
})()
