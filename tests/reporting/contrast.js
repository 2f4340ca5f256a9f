// Contrast of every visible text with what lies behind it (WCAG 2.2, success criterion 1.4.3).
() => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (node) => {
    for (let element = node; element; element = element.parentElement) {
      const colour = parts(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const texts = "p, li, th, td, a, dt, dd, h1, h2, h3, summary, figcaption, span, label, output, button, input, select";
  const poor = [];
  for (const node of document.querySelectorAll(texts)) {
    if (!node.innerText || !node.checkVisibility()) continue;
    const ink = light(parts(getComputedStyle(node).color));
    const paper = light(behind(node));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) {
      poor.push(`${node.tagName} ${ratio.toFixed(2)} ${node.innerText.slice(0, 40)}`);
    }
  }
  return poor;
}
