/** The fields that stand between two empty lines of an event stream. */
export interface Block {
  id?: string;
  event?: string;
  data?: string;
  /** Milliseconds, as a text. */
  retry?: string;
}

/** Longest block, in characters. The largest event is that of a deleted conversation group of 1,000 conversations. */
export const CHARACTERS_MAX = 4 * 1024 * 1024;

// A carriage return at the end may be half of a line end.
const LINE_END = /\r\n|\n|\r(?!\n|$)/;
const BLOCK_END = /(?:\r\n|\n|\r(?!\n|$)){2}/;

/** Reads `text/event-stream`, in pieces of any size. */
export class EventStreamParser {
  #rest = "";

  /**
   * The blocks that end in this piece of text. One of comments alone has no field.
   *
   * @throws RangeError for a block that is longer than allowed.
   */
  push(text: string): Block[] {
    const blocks = (this.#rest + text).split(BLOCK_END);
    this.#rest = blocks.pop() ?? "";
    if (this.#rest.length > CHARACTERS_MAX) throw new RangeError("an event is too long");
    return blocks.map(fields);
  }
}

function fields(block: string): Block {
  const fields: Record<string, string> = {};
  for (const line of block.split(LINE_END)) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)/s.exec(line) ?? [];
    // A line without a name is a comment.
    if (name) fields[name] = name === "data" && fields.data !== undefined ? `${fields.data}\n${value}` : value;
  }
  return fields;
}
