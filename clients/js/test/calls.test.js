import assert from "node:assert/strict";
import test from "node:test";
import { NetworkError, PinfoldError, TYPES } from "../dist/index.js";
import { clientOf, startedClientOf } from "./support/client.js";
import { Server } from "./support/server.js";

const ACCOUNTS = ["alice", "bob", "carol"];

/** @param {readonly import("../dist/index.js").Conversation[]} conversations */
const ids = (conversations) => conversations.map(({ conversationID }) => conversationID);

/** @param {import("node:test").TestContext} t */
async function started(t) {
  return startedClientOf(t, await Server.start(t, { accounts: ACCOUNTS }));
}

test("a conversation group is created, renamed, filled, emptied and deleted", async (t) => {
  const client = await started(t);
  const conversationIDList = ["C2Cbob", "C2Cnobody"];
  const created = await client.createConversationGroup({ groupName: "Work", conversationIDList });
  assert.equal(created.code, 0);
  assert.deepEqual(created.data.successConversationIDList, ["C2Cbob"]);
  const [failure] = created.data.failureConversationIDList;
  assert.deepEqual([failure?.conversationID, failure?.code], ["C2Cnobody", 50001]);
  await client.renameConversationGroup({ oldName: "Work", newName: "Office" });
  await client.addConversationsToGroup({ groupName: "Office", conversationIDList: ["C2Ccarol", "GROUP@TGS#1"] });
  await client.deleteConversationsFromGroup({ groupName: "Office", conversationIDList: ["C2Cbob"] });
  assert.deepEqual(client.groups, [{ groupID: 1, groupName: "Office", data: "", count: 2 }]);
  assert.deepEqual(ids(client.conversations), ["C2Ccarol", "GROUP@TGS#1"]);
  assert.deepEqual((await client.getConversationGroupList()).data, ["Office"]);
  await client.deleteConversationGroup("Office");
  assert.deepEqual([client.groups, client.conversations], [[], []]);
});

test("marks are set and cleared by powers of two", async (t) => {
  const client = await started(t);
  const conversationIDList = ["C2Cbob"];
  for (const markType of [TYPES.CONV_MARK_TYPE_FOLD, 2 ** 63, TYPES.CONV_MARK_TYPE_STAR]) {
    await client.markConversation({ conversationIDList, markType, enableMark: true });
  }
  assert.deepEqual(client.conversations[0]?.markList, [1, 4, 2 ** 63]);
  await client.markConversation({ conversationIDList, markType: TYPES.CONV_MARK_TYPE_FOLD, enableMark: false });
  assert.deepEqual(client.conversations[0]?.markList, [1, 2 ** 63]);
});

test("custom data is kept and cleared", async (t) => {
  const client = await started(t);
  await client.setConversationCustomData({ conversationIDList: ["C2Cbob", "C2Ccarol"], customData: "vip" });
  assert.deepEqual(client.conversations.map(({ customData }) => customData), ["vip", "vip"]);
  await client.setConversationCustomData({ conversationIDList: ["C2Cbob"], customData: "" });
  assert.deepEqual(ids(client.conversations), ["C2Ccarol"]);
});

test("pins stand first, in their order", async (t) => {
  const client = await started(t);
  await client.createConversationGroup({ groupName: "All", conversationIDList: ["C2Calice", "C2Cbob", "C2Ccarol"] });
  const pinned = await client.pinConversation({ conversationID: "C2Cbob", isPinned: true });
  assert.deepEqual(pinned.data, { conversationID: "C2Cbob" });
  await client.pinConversation({ conversationID: "C2Ccarol", isPinned: true });
  await client.orderPins(["C2Ccarol"]);
  assert.deepEqual(ids(client.conversations), ["C2Ccarol", "C2Cbob", "C2Calice"]);
  await client.pinConversation({ conversationID: "C2Ccarol", isPinned: false });
  assert.deepEqual(ids(client.conversations), ["C2Cbob", "C2Calice", "C2Ccarol"]);
});

test("groups are ordered and keep data", async (t) => {
  const client = await started(t);
  for (const groupName of ["A", "B", "C"]) await client.createConversationGroup({ groupName });
  await client.orderGroups(["C", "A"]);
  await client.setGroupData({ groupName: "A", data: "red" });
  assert.deepEqual(client.groups.map(({ groupName, data }) => groupName + data), ["C", "Ared", "B"]);
});

