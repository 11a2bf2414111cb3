/** Colours that nobody takes for each other; as many again, closer to these, are for larger rooms. */
const CLEAR = 6;
/** How many colours tell people apart. */
export const HUES = 2 * CLEAR;

/**
 * Colours for people in the order they came: each by their id, so that somebody has the same one in most rooms, but none
 * that is taken as long as others are free.
 */
export function huesOf(ids: string[]): ReadonlyMap<string, number> {
  const hues = new Map<string, number>();
  let taken = new Set<number>();
  for (const id of ids) {
    if (taken.size === HUES) taken = new Set();
    const from = taken.size < CLEAR ? 0 : CLEAR;
    let hue = from + hueOf(id);
    while (taken.has(hue)) hue = from + ((hue - from + 1) % CLEAR);
    taken.add(hue);
    hues.set(id, hue);
  }
  return hues;
}

/** For somebody who is not, or no longer, in the room. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % CLEAR;
}
