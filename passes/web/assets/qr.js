// A QR code (ISO/IEC 18004) of one shape only: version 3, level M, alphanumeric
// mode. That is what a rotating text fits, and 29 modules a side can be read from
// a cracked screen.

const side = 29, dataBytes = 44, checkBytes = 26, longest = 61;
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The modules of a code, row by row; true is dark. */
export function modulesOf(text) {
  const grid = frame();
  place(grid, codewords(text));
  let best, least = Infinity;
  for (let mask = 0; mask < 8; mask++) {
    const tried = masked(grid, mask);
    const penalty = penaltyOf(tried);
    if (penalty < least) [best, least] = [tried, penalty];
  }
  return best;
}

/** A code as an SVG element with its quiet zone of four modules. */
export function draw(text) {
  const modules = modulesOf(text);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `-4 -4 ${side + 8} ${side + 8}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  let d = "";
  modules.forEach((row, y) => row.forEach((dark, x) => { if (dark) d += `M${x} ${y}h1v1h-1z`; }));
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

// §7.4.5 and §7.4.10: mode, length, pairs of characters in 11 bits, padding; §7.5.
function codewords(text) {
  if (text.length > longest) throw new Error("the text is too long for the code");
  const bits = [];
  const put = (value, count) => { for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  put(0b0010, 4);
  put(text.length, 9);
  for (let i = 0; i < text.length; i += 2) {
    const first = valueOf(text[i]);
    if (i + 1 < text.length) put(first * 45 + valueOf(text[i + 1]), 11);
    else put(first, 6);
  }
  put(0, Math.min(4, dataBytes * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((byte, bit) => byte * 2 + bit, 0));
  for (let pad = 0xec; data.length < dataBytes; pad ^= 0xec ^ 0x11) data.push(pad);
  return [...data, ...remainder(data)];
}

function valueOf(c) {
  const value = alphabet.indexOf(c);
  if (value < 0) throw new Error("a character does not fit the code");
  return value;
}

// Reed-Solomon over GF(256) with x⁸+x⁴+x³+x²+1.
function times(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> i) & 1) product ^= a;
  }
  return product;
}

function remainder(data) {
  let divisor = [1]; // highest power first, without its leading 1 in the end
  for (let i = 0, root = 1; i < checkBytes; i++, root = times(root, 2)) {
    const next = [...divisor, 0];
    divisor.forEach((c, at) => { next[at + 1] ^= times(c, root); });
    divisor = next;
  }
  divisor.shift();
  const rest = new Array(checkBytes).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((c, at) => { rest[at] ^= times(c, factor); });
  }
  return rest;
}

// What is the same in every code of this version; null is for data, and format
// bits are light until the mask is known.
function frame() {
  const grid = Array.from({ length: side }, () => new Array(side).fill(null));
  const finder = (left, top) => {
    for (let y = -1; y <= 7; y++) for (let x = -1; x <= 7; x++) {
      if (top + y < 0 || top + y >= side || left + x < 0 || left + x >= side) continue;
      const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
      grid[top + y][left + x] = ring !== 2 && ring !== 4;
    }
  };
  finder(0, 0); finder(side - 7, 0); finder(0, side - 7);
  for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) grid[22 + y][22 + x] = Math.max(Math.abs(x), Math.abs(y)) !== 1;
  for (let i = 8; i < side - 8; i++) grid[6][i] = grid[i][6] = i % 2 === 0;
  for (const [x, y] of formatPlaces().flat()) grid[y][x] = false;
  grid[side - 8][8] = true;
  return grid;
}

// Both places of the 15 format bits, the first bit being the least.
function formatPlaces() {
  const first = [], second = [];
  for (let i = 0; i < 15; i++) {
    first.push(i < 6 ? [8, i] : i === 6 ? [8, 7] : i === 7 ? [8, 8] : i === 8 ? [7, 8] : [14 - i, 8]);
    second.push(i < 8 ? [side - 1 - i, 8] : [8, side - 15 + i]);
  }
  return [first, second];
}

// §7.7.3: two columns at a time, upwards and downwards, from the right.
function place(grid, bytes) {
  let bit = 0;
  for (let right = side - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let i = 0; i < side; i++) for (const x of [right, right - 1]) {
      const y = up ? side - 1 - i : i;
      if (grid[y][x] !== null) continue;
      grid[y][x] = { dark: bit < bytes.length * 8 && ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1) === 1 };
      bit++;
    }
  }
}

const masks = [ // §7.8.2; x is the column
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function masked(grid, mask) {
  const done = grid.map((row, y) => row.map((m, x) => (typeof m === "boolean" ? m : m.dark !== masks[mask](x, y))));
  const format = formatOf(mask);
  for (const places of formatPlaces()) places.forEach(([x, y], i) => { done[y][x] = ((format >> i) & 1) === 1; });
  done[side - 8][8] = true;
  return done;
}

// §7.9.1: level M is 00; a BCH code, and a pattern over it.
function formatOf(mask) {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  return ((mask << 10) | rest) ^ 0x5412;
}

// §7.8.3, without the lines that look like finders: they are rare at this size.
function penaltyOf(grid) {
  let penalty = 0, dark = 0;
  const runs = (at) => {
    for (let a = 0; a < side; a++) for (let b = 1, run = 1; b <= side; b++) {
      if (b < side && at(a, b) === at(a, b - 1)) { run++; continue; }
      if (run >= 5) penalty += run - 2;
      run = 1;
    }
  };
  runs((a, b) => grid[a][b]);
  runs((a, b) => grid[b][a]);
  grid.forEach((row, y) => row.forEach((m, x) => {
    dark += m ? 1 : 0;
    if (x && y && m === row[x - 1] && m === grid[y - 1][x] && m === grid[y - 1][x - 1]) penalty += 3;
  }));
  return penalty + 10 * Math.floor(Math.abs((dark / side / side) * 100 - 50) / 5);
}
