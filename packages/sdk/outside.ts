// The doors of the SDK: network, clock, chance and waiting come in through here, so that tests can bring their own. Every
// global is looked up when it is used, since runtimes differ in what they have.

export interface Outside {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  /** A new random UUID. */
  uuid(): string;
  /** Resolves after so many milliseconds; rejects with the signal's reason when that comes first. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts after so many milliseconds, or when one of the others does. */
  deadline(ms: number, signal?: AbortSignal): AbortSignal;
}

export const systemOutside: Outside = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", stop, { once: true });
      function done(): void {
        signal?.removeEventListener("abort", stop);
        resolve();
      }
      function stop(): void {
        clearTimeout(timer);
        reject(signal?.reason);
      }
    }),
  deadline: (ms, signal) => AbortSignal.any([AbortSignal.timeout(ms), ...(signal === undefined ? [] : [signal])]),
};
