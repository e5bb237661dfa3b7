import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "../dist/backoff.js";
import { follow } from "../dist/follow.js";
import { load } from "../dist/load.js";
import { Sync, WAITING_CHANGES_MAX } from "../dist/sync.js";
import { until } from "./support/until.js";

/**
 * A service that has these groups, and these revisions one after the other; the last one stays.
 * @param {number[]} revisions
 */
function service(revisions, groups = [1]) {
  const loads = { count: 0 };
  /** @param {string} _ @param {string} command @returns {Promise<any>} */
  const call = async (_, command) => {
    if (command === "get_changes") {
      const Revision = revisions.length > 1 ? revisions.shift() : revisions[0];
      return { Change: Revision ? [{ Revision }] : [] };
    }
    if (command === "list_groups") loads.count += 1;
    return {
      GroupItem: groups.map((GroupId) => ({ GroupId, GroupName: `${GroupId}`, Data: "" })),
      SessionItem: [],
      ConversationItem: [],
      CompleteFlag: 1,
    };
  };
  return { call, loads };
}

test("a load that no change came into is of the revision before and after", async () => {
  const { call, loads } = service([7]);
  assert.equal((await load(call)).revision, 7);
  assert.equal(loads.count, 1);
});

test("a load that a change came into is begun anew", async () => {
  const { call, loads } = service([7, 8]);
  assert.equal((await load(call)).revision, 8);
  assert.equal(loads.count, 2);
});

