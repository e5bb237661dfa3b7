/** The service refused a call. `message` is its sentence: what is wrong, with which value, what is allowed. */
export class PinfoldError extends Error {
  override readonly name = "PinfoldError";

  constructor(
    /** The number of the refusal, `ErrorCode` on the wire: 51009 where there is no such conversation group. */
    readonly code: number,
    message: string,
    /** The command that was called, as `recentcontact/mark_contact`. */
    readonly command: string,
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

  constructor(
    message: string,
    /** What it was caused by, if something else was. */
    cause?: unknown,
    /** The HTTP status of an answer that came from something in between. */
    readonly status = 0,
  ) {
    super(message, { cause });
  }
}

export const NOT_AN_ANSWER = "no answer of a pinfold server";

/**
 * Refusals that pass by themselves: overload, rates, time-outs, and 70050, which others behind one address can cause.
 * So do the two statuses.
 */
const PASSING = new Set([50004, 50005, 60007, 60008, 60011, 60018, 70050, 408, 429]);
/** Refusals that another signature can end: expired, unreadable, of another key, identifier or app. */
const OF_SIGNATURE = new Set([70001, 70003, 70009, 70013, 70014]);

/** The number of a refusal; 0 for any other error. */
export function codeOf(error: unknown): number {
  return error instanceof PinfoldError ? error.code : 0;
}

export function isOfSignature(error: unknown): boolean {
  return OF_SIGNATURE.has(codeOf(error));
}

/** Whether a later attempt may succeed without anyone doing something. */
export function passes(error: unknown): boolean {
  const { status = 0 } = error as Partial<NetworkError>;
  const isAnswered = error instanceof PinfoldError || (status >= 400 && status < 500);
  return !isAnswered || PASSING.has(codeOf(error) || status);
}
