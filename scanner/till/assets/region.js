// Countries, for telephone numbers that are typed as people say them: without + and
// the country's digits.

const zonesOf = (region) => {
  const place = new Intl.Locale("und", { region });
  return place.getTimeZones?.() ?? place.timeZones ?? [];
};

let known;

/** All countries that this browser knows (ISO 3166, two letters); empty where it knows none. */
export function regions() {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return known ??= letters.flatMap((a) => letters.map((b) => a + b)).filter((region) => zonesOf(region).length > 0);
}

/** The country of a shop: that of its time zone, else of who sits there. */
export function regionOf(zone, language) {
  return regions().find((region) => zonesOf(region).includes(zone)) ?? new Intl.Locale(language).maximize().region ?? "";
}
