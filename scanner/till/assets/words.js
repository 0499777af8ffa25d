// What the app says, in the cashier's language.

export const languages = { en: "English", pl: "Polski", ro: "Română" };

/** The language of the list that a browser's preferences meet first. */
export function choose(preferred) {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    if (language in languages) return language;
  }
  return "en";
}

/** A speaker of one language, with its texts. */
export class Words {
  constructor(language, texts) {
    this.language = language;
    this.texts = texts;
    this.plural = new Intl.PluralRules(language);
    this.number = new Intl.NumberFormat(language);
  }

  has(id) { return id in this.texts; }

  /** A text with its {values} filled in. */
  say(id, values = {}) {
    if (!this.has(id)) throw new Error(`there is no text ${id} in ${this.language}`);
    return this.texts[id].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  /** A text with a number, in the form that the language has for it. */
  count(id, n, values = {}) {
    const form = `${id}.${this.plural.select(n)}`;
    return this.say(this.has(form) ? form : `${id}.other`, { n: this.number.format(n), ...values });
  }

  /** How long, of milliseconds: seconds, minutes, or hours, never less than one second. No line ends within it. */
  span(ms) {
    const seconds = Math.max(1, Math.round(ms / 1000)), minutes = Math.round(seconds / 60);
    const [unit, n] = seconds < 120 ? ["seconds", seconds] : minutes < 120 ? ["minutes", minutes] : ["hours", Math.round(minutes / 60)];
    return this.say(`span.${unit}`, { n }).replaceAll(" ", "\u00a0");
  }

  /** A day of the shop, with its year where that is not this one. */
  day(at, now, zone) {
    const year = (date) => new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric" }).format(date);
    return new Intl.DateTimeFormat(this.language, { timeZone: zone, day: "numeric", month: "short", ...(year(at) === year(now) ? {} : { year: "numeric" }) }).format(at);
  }

  /** A moment of the shop: the time of today, else with its day. */
  moment(at, now, zone) {
    const day = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(date);
    const today = day(at) === day(now);
    return new Intl.DateTimeFormat(this.language, { timeZone: zone, timeStyle: "short", ...(today ? {} : { dateStyle: "medium" }) }).format(at);
  }

  /** A moment of the shop, always with its day. */
  dated(at, zone) { return new Intl.DateTimeFormat(this.language, { timeZone: zone, timeStyle: "short", dateStyle: "medium" }).format(at); }
}

export async function load(language) {
  const answer = await fetch(`/till/words/${language}.json`);
  return new Words(language, await answer.json());
}
