import assert from "node:assert/strict";
import test from "node:test";
import { PinfoldError } from "../dist/index.js";
import { shown, startedClientOf } from "./support/client.js";
import { Server } from "./support/server.js";

/** @typedef {import("../dist/index.js").PinfoldClient} PinfoldClient */

const STEPS = 100;
const SEED = Number(process.env.PINFOLD_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PEERS = ["bob", "carol", "dave", "erin"];
const CONVERSATIONS = [...PEERS.map((peer) => `C2C${peer}`), "GROUPone", "GROUP@TGS#2"];
const NAMES = ["Work", "Play", "Büro", "新"];

/**
 * Numbers from 0 to `below`, by chance, and always the same for a seed (mulberry32).
 * @param {number} seed
 */
function chance(seed) {
  return (/** @type {number} */ below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** @param {(below: number) => number} draw */
function chooser(draw) {
  /** @template T @param {T[]} from @returns {T} */
  const one = (from) => from[draw(from.length)] ?? assert.fail();
  /** @template T @param {T[]} from */
  const some = (from) => from.filter(() => draw(2) === 0);
  return { one, some, is: () => draw(2) === 0, draw };
}

/** @param {ReturnType<typeof chooser>} choose */
const members = ({ one, some }) => ({ groupName: one(NAMES), conversationIDList: some(CONVERSATIONS) });

/** @type {((client: PinfoldClient, choose: ReturnType<typeof chooser>) => Promise<unknown>)[]} */
const COMMANDS = [
  (client, choose) => client.createConversationGroup(members(choose)),
  (client, { one }) => client.deleteConversationGroup(one(NAMES)),
  (client, { one }) => client.renameConversationGroup({ oldName: one(NAMES), newName: one(NAMES) }),
  (client, choose) => client.addConversationsToGroup(members(choose)),
  (client, choose) => client.deleteConversationsFromGroup(members(choose)),
  (client, { one, some, is }) => {
    const conversationIDList = some(CONVERSATIONS);
    return client.markConversation({ markType: one([1, 4, 2 ** 33]), enableMark: is(), conversationIDList });
  },
  (client, { one, some }) => {
    return client.setConversationCustomData({ customData: one(["", "a"]), conversationIDList: some(CONVERSATIONS) });
  },
  (client, { one, is }) => client.pinConversation({ conversationID: one(CONVERSATIONS), isPinned: is() }),
  (client, { one, is }) => client.pinConversation({ conversationID: one(CONVERSATIONS), isPinned: is() }),
  (client, { some }) => client.orderPins(some(CONVERSATIONS).reverse()),
  (client, { some }) => client.orderGroups(some(NAMES).reverse()),
  (client, { one }) => client.setGroupData({ groupName: one(NAMES), data: one(["", "red"]) }),
  (client, { one }) => client.deleteConversation(one(CONVERSATIONS)),
  async (client, { draw }) => {
    const { changes } = (await client.getChanges({ limit: 10 })).data;
    await client.undo(changes[draw(changes.length)]?.Revision ?? 1);
  },
];

test(`after any commands of two devices both show what a load shows (PINFOLD_TEST_SEED=${SEED})`, async (t) => {
  const app = 'user_calls_per_second_max = 0\nmessages = "touch"';
  const server = await Server.start(t, { accounts: ["alice", ...PEERS], app });
  for (const To_Account of PEERS.slice(2)) {
    const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "" } }];
    await server.call("openim/sendmsg", { From_Account: "alice", To_Account, MsgRandom: 1, MsgBody });
  }
  const clients = [await startedClientOf(t, server), await startedClientOf(t, server)];
  const choose = chooser(chance(SEED));
  let done = 0;
  for (let step = 1; step <= STEPS; step++) {
    // Of both at once, so that changes come while calls are under way.
    const calls = clients.map((client) => choose.one(COMMANDS)(client, choose));
    for (const { reason } of /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled(calls))) {
      if (reason === undefined) done += 1;
      else assert.ok(reason instanceof PinfoldError, reason);
    }
    if (step % 20 === 0) await assertAlike(clients, server, t);
  }
  assert.ok(done > STEPS / 2, `only ${done} calls were not refused`);
});

/** @param {PinfoldClient[]} clients @param {Server} server @param {import("node:test").TestContext} t */
async function assertAlike(clients, server, t) {
  const fresh = await startedClientOf(t, server);
  for (const client of clients) {
    const isAlike = () => JSON.stringify(shown(client)) === JSON.stringify(shown(fresh));
    for (let wait = 0; wait < 50 && !isAlike(); wait++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(shown(client), shown(fresh));
  }
  fresh.stop();
}
