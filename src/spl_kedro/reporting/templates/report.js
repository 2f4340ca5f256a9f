"use strict";
// Contents start folded on small screens.
if (window.matchMedia("(max-width: 68rem)").matches) {
  document.querySelector(".contents").open = false;
}
// Paper cannot unfold anything: print shows all, and the screen is restored afterwards.
const opened = [];
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open])")) {
    fold.open = true;
    opened.push(fold);
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of opened.splice(0)) fold.open = false;
});
// A link into a folded part unfolds it.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target && target.closest("details");
  if (fold) fold.open = true;
};
window.addEventListener("hashchange", unfold);
unfold();

// Reads the curves' values where the pointer is, or where the arrow keys have moved to.
const NS = "http://www.w3.org/2000/svg";
for (const chart of document.querySelectorAll(".chart[data-readout]")) {
  const { axes } = JSON.parse(chart.dataset.readout);
  const svg = chart.querySelector("svg");
  const words = chart.parentElement.querySelector(".readout");
  const line = document.createElementNS(NS, "line");
  line.setAttribute("style", "stroke: var(--ink-soft); stroke-width: 0.8; visibility: hidden");
  svg.append(line);
  let at = { panel: axes[0], x: axes[0].xlim[0] };
  chart.setAttribute("aria-valuemin", axes[0].xlim[0]);
  chart.setAttribute("aria-valuemax", axes[0].xlim[1]);

  const valueAt = (curve, x) => {
    // The last point at or before x; curves may run in steps, and x may repeat.
    let value = null;
    for (let i = 0; i < curve.x.length; i += 1) {
      if (curve.x[i] > x) {
        if (i > 0 && curve.x[i] > curve.x[i - 1]) {
          const share = (x - curve.x[i - 1]) / (curve.x[i] - curve.x[i - 1]);
          value = curve.y[i - 1] + share * (curve.y[i] - curve.y[i - 1]);
        }
        break;
      }
      value = curve.y[i];
    }
    return x < curve.x[0] || x > curve.x[curve.x.length - 1] ? null : value;
  };
  const show = () => {
    const { panel, x } = at;
    const [left, top, width, height] = panel.box;
    const position = left + (width * (x - panel.xlim[0])) / (panel.xlim[1] - panel.xlim[0]);
    line.setAttribute("x1", position);
    line.setAttribute("x2", position);
    line.setAttribute("y1", top);
    line.setAttribute("y2", top + height);
    line.style.visibility = "visible";
    const values = panel.curves
      .map((curve) => [curve.name, valueAt(curve, x)])
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name} ${value.toFixed(3)}`);
    words.textContent = `${panel.xlabel} ${x.toFixed(2)}: ${values.join(", ")}`;
    chart.setAttribute("aria-valuenow", x.toFixed(2));
    chart.setAttribute("aria-valuetext", words.textContent);
  };
  chart.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect();
    const view = svg.viewBox.baseVal;
    const px = ((event.clientX - frame.left) / frame.width) * view.width;
    const py = ((event.clientY - frame.top) / frame.height) * view.height;
    const panel = axes.find(({ box: [l, t, w, h] }) => px >= l && px <= l + w && py >= t && py <= t + h);
    if (!panel) return;
    const share = (px - panel.box[0]) / panel.box[2];
    at = { panel, x: panel.xlim[0] + share * (panel.xlim[1] - panel.xlim[0]) };
    show();
  });
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (!step) return;
    event.preventDefault();
    const [low, high] = at.panel.xlim;
    at.x = Math.min(high, Math.max(low, at.x + step * (high - low)));
    show();
  });
}
