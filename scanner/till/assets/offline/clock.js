// The server's time on a device whose own clock may be wrong, also while there is no
// network to ask.
//
// Since the last contact two clocks have run: the device's own, which somebody may
// have set, and the browser's, which only goes forward but stands still while the
// device sleeps. Where they differ nobody knows which one is right, so both count until
// something that the server has signed says more.

/** Two clocks that differ by no more than this are one, in ms. */
const same = 2000;

export class Clock {
  #wall = 0; // what to add to the device's clock, ms
  #steady; // what to add to the browser's, ms; none before the first contact of this page
  #least = 0; // the server's time can be no earlier: it was that once

  /** `wall` and `steady` are ms: of Date, and of a clock that only goes forward. */
  constructor(wall = () => Date.now(), steady = () => performance.now()) {
    this.wall = wall;
    this.steady = steady;
  }

  /** What outlives the page: {skew, least} in ms. */
  get kept() { return { skew: this.#wall, least: this.now() }; }

  /** Goes on after a cold start: with the device's clock alone. */
  resume({ skew, least }) {
    this.#wall = skew;
    this.#least = least;
  }

  /** The server said that it is `at`, in ms since 1970, when the browser's clock showed `when`. */
  set(at, when = this.steady()) {
    this.#least = at;
    this.#steady = at - when;
    this.#wall = at + (this.steady() - when) - this.wall();
  }

  /** The server's time, ms since 1970. A device that has slept is likelier than a clock that was set forward. */
  now() { return this.#both()[1]; }

  /**
   * Whether it can be between two times, as what the server has signed says it must.
   * It is taken at its word: nobody else can sign, and so a time to come only says
   * that this clock was behind.
   */
  within(from, to) {
    const [low, high] = this.#both();
    if (low > to) return false;
    if (high > to) this.set(low); // the device's clock was set forward
    else if (low < from && high >= from) this.set(high); // the device has slept
    else if (high < from) this.set(from);
    return true;
  }

  /** The earlier and the later of what it can be. */
  #both() {
    const wall = this.wall() + this.#wall;
    const steady = this.#steady === undefined ? wall : this.steady() + this.#steady;
    const ahead = wall - steady > same;
    return [Math.max(this.#least, steady), Math.max(this.#least, ahead ? wall : steady)];
  }
}
