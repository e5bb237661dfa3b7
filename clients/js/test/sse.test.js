import assert from "node:assert/strict";
import test from "node:test";
import { CHARACTERS_MAX, EventStreamParser } from "../dist/sse.js";

const STREAM = `id: 1

:

event: change
id: 2
data: {"a":"b: c"}

retry: 250

event: reset
data: {}
id: 3

`;
const BLOCKS = [
  { id: "1" },
  { event: "change", id: "2", data: '{"a":"b: c"}' },
  { retry: "250" },
  { event: "reset", data: "{}", id: "3" },
];

/** @param {string[]} pieces */
function parse(pieces) {
  const parser = new EventStreamParser();
  const blocks = pieces.flatMap((piece) => parser.push(piece));
  return blocks.filter((block) => Object.keys(block).length > 0);
}

const LINE_ENDS = { "line feeds": "\n", "carriage returns and line feeds": "\r\n", "carriage returns": "\r" };

for (const [name, end] of Object.entries(LINE_ENDS)) {
  test(`a stream with ${name} is read whole`, () => {
    // A last carriage return waits for what comes after it.
    assert.deepEqual(parse([STREAM.replaceAll("\n", end), ":"]), BLOCKS);
  });

  test(`a stream with ${name} is read in pieces of every size`, () => {
    const text = STREAM.replaceAll("\n", end);
    for (let size = 1; size < text.length; size++) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      assert.deepEqual(parse([...pieces, ":"]), BLOCKS, `pieces of ${size}`);
    }
  });
}

test("lines of data are joined by line feeds", () => {
  assert.deepEqual(parse(["data: a\ndata:b\ndata\n\n"]), [{ data: "a\nb\n" }]);
});

test("only the first space after the colon is left out", () => {
  assert.deepEqual(parse(["data:  a\n\n"]), [{ data: " a" }]);
});

test("a block without an end is not told", () => {
  assert.deepEqual(parse(["id: 1\n"]), []);
});

test("a block that is too long is an error", () => {
  const parser = new EventStreamParser();
  parser.push(`data: ${"x".repeat(CHARACTERS_MAX - 6)}`);
  assert.throws(() => parser.push("x"), RangeError);
});
