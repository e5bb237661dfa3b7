/** How long anything may take on a machine that is busy. */
export const TIMEOUT_MS = 60_000;

/**
 * Waits until `check` gives something true, and gives it; fails with `what` was waited for.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} check
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, check) {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${TIMEOUT_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
