import type { Deadline } from "./deadline.js";
import { NetworkError, NOT_AN_ANSWER, PinfoldError } from "./errors.js";
import { EventStreamParser, type Block } from "./sse.js";

/**
 * Sends a request.
 *
 * @throws NetworkError where no answer came, or one with a status that a pinfold server does not send.
 */
export async function send(url: string, init: RequestInit, deadline: Deadline): Promise<Response> {
  const response = await deadline.guard(fetch(url, { ...init, signal: deadline.signal }));
  if (response.ok) return response;
  throw new NetworkError(`HTTP status ${response.status}`);
}

/**
 * The answer of a call.
 *
 * @throws PinfoldError for a refusal, NetworkError for what is not an answer.
 */
export async function accepted<Answer>(response: Response, deadline: Deadline): Promise<Answer> {
  const answer = await deadline.guard(response.json() as Promise<Envelope | null>);
  if (answer?.ErrorCode) throw new PinfoldError(answer.ErrorCode, answer.ErrorInfo);
  if (answer?.ErrorCode !== 0) throw new NetworkError(NOT_AN_ANSWER);
  return answer as Answer;
}

/** The blocks of a stream as they come. Ends with an error if nothing comes for `silenceMs`. */
export async function* blocks(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
  deadline: Deadline,
): AsyncGenerator<Block> {
  const parser = new EventStreamParser();
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      deadline.set(silenceMs, "the stream was silent");
      const { done, value } = await deadline.guard(reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    deadline.end();
  }
}

interface Envelope {
  ErrorCode: number;
  ErrorInfo: string;
}
