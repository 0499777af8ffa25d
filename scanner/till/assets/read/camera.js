// @ts-check
// Reading QR codes by the device's camera.

import { Sighting } from "./sighting.js";

/**
 * @typedef {object} Ready
 * @property {"native" | "wasm"} decoder
 * @property {boolean} torch whether there is a light to switch
 * @property {string} camera the id of the open camera
 * @property {{ id: string, label: string }[]} cameras to choose from: start again with another
 *
 * @typedef {object} Options
 * @property {import("./troubles.js").OnRead} onRead
 * @property {import("./troubles.js").OnTrouble} onTrouble
 * @property {(ready: Ready) => void} [onReady] called when the first frame is looked at, and again after camera_lost
 * @property {HTMLVideoElement} video shows the picture; it must be in the page and visible
 * @property {string} [camera] the id of a camera, else the one that looks away from the cashier
 */

/**
 * @param {Options} options
 * @returns {{ stop: () => void, torch: (on: boolean) => Promise<boolean> }} torch says whether the light obeyed
 */
export function start({ onRead, onTrouble, onReady, video, camera }) {
  const sighting = new Sighting();
  /** @type {MediaStream | undefined} */
  let stream;
  /** @type {Worker | undefined} */
  let worker;
  /** @type {(() => void) | undefined} */
  let wake;
  let stopped = false;

  const trouble = (/** @type {keyof typeof import("./troubles.js").troubles} */ code) => { if (!stopped) onTrouble({ code }); };

  async function run() {
    if (!navigator.mediaDevices || typeof OffscreenCanvas === "undefined") return trouble("camera_unsupported");
    const decoder = decode();
    decoder.catch(() => {}); // told of below, when there is a picture
    for (let again = false; !stopped; again = true) {
      try {
        stream = await open(camera);
      } catch (error) {
        const code = failure(error);
        if (!again || !absent.has(code)) trouble(code);
        if (!absent.has(code)) return;
        await back();
        continue;
      }
      if (stopped) break;
      const [track] = stream.getVideoTracks();
      const lost = new Promise((resolve) => track.addEventListener("ended", () => resolve(undefined)));
      await show(video, stream);
      const name = await decoder.catch(fail);
      const choice = await cameras();
      if (stopped || !name) break;
      look(track);
      const ready = () => onReady?.({
        decoder: name, torch: "torch" in (track.getCapabilities?.() ?? {}),
        camera: track.getSettings().deviceId ?? "", cameras: choice,
      });
      // Muted is how a browser says that the system gave the camera to somebody else, for a while.
      track.addEventListener("mute", () => trouble("camera_lost"));
      track.addEventListener("unmute", ready);
      ready();
      await lost;
      track.removeEventListener("unmute", ready);
      trouble("camera_lost");
      await back();
    }
    release();
  }

  /** Starts the worker; settles when it can decode. @returns {Promise<"native" | "wasm">} */
  function decode() {
    const made = new Worker(new URL("./decoder.js", import.meta.url), { type: "module" });
    worker = made;
    return new Promise((resolve, reject) => {
      made.addEventListener("error", (event) => { reject(event); fail(); });
      made.addEventListener("message", ({ data }) => {
        if (data.ready) resolve(data.ready);
        if (data.failed) { reject(new Error(data.failed)); fail(); }
      });
    });
  }

  // One frame at a time is with the worker; those that come meanwhile are passed over,
  // so that a slow device looks at what is in view now.
  /** @param {MediaStreamTrack} track */
  function look(track) {
    let busy = false;
    let captured = 0, handed = 0;
    const current = /** @type {Worker} */ (worker);
    current.onmessage = ({ data }) => {
      busy = false;
      if (stopped || !data.texts) return;
      const now = performance.now();
      const sight = sighting.frame(data.texts, now);
      if (!sight) return;
      if ("trouble" in sight) return trouble(sight.trouble);
      onRead(sight.read, { channel: "camera", at: Date.now(), ms: now - captured, camera: handed - captured, decode: data.ms });
    };
    const next = () => {
      if (stopped || track.readyState === "ended") return;
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(frame);
      else requestAnimationFrame((now) => frame(now));
    };
    /** @param {number} now @param {{ captureTime?: number }} [metadata] */
    const frame = async (now, metadata) => {
      next();
      if (busy || stopped || !video.videoWidth) return;
      busy = true;
      try {
        const bitmap = await createImageBitmap(video);
        captured = metadata?.captureTime ?? now;
        handed = performance.now();
        current.postMessage({ frame: bitmap }, [bitmap]);
      } catch {
        busy = false; // the picture went away in between
      }
    };
    next();
  }

  // Nobody tells a page that another program is done with the camera.
  /** Waits until another camera, or this page, is there again, or it is time to look. */
  function back() {
    return new Promise((resolve) => {
      const again = () => {
        clearTimeout(timer);
        navigator.mediaDevices.removeEventListener("devicechange", again);
        document.removeEventListener("visibilitychange", again);
        wake = undefined;
        resolve(undefined);
      };
      const timer = setTimeout(again, patience);
      wake = again;
      navigator.mediaDevices.addEventListener("devicechange", again);
      document.addEventListener("visibilitychange", again);
    });
  }

  function fail() {
    trouble("decoder_failed");
    stop();
  }

  function release() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  }

  function stop() {
    stopped = true;
    worker?.terminate();
    release();
    wake?.();
  }

  run();
  return {
    stop,
    async torch(on) {
      const track = stream?.getVideoTracks()[0];
      try {
        await track?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: on })] });
        return track !== undefined;
      } catch {
        return false;
      }
    },
  };
}

/** For so long a camera that is away is not looked for again by itself, in ms. */
const patience = 5000;

/** After these a camera may come by itself; after all others somebody must do something. @type {Set<string>} */
const absent = new Set(["camera_missing", "camera_in_use"]);

// 640 × 480 is enough for every code of ours, at the distance of an arm, and three
// times as fast to look at as 1280 × 720.
/** @param {string | undefined} camera */
async function open(camera) {
  const ask = (/** @type {MediaTrackConstraints} */ which) => navigator.mediaDevices.getUserMedia({
    audio: false, video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, ...which },
  });
  const any = () => ask({ facingMode: { ideal: "environment" } });
  // One that was chosen may have been unplugged for good, or have another id by now.
  const stream = await (camera ? ask({ deviceId: { exact: camera } }).catch((error) => (failure(error) === "camera_missing" ? any() : Promise.reject(error))) : any());
  const [track] = stream.getVideoTracks();
  const can = /** @type {any} */ (track.getCapabilities?.() ?? {});
  if (can.focusMode?.includes("continuous")) {
    await track.applyConstraints({ advanced: [/** @type {any} */ ({ focusMode: "continuous" })] }).catch(() => {});
  }
  return stream;
}

/** @param {HTMLVideoElement} video @param {MediaStream} stream */
async function show(video, stream) {
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play().catch(() => {}); // taken away in between
}

async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.filter((d) => d.kind === "videoinput").map((d) => ({ id: d.deviceId, label: d.label }));
}

// The names are those of Media Capture and Streams, getUserMedia().
/** @param {any} error @returns {keyof typeof import("./troubles.js").troubles} */
function failure(error) {
  switch (error?.name) {
    case "NotAllowedError": case "SecurityError": return "camera_denied";
    case "NotFoundError": case "OverconstrainedError": return "camera_missing";
    case "NotReadableError": case "AbortError": return "camera_in_use";
    default: return "camera_failed";
  }
}
