// What a person types on a keyboard where a pad is shown. What a gun has typed by the
// time that read/wedge.js knows it for one is undone.

/** Keys of a gun that reach the page. */
const early = 3;

/** Follows the keyboard as long as `place` is shown. state() is how the pad stands, restore() puts it back to that. */
export function followKeys(place, pad) {
  let before = []; // the last digits
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
