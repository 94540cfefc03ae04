// Looks at the page as it is and returns what package reportcheck's Page holds.
(async () => {
  await document.fonts.ready;
  for (let i = 0; i < 100 && document.documentElement.className === "starting"; i++) await new Promise(done => setTimeout(done, 100));
  const complaints = [];
  const visible = element => element.getClientRects().length > 0;
  const blank = picture => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0, 64, 64);
    const pixels = new Uint32Array(context.getImageData(0, 0, 64, 64).data.buffer);
    return pixels.every(pixel => pixel === pixels[0]);
  };
  const images = [...document.querySelectorAll("main img, article img")].filter(visible);
  for (const image of images) {
    try { await image.decode(); } catch (error) { complaints.push("a figure is broken: " + image.alt.slice(0, 60)); continue; }
    if (blank(image)) complaints.push("a figure is blank: " + image.alt.slice(0, 60));
    if (!image.alt) complaints.push("a figure has no text for those who cannot see it");
  }
  for (const canvas of [...document.querySelectorAll("canvas")].filter(visible)) {
    if (blank(canvas)) complaints.push("a figure is blank: " + canvas.id);
    if (!canvas.getAttribute("aria-label")) complaints.push("a figure has no text for those who cannot see it");
  }
  for (const input of document.querySelectorAll("input, select, button")) {
    if (visible(input) && !input.labels?.length && !input.getAttribute("aria-label") && !input.textContent.trim())
      complaints.push("a control has no name: " + input.outerHTML.slice(0, 80));
  }
  for (const error of document.querySelectorAll(".katex-error")) complaints.push("mathematics with an error: " + error.title);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, style, noscript, pre, code, .katex") && /\$[^$\n]+\$|\$\$/.test(node.textContent))
      complaints.push("raw mathematics: " + node.textContent.trim().slice(0, 60));
  }
  for (const element of document.querySelectorAll("p, h1, h2, h3, li, figure, input, select, button")) // what is wider may scroll inside: tables, code, formulas
    if (!element.closest("table, pre, details:not([open])") && element.getBoundingClientRect().right > innerWidth + 1)
      complaints.push("cut off at the right: " + (element.textContent.trim() || element.outerHTML).slice(0, 60));
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const id = link.getAttribute("href").slice(1);
    if (!document.getElementById(id) && !document.getElementById(decodeURIComponent(id)))
      complaints.push("a link leads nowhere: " + link.textContent.slice(0, 60));
  }
  return {complaints, contents: document.querySelectorAll("nav ol a").length, figures: images.length, formulas: document.querySelectorAll(".katex").length,
          pages: [...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href").split("#")[0]).filter(href => href && !/^\w+:/.test(href)),
          width: document.documentElement.scrollWidth};
})()
