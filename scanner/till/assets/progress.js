// A card's progress as a picture: stamps that are there and that are missing, or a
// bar that fills. Its shapes are pure.
import { h, s } from "./dom.js";

/** How a card of so many stamps is laid out: rows as even as they go, five or six wide where they can be. */
export function grid(size) {
  if (size <= 6) return { columns: size, rows: 1 };
  const rows = Math.ceil(size / (size > 24 ? 10 : size > 12 ? 8 : 6));
  return { columns: Math.ceil(size / rows), rows };
}

/** Of the way to a reward, how much is behind: between 0 and 1. */
export const part = (have, at) => (at > 0 ? Math.min(1, Math.max(0, have / at)) : 1);

/** The picture of a card, and in words what it shows; undefined of points that lead to nothing. */
export function picture(card, program, words) {
  const size = program?.card_size ?? card.progress?.card_size;
  return card.kind === "stamps" && size ? stamps(card.balance, size, program?.milestones ?? [], words) : bar(card, words);
}

/** More stamps than these are drawn as a bar: nobody counts them. */
const drawn = 60;

function stamps(have, size, milestones, words) {
  if (size > drawn) return meter(part(have, size), words.count("stamps.of", size, { have: words.number.format(have) }));
  const { columns, rows } = grid(size);
  const gifts = new Set([size, ...milestones.map((m) => m.at)]);
  const one = Array.from({ length: size }, (_, i) => {
    const [x, y] = [(i % columns) * 40 + 20, Math.floor(i / columns) * 40 + 20];
    const there = i < have;
    return [
      s("circle", { cx: x, cy: y, r: 16, class: there ? "stamp there" : "stamp" }),
      there && s("path", { d: `M${x - 7} ${y}l5 5 9-10`, class: "tick" }),
      !there && gifts.has(i + 1) && s("path", { d: `M${x - 7} ${y - 2}h14v9h-14zM${x - 8} ${y - 6}h16v4h-16zM${x} ${y - 6}v13`, class: "goal" }),
    ];
  });
  return s("svg", {
    viewBox: `0 0 ${columns * 40} ${rows * 40}`, class: `picture rows-${Math.min(rows, 4)}`, role: "img",
    "aria-label": words.count("stamps.of", size, { have: words.number.format(have) }),
  }, one);
}

function bar({ balance, progress }, words) {
  return progress && meter(part(balance, progress.at), words.say("points.of", { have: words.number.format(balance), at: words.number.format(progress.at) }));
}

/** A bar that is filled to a part, between 0 and 1. */
export function meter(filled, label) {
  const there = h("i", {});
  there.style.width = `${100 * filled}%`;
  return h("div", { class: "meter", role: "img", "aria-label": label }, filled > 0 && there);
}
