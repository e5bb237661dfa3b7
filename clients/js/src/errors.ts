/** The service refused a call. `message` is its sentence: what is wrong, with which value, what is allowed. */
export class PinfoldError extends Error {
  override readonly name = "PinfoldError";

  constructor(
    /** The number of the refusal, `ErrorCode` on the wire: 51009 where there is no such conversation group. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * No answer came, or one that is not of a pinfold server. Whether a change was made is unknown; to make the same call
 * again does no harm.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  /** `cause` is what it was caused by, if something else was. */
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

export const NOT_AN_ANSWER = "no answer of a pinfold server";

/** In the place of a number, for any other error. */
const NO_REFUSAL = 0;
/** Refusals that pass by themselves: overload, rates, time-outs, and 70050, which others of one address can cause. */
const PASSING = new Set([NO_REFUSAL, 50004, 50005, 60007, 60008, 60011, 60018, 70050]);
/** Refusals that another signature can end: expired, unreadable, of another key, identifier or app. */
const OF_SIGNATURE = new Set([70001, 70003, 70009, 70013, 70014]);

/** The number of a refusal. */
export function codeOf(error: unknown): number {
  return error instanceof PinfoldError ? error.code : NO_REFUSAL;
}

/** Whether it was refused before anything was done, and is worth another attempt: the call came too often. */
export function isTooOften(error: unknown): boolean {
  return [60007, 60011, 60018].includes(codeOf(error));
}

export function isOfSignature(error: unknown): boolean {
  return OF_SIGNATURE.has(codeOf(error));
}

/** Whether a later attempt may succeed by itself: after some refusals, and where no answer came. */
export function passes(error: unknown): boolean {
  return PASSING.has(codeOf(error));
}