test("getConversationList gives what its filter takes", async (t) => {
  const client = await started(t);
  await client.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob", "GROUPg"] });
  await client.markConversation({ conversationIDList: ["C2Cbob", "C2Ccarol"], markType: 1, enableMark: true });
  /** @param {Parameters<typeof client.getConversationList>} options */
  const listed = async (...options) => ids((await client.getConversationList(...options)).data.conversationList);
  assert.deepEqual(await listed(), ["C2Cbob", "C2Ccarol", "GROUPg"]);
  assert.deepEqual(await listed(["GROUPg", "C2Cbob", "C2Cnobody"]), ["C2Cbob", "GROUPg"]);
  assert.deepEqual(await listed({ type: TYPES.CONV_GROUP }), ["GROUPg"]);
  assert.deepEqual(await listed({ markType: 1, groupName: "Work" }), ["C2Cbob"]);
  assert.deepEqual(await listed({ markType: 0 }), ["GROUPg"]);
  assert.deepEqual(await listed({ groupName: "" }), ["C2Ccarol"]);
  assert.deepEqual(await listed({ groupName: "Play" }), []);
});

test("findConversations asks the service, page by page", async (t) => {
  const client = await started(t);
  await client.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob", "C2Ccarol"] });
  await client.pinConversation({ conversationID: "C2Cbob", isPinned: true });
  const options = /** @type {const} */ ({ groupName: "Work", limit: 1, type: "C2C" });
  const { data: first } = await client.findConversations(options);
  const { data: second } = await client.findConversations({ ...options, cursor: first.cursor });
  const found = [...first.conversationList, ...second.conversationList];
  assert.deepEqual(ids(found), ["C2Cbob", "C2Ccarol"]);
  assert.deepEqual(found.map(({ isPinned }) => isPinned), [true, false]);
  assert.deepEqual(found.map(({ conversationGroupList }) => conversationGroupList), [["Work"], ["Work"]]);
  assert.deepEqual([first.isCompleted, second.isCompleted, second.cursor], [false, true, ""]);
});

test("a change is found in the history, and undone", async (t) => {
  const client = await started(t);
  await client.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob"] });
  await client.deleteConversationGroup("Work");
  const { changes, isCompleted } = (await client.getChanges({ limit: 1 })).data;
  assert.deepEqual(changes.map(({ Command }) => Command), ["del_contact_group"]);
  assert.equal(isCompleted, false);
  const { change } = (await client.undo(changes[0]?.Revision ?? 0)).data;
  assert.equal(change?.Via, "undo");
  assert.deepEqual(client.groups, [{ groupID: 1, groupName: "Work", data: "", count: 1 }]);
});

test("a refusal has the code and the sentence of the service", async (t) => {
  const client = await started(t);
  await assert.rejects(client.deleteConversationGroup("Work"), (error) => {
    assert.ok(error instanceof PinfoldError);
    assert.equal(error.code, 51009);
    assert.match(error.message, /"Work" does not exist/);
    return true;
  });
});

test("a name of 400 bytes is refused, and changes nothing", async (t) => {
  const client = await started(t);
  await assert.rejects(client.createConversationGroup({ groupName: "é".repeat(200) }), { code: 51011 });
  assert.deepEqual(client.groups, []);
});

test("an id or a mark type of a wrong form is told before anything is sent", async (t) => {
  const client = await started(t);
  for (const conversationID of ["bob", "C2C", "GROUP", ""]) {
    await assert.rejects(client.pinConversation({ conversationID, isPinned: true }), TypeError);
  }
  for (const markType of [0, 3, -1, 2 ** 64, NaN]) {
    const options = { conversationIDList: ["C2Cbob"], markType, enableMark: true };
    await assert.rejects(client.markConversation(options), TypeError);
  }
});

test("calls are made without a stream too", async (t) => {
  const client = clientOf(t, await Server.start(t, { accounts: ACCOUNTS }));
  await client.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob"] });
  assert.deepEqual((await client.getConversationGroupList()).data, ["Work"]);
  assert.deepEqual(client.groups, []);
});

test("an administrator calls for an account", async (t) => {
  const server = await Server.start(t, { accounts: ACCOUNTS });
  const alice = clientOf(t, server);
  const backend = await startedClientOf(t, server, { userID: "administrator", account: "alice" });
  await alice.createConversationGroup({ groupName: "Work" });
  await backend.renameConversationGroup({ oldName: "Work", newName: "Office" });
  assert.deepEqual((await backend.getConversationGroupList()).data, ["Office"]);
});

test("a server that is not there is a NetworkError", async (t) => {
  const server = await Server.start(t);
  const client = clientOf(t, server);
  await server.end();
  await assert.rejects(client.getChanges(), (error) => error instanceof NetworkError && error.cause instanceof Error);
});
