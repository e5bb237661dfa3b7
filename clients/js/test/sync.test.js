import assert from "node:assert/strict";
import test from "node:test";
import { EVENT, TYPES } from "../dist/index.js";
import { clientOf, shown, startedClientOf } from "./support/client.js";
import { heard } from "./support/heard.js";
import { Server } from "./support/server.js";
import { until } from "./support/until.js";

const ACCOUNTS = ["alice", "bob", "carol"];

/** @param {import("node:test").TestContext} t */
const serve = (t, options = {}) => Server.start(t, { accounts: ACCOUNTS, ...options });

test("what one device changes the other shows", async (t) => {
  const server = await serve(t);
  const [phone, desktop] = [await startedClientOf(t, server), await startedClientOf(t, server)];
  await phone.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob"] });
  await phone.pinConversation({ conversationID: "C2Ccarol", isPinned: true });
  await until("the other device", () => desktop.conversations.length === 2);
  assert.deepEqual(shown(desktop), shown(phone));
});

test("what was there is loaded: order, data, marks, pins and times of messages", async (t) => {
  const server = await serve(t, { app: 'messages = "touch"' });
  const before = clientOf(t, server);
  for (const groupName of ["A", "B"]) {
    await before.createConversationGroup({ groupName, conversationIDList: ["C2Cbob"] });
  }
  await before.orderGroups(["B"]);
  await before.setGroupData({ groupName: "A", data: "red" });
  for (const conversationID of ["C2Cbob", "C2Calice"]) await before.pinConversation({ conversationID, isPinned: true });
  await before.orderPins(["C2Calice"]);
  await before.markConversation({ conversationIDList: ["C2Cbob"], markType: 2, enableMark: true });
  for (const [To_Account, MsgTimeStamp] of [["bob", 1700000001], ["carol", 1700000002]]) {
    await server.call("openim/importmsg", {
      From_Account: "alice", To_Account, MsgTimeStamp, MsgRandom: 1, SyncFromOldSystem: 2,
      MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "" } }],
    });
  }
  const after = await startedClientOf(t, server);
  const groups = after.groups.map(({ groupName, data, count }) => [groupName, data, count]);
  assert.deepEqual(groups, [["B", "", 1], ["A", "red", 1]]);
  const seen = after.conversations.map(({ conversationID, isPinned, markList, conversationGroupList, lastMessage }) => {
    return [conversationID, isPinned, markList, conversationGroupList, lastMessage.lastTime];
  });
  assert.deepEqual(seen, [
    ["C2Calice", true, [], [], 0],
    ["C2Cbob", true, [2], ["B", "A"], 1700000001],
    ["C2Ccarol", false, [], [], 1700000002],
  ]);
});

test("a pin without anything else goes with it, one with a message leaves its conversation", async (t) => {
  const server = await serve(t, { app: 'messages = "touch"' });
  const message = [{ MsgType: "TIMTextElem", MsgContent: { Text: "" } }];
  await server.call("openim/sendmsg", { From_Account: "alice", To_Account: "bob", MsgRandom: 1, MsgBody: message });
  const client = await startedClientOf(t, server);
  for (const isPinned of [true, false]) {
    for (const conversationID of ["C2Cbob", "C2Ccarol"]) await client.pinConversation({ conversationID, isPinned });
  }
  assert.deepEqual(client.conversations.map(({ conversationID }) => conversationID), ["C2Cbob"]);
  await client.deleteConversation("C2Cbob");
  assert.equal(client.conversations.length, 0);
  await client.undo((await client.getChanges({ limit: 1 })).data.changes[0]?.Revision ?? 0);
  assert.equal(client.conversations[0]?.conversationID, "C2Cbob");
  assert.notEqual(client.conversations[0]?.lastMessage.lastTime, 0);
});

test("a call is fulfilled when the state holds its change", async (t) => {
  const client = await startedClientOf(t, await serve(t));
  const { dataOf } = heard(client);
  for (let number = 1; number <= 10; number++) {
    await client.createConversationGroup({ groupName: `${number}` });
    assert.equal(client.groups.length, number);
  }
  assert.equal(dataOf(EVENT.CHANGE).length, 10, "each change is told once");
});

test("the events of a change are those of the web SDK, each with what is shown since", async (t) => {
  const client = await startedClientOf(t, await serve(t));
  const { events } = heard(client);
  await client.createConversationGroup({ groupName: "Work", conversationIDList: ["C2Cbob"] });
  assert.deepEqual(events.map(({ name }) => name), [
    "onConversationGroupListUpdated",
    "onConversationInGroupUpdated",
    "onConversationListUpdated",
    "onChange",
  ]);
  assert.deepEqual(events[0]?.data, ["Work"]);
  assert.deepEqual(events[1]?.data, { groupName: "Work", conversationList: client.conversations });
  assert.deepEqual(events[2]?.data, client.conversations);
  assert.equal(events[3]?.data.Command, "create_contact_group");
  events.length = 0;
  const { CONV_MARK_TYPE_HIDE: markType } = TYPES;
  await client.markConversation({ conversationIDList: ["C2Cbob"], markType, enableMark: true });
  assert.deepEqual(events.map(({ name }) => name), ["onConversationListUpdated", "onChange"]);
});