test("a load that changes come into again and again is of no known revision", async () => {
  const { call, loads } = service([1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal((await load(call)).revision, 0);
  assert.equal(loads.count, 3);
});

/**
 * An engine over a stream that the test writes, and what it told: revisions of changes, and `loaded`.
 * @param {import("node:test").TestContext} t
 * @param {ReturnType<typeof service>} of
 */
function engine(t, { call, loads }) {
  const end = new AbortController();
  t.after(() => end.abort());
  /** @type {((block: import("../dist/sse.js").Block) => void)[]} */
  const readers = [];
  async function* watch() {
    for (;;) yield await new Promise((resolve) => readers.push(resolve));
  }
  const transport = /** @type {any} */ ({
    watch: async () => watch(),
    /** @param {AbortSignal} _ @param {[string, string]} what */
    call: (_, ...what) => call(...what),
  });
  const told = /** @type {(number | string)[]} */ ([]);
  /** @type {import("../dist/state.js").AccountState | undefined} */
  let state;
  const sync = new Sync(transport, {
    connected: () => {},
    lost: (error) => assert.fail(error),
    failed: (error) => assert.fail(error),
    loaded: (loaded) => {
      state = loaded;
      told.push("loaded");
    },
    changed: ({ Revision }) => told.push(Revision),
  }, end.signal);
  let cursor = 0;
  /** Until the engine has taken it. @param {import("../dist/sse.js").Block} block */
  const send = async (block) => {
    while (readers.length === 0) await new Promise(setImmediate);
    readers.shift()?.({ id: `${++cursor}`, ...block });
    while (readers.length === 0) await new Promise(setImmediate);
  };
  /** @param {number} Revision @param {object[]} Event */
  const change = (Revision, Event = []) => send({ event: "change", data: JSON.stringify({ Revision, Event }) });
  return { sync, told, loads, send, change, state: () => state };
}

test("a change that the load held already is not told", async (t) => {
  const { told, send, change } = engine(t, service([7]));
  await send({});
  await change(6);
  await change(7);
  await change(8);
  await until("the change", () => told.includes(8));
  assert.deepEqual(told, ["loaded", 8]);
});

test("changes that come while the account is loaded are applied after it", async (t) => {
  const of = service([7]);
  /** @type {(() => void)[]} */
  const held = [];
  const call = of.call;
  of.call = async (service, command) => {
    if (command === "list_groups") await new Promise((resolve) => held.push(() => resolve(undefined)));
    return call(service, command);
  };
  const { told, send, change, state } = engine(t, of);
  await send({});
  await change(8, [{ EventType: "GroupCreated", GroupId: 2, GroupName: "2" }]);
  await until("the load", () => held.length === 1);
  assert.equal(told.length, 0);
  held[0]?.();
  await until("the change", () => told.includes(8));
  assert.deepEqual(state()?.groups.map(({ groupID }) => groupID), [1, 2]);
});

test("more changes than are kept during a load begin it anew", async (t) => {
  const of = service([WAITING_CHANGES_MAX + 10]);
  let holds = 0;
  const call = of.call;
  of.call = async (service, command) => {
    if (command === "list_groups" && ++holds === 1) await new Promise(() => {});
    return call(service, command);
  };
  const { told, send, change } = engine(t, of);
  await send({});
  for (let revision = 1; revision <= WAITING_CHANGES_MAX; revision++) await change(revision);
  assert.equal(holds, 1);
  await change(WAITING_CHANGES_MAX + 1);
  await until("another load", () => told.includes("loaded"));
  assert.equal(holds, 2);
});

test("a call waits for its change, not for another one", async (t) => {
  const { sync, told, send, change } = engine(t, service([7]));
  await send({});
  await until("the load", () => told.includes("loaded"));
  let isSettled = false;
  const settled = sync.settle(9).then(() => (isSettled = true));
  await change(8);
  assert.equal(isSettled, false);
  await change(9);
  await settled;
});

test("nothing is told once a handler stopped the client", async () => {
  const end = new AbortController();
  /** @param {number} Revision */
  const block = (Revision) => ({ id: `${Revision}`, event: "change", data: JSON.stringify({ Revision, Event: [] }) });
  async function* watch() {
    yield* [{ id: "1" }, block(1), block(2)];
  }
  /** @type {number[]} */
  const told = [];
  await follow(/** @type {any} */ ({ watch: async () => watch() }), {
    connected: () => {},
    reset: () => {},
    lost: () => {},
    change: ({ Revision }) => {
      told.push(Revision);
      end.abort();
    },
  }, end.signal);
  assert.deepEqual(told, [1]);
});

for (const [name, events, revision] of /** @type {[string, object[], number][]} */ ([
  ["an event that is not known", [{ EventType: "OfALaterVersion" }], 8],
  ["a gap between changes", [], 9],
])) {
  test(`${name} begins a load`, async (t) => {
    const { told, loads, send, change } = engine(t, service([7]));
    await send({});
    await until("the load", () => told.includes("loaded"));
    await change(revision, events);
    await until("another load", () => loads.count === 2);
  });
}

test("reset begins a load, and kinds of events that are not known are left out", async (t) => {
  const { told, loads, send } = engine(t, service([7]));
  await send({});
  await until("the load", () => told.includes("loaded"));
  await send({ event: "of a later version", data: "?" });
  assert.equal(loads.count, 1);
  await send({ event: "reset", data: "{}" });
  await until("another load", () => loads.count === 2);
});

test("waits double up to half a minute, less up to half of each by chance", () => {
  const [longest, shortest] = [new Backoff(), new Backoff()];
  /** @param {Backoff} backoff @param {number} chance */
  const waits = (backoff, chance) => Array.from({ length: 8 }, () => backoff.take(chance));
  assert.deepEqual(waits(longest, 1), [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.deepEqual(waits(shortest, 0).slice(0, 3), [250, 500, 1000]);
  longest.reset();
  assert.equal(longest.take(1), 500);
});

test("a wait that the service asks for is taken once and within bounds", () => {
  const backoff = new Backoff();
  backoff.ask(2371);
  assert.deepEqual([backoff.take(0), backoff.take(0)], [2371, 250]);
  backoff.ask(Number.MAX_SAFE_INTEGER);
  assert.equal(backoff.take(0), 30000);
});
