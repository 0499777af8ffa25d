// Amounts as a keypad makes them: whole minor units, never a fraction.

/** The longest amount that can be typed, in digits. */
export const longest = 9;

/** How many digits of a currency are behind the point (ISO 4217): 2 of EUR, 0 of JPY. */
export const digits = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

/** The amount after one more key: a digit, "00", or "erase". */
export function press(total, key) {
  if (key === "erase") return Math.floor(total / 10);
  const next = Number(`${total}${key}`);
  return String(next).length > longest ? total : next;
}

/** An amount as people write it. */
export const format = (total, currency, language) =>
  new Intl.NumberFormat(language, { style: "currency", currency }).format(total / 10 ** digits(currency));

/** How many units a purchase earns before bonuses, as far as the till can tell: `multiplier` is that of the card's tier, in thousandths. */
export const estimate = (rule, total, multiplier = 1000) =>
  (total < (rule.minimum ?? 0) || !rule.units ? 0 : Math.floor((Math.floor((total * rule.units) / (rule.per ?? 1)) * multiplier) / 1000));