test("a handler that throws stops neither the others nor the client", async (t) => {
  const client = await startedClientOf(t, await serve(t));
  const written = t.mock.method(console, "error", () => {});
  client.on(EVENT.CHANGE, () => assert.fail("of the test"));
  const { dataOf } = heard(client);
  await client.createConversationGroup({ groupName: "A" });
  await client.createConversationGroup({ groupName: "B" });
  assert.equal(dataOf(EVENT.CHANGE).length, 2);
  assert.equal(written.mock.callCount(), 2);
});

test("a handler is not called after off", async (t) => {
  const client = await startedClientOf(t, await serve(t));
  const handler = t.mock.fn();
  client.on(EVENT.CHANGE, handler);
  client.off(EVENT.CHANGE, handler);
  await client.createConversationGroup({ groupName: "A" });
  assert.equal(handler.mock.callCount(), 0);
});

test("refresh loads what no change tells: times of messages", async (t) => {
  const server = await serve(t, { app: 'messages = "touch"' });
  const client = await startedClientOf(t, server);
  const message = [{ MsgType: "TIMTextElem", MsgContent: { Text: "" } }];
  await server.call("openim/sendmsg", { From_Account: "alice", To_Account: "bob", MsgRandom: 1, MsgBody: message });
  assert.deepEqual(client.conversations, []);
  await client.refresh();
  assert.deepEqual(client.conversations.map(({ conversationID }) => conversationID), ["C2Cbob"]);
});

test("1,000 conversations are loaded and kept in step", async (t) => {
  const peers = Array.from({ length: 1000 }, (_, number) => `peer${number}`);
  const server = await Server.start(t, { accounts: ["alice", ...peers] });
  for (let at = 0; at < peers.length; at += 100) {
    const ContactItem = peers.slice(at, at + 100).map((To_Account) => ({ Type: 1, To_Account }));
    const GroupContactItem = [{ GroupName: `group ${at}`, ContactItem }];
    await server.call("recentcontact/create_contact_group", { From_Account: "alice", GroupContactItem });
  }
  const [one, other] = [await startedClientOf(t, server), await startedClientOf(t, server)];
  assert.equal(one.conversations.length, 1000);
  assert.deepEqual(one.groups.map(({ count }) => count), Array(10).fill(100));
  const conversationIDList = peers.slice(0, 100).map((peer) => `C2C${peer}`);
  await one.markConversation({ conversationIDList, markType: 1, enableMark: true });
  await one.deleteConversationGroup("group 900");
  await until("the other device", () => other.conversations.length === 900);
  assert.deepEqual(shown(other), shown(one));
  assert.equal((await other.getConversationList({ markType: 1 })).data.conversationList.length, 100);
});

test("a low rate of calls slows a load down and does not end it", async (t) => {
  const server = await serve(t, { app: "user_calls_per_second_max = 2" });
  const { data } = await clientOf(t, server, { userID: "bob" }).getChanges();
  assert.equal(data.changes.length, 1);
  const client = await startedClientOf(t, server);
  assert.deepEqual(client.groups, []);
});

test("stop ends the stream and the calls, and the state stays", async (t) => {
  const client = await startedClientOf(t, await serve(t));
  await client.createConversationGroup({ groupName: "Work" });
  const { names } = heard(client);
  const call = client.getChanges();
  client.stop();
  await assert.rejects(call, /stopped/);
  assert.deepEqual(names(), [EVENT.SDK_NOT_READY]);
  assert.equal(client.isReady(), false);
  assert.equal(client.groups.length, 1);
});

test("a client that was stopped starts again, with what happened meanwhile", async (t) => {
  const server = await serve(t);
  const [client, other] = [await startedClientOf(t, server), clientOf(t, server)];
  client.stop();
  await other.createConversationGroup({ groupName: "Work" });
  await client.start();
  assert.equal(client.groups.length, 1);
});

test("a signal that is aborted already permits nothing", async (t) => {
  const client = clientOf(t, await serve(t), { signal: AbortSignal.abort() });
  await assert.rejects(client.start(), /stopped/);
  await assert.rejects(client.getChanges(), /stopped/);
});

test("a signal stops a client, also before it is ready", async (t) => {
  const controller = new AbortController();
  const client = clientOf(t, await serve(t), { signal: controller.signal });
  const start = client.start();
  controller.abort();
  await assert.rejects(start, /stopped/);
});
