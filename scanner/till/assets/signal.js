// What can be heard and felt. Everything it says is also on the screen.

let context;

/** Browsers let a page be heard only once somebody has touched it. */
export function wake() {
  context ??= "AudioContext" in globalThis ? new AudioContext() : undefined;
  if (context?.state === "suspended") context.resume().catch(() => {});
}

// Tones: frequency in Hz, when and how long in seconds.
const melodies = {
  read: { tones: [[1400, 0, 0.06]], shape: "sine", shake: 20 },
  ask: { tones: [[990, 0, 0.12], [990, 0.2, 0.12], [1480, 0.4, 0.25]], shape: "sine", shake: [80, 60, 80] },
  good: { tones: [[880, 0, 0.11], [1320, 0.11, 0.2]], shape: "sine", shake: [40, 40, 40] },
  bad: { tones: [[220, 0, 0.22], [165, 0.24, 0.34]], shape: "square", shake: [250, 80, 250] },
};

export function signal(name, aloud = true) {
  const { tones, shape, shake } = melodies[name];
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(shake);
  if (!aloud || context?.state !== "running") return;
  for (const [frequency, after, length] of tones) {
    const [tone, volume, at] = [context.createOscillator(), context.createGain(), context.currentTime + after];
    tone.type = shape;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(shape === "square" ? 0.08 : 0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}
