// Elements made in one expression. Texts are texts: nothing here reads HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. Properties that begin with "on" are listeners, true is an empty attribute, and what is null, undefined or false is left out. */
export const h = (name, properties, ...children) => fill(document.createElement(name), properties, children);

/** An SVG element. */
export const s = (name, properties, ...children) => fill(document.createElementNS(SVG, name), properties, children);

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const paths = {
  good: "M4 13l5 5L20 6",
  bad: "M6 6l12 12M18 6L6 18",
  wait: "M12 6v6l4 3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  undo: "M9 5L4 10l5 5M4 10h10.500a4.500 4.500 0 0 1 0 9H10",
  menu: "M4 7h16M4 12h16M4 17h16",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c1-5 4-7 8-7s7 2 8 7",
  gift: "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7c-4 0-5-4-3-4s3 4 3 4M12 7c4 0 5-4 3-4s-3 4-3 4",
  gun: "M4 7h14l2 3-2 3h-5l-2 7H7l1-7H4zM15 13v3",
  offline: "M3 3l18 18M8.5 15.5a5 5 0 0 1 5-1M5 12a10 10 0 0 1 5-2.700M2 8.500A15 15 0 0 1 7 5.600M12 19h.01M14 9.300a10 10 0 0 1 5 2.700M11 5a15 15 0 0 1 11 3.500",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13M15.500 15.500L21 21",
  light: "M8 3h8v4l-2 3v11h-4V10L8 7zM12 13v2",
  turn: "M4 10a8 8 0 0 1 14-4l2 2M20 3v5h-5M20 14a8 8 0 0 1-14 4l-2-2M4 21v-5h5",
  print: "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  erase: "M9 6h12v12H9l-6-6zM12 9.500l5 5M17 9.500l-5 5",
};

/** One of the app's icons. It says nothing to who cannot see it. */
export const icon = (name) => s("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, s("path", { d: paths[name] }));
