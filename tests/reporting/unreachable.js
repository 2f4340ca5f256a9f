// What a keyboard or a screen reader would miss: scrolling parts out of the tab order, roles
// without a name, tables without caption or with headers that do not say what they head.
() => {
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const scrolls =
      node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX === "auto";
    if (scrolls && node.tabIndex < 0) found.push(`scrolls: ${node.className}`);
    const labelled = node.getAttribute("aria-labelledby");
    const role = node.getAttribute("role");
    if (role && role !== "note" && !node.getAttribute("aria-label") && !labelled) {
      found.push(`unnamed: ${node.outerHTML.slice(0, 80)}`);
    }
    if (labelled && !document.getElementById(labelled)) found.push(`no element ${labelled}`);
  }
  for (const table of document.querySelectorAll("table")) {
    const heads = [...table.querySelectorAll("th")];
    if (!table.caption || heads.some((head) => !head.scope)) found.push(`table: ${table.id}`);
  }
  return found;
}
