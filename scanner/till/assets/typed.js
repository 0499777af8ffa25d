// What a person types on a keyboard where a pad is shown. A barcode gun types, too:
// read/wedge.js keeps its keys from the page from the fourth on and says so; then the
// pad stands again as before the first. Keys that were a person's after all come back.

/** Keys of a gun that reach the page before it is known for one. */
const early = 3;

/**
 * Follows the keyboard as long as `place` is shown. `pad` does what the keys say: digit(d),
 * erase(), enter() and, where it leads somewhere, escape(); state() is how it stands, and
 * restore() puts it back to that.
 */
export function followKeys(place, pad) {
  let before = []; // of the last digits: when each came, and how the pad stood
  const digit = (key, at) => {
    before = [...before, { at, state: pad.state() }].slice(-early);
    pad.digit(key);
  };
  const pressed = (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest?.("input, select")) return;
    if (/^\d$/.test(key)) digit(key, event.timeStamp);
    else if (key === "Backspace") pad.erase();
    else if (key === "Escape") pad.escape?.();
    else if (key === "Enter" && !event.repeat && !target.closest?.("button, summary")) pad.enter();
  };
  const taken = ({ detail: since }) => {
    const first = before.find(({ at }) => at >= since);
    if (first) pad.restore(first.state);
    before = [];
  };
  const given = ({ detail: text }) => { for (const key of text.match(/\d/g) ?? []) pad.digit(key); };
  const heard = { keydown: pressed, keystaken: taken, keysgiven: given };
  const hear = (event) => {
    if (place.isConnected) heard[event.type](event);
    else for (const name of Object.keys(heard)) document.removeEventListener(name, hear);
  };
  for (const name of Object.keys(heard)) document.addEventListener(name, hear);
}
