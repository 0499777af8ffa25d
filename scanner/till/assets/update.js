// The app is kept for cold starts without network; a new version is told of, and
// loaded when somebody taps.
import { top } from "./top.js";

export async function announceUpdates(till) {
  if (!("serviceWorker" in navigator)) return;
  const worker = await navigator.serviceWorker.register("/till/worker.js", { scope: "/till", updateViaCache: "none" }).catch(() => undefined);
  if (!worker) return;
  const told = () => {
    if (!worker.waiting || !navigator.serviceWorker.controller) return;
    till.update = () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      worker.waiting.postMessage("load");
    };
    top(till);
  };
  worker.addEventListener("updatefound", () => worker.installing?.addEventListener("statechange", told));
  setInterval(() => worker.update().catch(() => {}), 60 * 60_000);
  told();
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.kept = "yes";
}
