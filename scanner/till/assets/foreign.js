// What a code is that is none of ours, as far as its text shows: a cashier who knows
// helps a customer sooner. It decides nothing.

const kinds = {
  wifi: /^WIFI:/i,
  address: /^(https?:\/\/|www\.)/i,
  contact: /^(BEGIN:VCARD|MECARD:|mailto:|tel:|smsto:)/i,
  payment: /^(BCD\r?\n|SPD\*|SPC\r?\n|bitcoin:|\d{10}\|PL\||000201)/i, // EPC069-12, the Czech and Swiss ones, Polish 2D, EMV QR
  product: /^\d{8}(\d{4,6})?$/, // GTIN
};

/** The name of the kind, or undefined. */
export const foreign = (text) => Object.keys(kinds).find((kind) => kinds[kind].test(text));
