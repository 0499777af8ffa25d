// What a program lets a till do by itself, as far as the till knows. The server
// decides, when it is sent: this only saves customers a promise that would be broken.

/** Why a method may not do an action ("earn" or "redeem") in a program now, as a code; undefined when it may. `now` is in ms. */
export function refusal(program, method, action, now) {
  if (action === "earn" && program.starts_at && now < Date.parse(program.starts_at)) return "program_not_started";
  if (action === "earn" && program.ends_at && now >= Date.parse(program.ends_at)) return "program_ended";
  const policy = program.policies?.find((one) => one.method === method && one.action === action);
  if (policy?.refused) return "credential_not_accepted";
  if (policy?.needs && policy.needs !== "none") return "offline_pin"; // nobody can check one here
  return undefined;
}

/** For so long after a code was read a till may earn, and hand out, in ms. */
export const earning = 15 * 60_000, redeeming = 2 * 60_000;
