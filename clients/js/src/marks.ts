/** The largest bit of a standard mark. */
const BIT_MAX = 63;

/** `"101"`, as the service writes standard marks, as mark types: `[1, 4]`. */
export function markList(standardMark: string): number[] {
  const bits = [...standardMark].reverse();
  return bits.flatMap((bit, place) => (bit === "1" ? [2 ** place] : []));
}

/**
 * The bit of a mark type: 2 for `CONV_MARK_TYPE_FOLD`, which is 4.
 *
 * @throws TypeError for a number that is not a power of two up to 2^63.
 */
export function markBit(markType: number): number {
  const bit = Math.log2(markType);
  if (Number.isInteger(bit) && bit >= 0 && bit <= BIT_MAX) return bit;
  throw new TypeError(`markType must be a power of two up to 2^63, not ${markType}`);
}
