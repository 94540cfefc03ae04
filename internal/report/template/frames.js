// Drives every <figure class="frames">: two or more <img data-label="γ = 20" alt="…">, one of which is shown at a time.
// A slider chooses (arrow keys move it), a button plays. Without this script all frames stand below each other.
document.addEventListener("DOMContentLoaded", () => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const figure of document.querySelectorAll("figure.frames")) {
    const images = [...figure.querySelectorAll("img")];
    if (images.length < 2) continue;
    const bar = document.createElement("div"), button = document.createElement("button");
    const slider = document.createElement("input"), label = document.createElement("output");
    bar.className = "frames-bar";
    button.type = "button";
    Object.assign(slider, {type: "range", min: 0, max: images.length - 1, step: 1, value: figure.dataset.start || 0});
    slider.setAttribute("aria-label", "frame");
    const show = () => {
      const at = Number(slider.value);
      images.forEach((image, i) => image.classList.toggle("shown", i === at));
      label.textContent = images[at].dataset.label || `${at + 1} of ${images.length}`;
      slider.setAttribute("aria-valuetext", label.textContent);
    };
    let timer = 0;
    const play = on => {
      clearInterval(timer);
      timer = on && setInterval(() => { slider.value = (Number(slider.value) + 1) % images.length; show(); }, still ? 2000 : 500);
      button.textContent = on ? "⏸" : "▶";
      button.setAttribute("aria-label", on ? "pause" : "play");
    };
    slider.addEventListener("input", () => { play(false); show(); });
    button.addEventListener("click", () => play(!timer));
    bar.append(button, slider, label);
    figure.append(bar);
    figure.classList.add("driven");
    play(false);
    show();
  }
});
