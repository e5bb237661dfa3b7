import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { EVENT, NetworkError, PinfoldClient } from "../dist/index.js";
import { clientOf, shown, startedClientOf } from "./support/client.js";
import { heard } from "./support/heard.js";
import { Proxy } from "./support/proxy.js";
import { Server } from "./support/server.js";
import { stub } from "./support/stub.js";
import { until } from "./support/until.js";

/** @param {import("node:test").TestContext} t */
const serve = (t, options = {}) => Server.start(t, { accounts: ["alice", "bob", "carol"], ...options });

/** @param {Server} server @param {string} GroupName */
function create(server, GroupName) {
  const GroupContactItem = [{ GroupName, ContactItem: [{ Type: 1, To_Account: "bob" }] }];
  return server.call("recentcontact/create_contact_group", { From_Account: "alice", GroupContactItem });
}

test("changes that are made while connections are lost come once each, without a load", async (t) => {
  const server = await serve(t);
  const proxy = await Proxy.start(t, server);
  const client = await startedClientOf(t, server, { way: proxy });
  const { dataOf } = heard(client);
  for (const groupName of ["A", "B", "C"]) {
    proxy.close();
    await until("the loss", () => dataOf(EVENT.NET_STATE_CHANGE).at(-1)?.state === "disconnected");
    await create(server, groupName);
    proxy.open();
    await until("the change", () => client.groups.some((group) => group.groupName === groupName));
  }
  assert.deepEqual(dataOf(EVENT.CHANGE).map(({ Revision }) => Revision), [2, 3, 4]);
  // A load tells of every conversation group; a change of a conversation group tells of it once.
  assert.equal(dataOf(EVENT.CONVERSATION_GROUP_LIST_UPDATED).length, 3);
  assert.ok(dataOf(EVENT.NET_STATE_CHANGE).some(({ error }) => error instanceof NetworkError));
});

test("a load is finished over lost connections", async (t) => {
  const server = await serve(t);
  await create(server, "Work");
  const proxy = await Proxy.start(t, server);
  const client = clientOf(t, server, { way: proxy });
  // The stream is open, so the load has begun.
  client.on(EVENT.NET_STATE_CHANGE, ({ data }) => data.state === "connected" && proxy.cut());
  await client.start();
  assert.equal(client.groups.length, 1);
});

for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
  test(`a restart of the server after ${signal} loses nothing`, async (t) => {
    const server = await serve(t);
    const proxy = await Proxy.start(t, server);
    const client = await startedClientOf(t, server, { way: proxy });
    const { dataOf } = heard(client);
    await create(server, "Before");
    await server.end(signal);
    await server.begin();
    await create(server, "After");
    await until("both changes", () => client.groups.length === 2);
    assert.deepEqual(dataOf(EVENT.CHANGE).map(({ Revision }) => Revision), [2, 3]);
  });
}

test("a new signature is asked for each time that one expires, and no more often", async (t) => {
  const server = await serve(t);
  const userSig = t.mock.fn(() => server.signature("alice", 3));
  const client = await startedClientOf(t, server, { userSig });
  const { dataOf } = heard(client);
  for (const groupName of ["A", "B", "C"]) {
    const count = userSig.mock.callCount();
    await until("the next signature", () => userSig.mock.callCount() > count);
    await create(server, groupName);
    await until("the change", () => client.groups.some((group) => group.groupName === groupName));
  }
  assert.deepEqual(dataOf(EVENT.ERROR), []);
  const lost = dataOf(EVENT.NET_STATE_CHANGE).filter(({ state }) => state === "disconnected").length;
  assert.ok(userSig.mock.callCount() <= 2 + lost, `${userSig.mock.callCount()} signatures for ${lost} lost streams`);
});

test("calls that are refused together for one signature share the next one", async (t) => {
  const server = await serve(t);
  const signatures = [server.signature("alice", 1), server.signature("alice")];
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const userSig = t.mock.fn(() => signatures.shift() ?? assert.fail("it was asked for a third one"));
  const client = clientOf(t, server, { userSig });
  await Promise.all([client.getChanges(), client.getChanges(), client.getChanges()]);
  assert.equal(userSig.mock.callCount(), 2);
});

test("a signature that stays wrong ends the client after one more attempt", async (t) => {
  const server = await serve(t);
  const wrong = server.signature("bob");
  const userSig = t.mock.fn(() => wrong);
  const client = clientOf(t, server, { userSig });
  const { names, dataOf } = heard(client);
  await assert.rejects(client.start(), { code: 70013 });
  assert.equal(userSig.mock.callCount(), 2);
  assert.deepEqual(names(), [EVENT.ERROR]);
  assert.equal(dataOf(EVENT.ERROR)[0].code, 70013);
});

test("a signature that is given again is not sent again", async (t) => {
  let asked = 0;
  const address = await stub(t, (_, response) => {
    asked += 1;
    response.end('{"ErrorCode":70001,"ErrorInfo":"the signature has expired"}');
  });
  const client = new PinfoldClient({ server: address, SDKAppID: 1, userID: "alice", userSig: () => "x" });
  await assert.rejects(client.getChanges(), { code: 70001 });
  assert.equal(asked, 1);
});

test("stop ends a call that waits for its answer", async (t) => {
  let asked = 0;
  const address = await stub(t, () => (asked += 1));
  const client = new PinfoldClient({ server: address, SDKAppID: 1, userID: "alice", userSig: () => "x" });
  const call = assert.rejects(client.getChanges(), /stopped/);
  await until("the call", () => asked === 1);
  client.stop();
  await call;
});

test("a callback that fails, or gives nothing in time, is asked again", async (t) => {
  const server = await serve(t);
  const answers = [() => assert.fail("of the test"), () => new Promise(() => {}), () => server.signature("alice")];
  const userSig = /** @type {() => any} */ (() => (answers.shift() ?? assert.fail())());
  const client = clientOf(t, server, { userSig, timeoutMs: 500 });
  const { dataOf } = heard(client);
  await client.start();
  const causes = dataOf(EVENT.NET_STATE_CHANGE).flatMap(({ error }) => (error ? [error.cause.message] : []));
  assert.deepEqual(causes, ["of the test", "nothing within 500 ms"]);
});

test("an account that is deleted ends the client, and nothing of it is shown any more", async (t) => {
  const server = await serve(t);
  await create(server, "Work");
  const client = await startedClientOf(t, server);
  const { dataOf, names } = heard(client);
  await server.call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "alice" }] });
  await until("the end", () => names().includes(EVENT.ERROR));
  assert.equal(dataOf(EVENT.ERROR)[0].code, 50001);
  assert.deepEqual(dataOf(EVENT.CONVERSATION_LIST_UPDATED).at(-1), []);
  assert.deepEqual([client.groups, client.conversations, client.isReady()], [[], [], false]);
});

test("an account of another life is loaded anew", async (t) => {
  const server = await serve(t, { app: 'accounts = "any"' });
  await create(server, "Work");
  const client = await startedClientOf(t, server);
  await server.call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "alice" }] });
  await until("the empty account", () => client.groups.length === 0);
  await create(server, "Play");
  await until("the other life", () => client.groups[0]?.groupName === "Play");
  assert.ok(client.isReady());
});

test("without a history an interruption is followed by a load", async (t) => {
  const server = await serve(t, { app: "history_days = 0" });
  const proxy = await Proxy.start(t, server);
  const client = await startedClientOf(t, server, { way: proxy });
  await client.createConversationGroup({ groupName: "A" });
  await until("the change", () => client.groups.length === 1);
  proxy.close();
  await create(server, "B");
  proxy.open();
  await until("the load", () => client.groups.length === 2);
  await create(server, "C");
  await until("the change after it", () => client.groups.length === 3);
});

test("an app that is disabled ends the client, which starts again once it is not", async (t) => {
  const server = await serve(t);
  const proxy = await Proxy.start(t, server);
  const client = await startedClientOf(t, server, { way: proxy });
  const { names, dataOf } = heard(client);
  const enabled = readFileSync(server.config, "utf8");
  await server.end();
  writeFileSync(server.config, `${enabled}disabled = true\n`);
  await server.begin();
  await until("the end", () => names().includes(EVENT.ERROR));
  assert.equal(dataOf(EVENT.ERROR)[0].code, 60016);
  await assert.rejects(client.start(), { code: 60016 });
  await server.end();
  writeFileSync(server.config, enabled);
  await server.begin();
  await client.start();
});

test("a stream that is silent is taken for lost", async (t) => {
  let streams = 0;
  const address = await stub(t, (_, response) => {
    streams += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": nothing else\n\n");
  });
  const client = clientOf(t, await serve(t), { server: address, silenceMs: 100 });
  const { dataOf } = heard(client);
  client.start();
  await until("a second stream", () => streams === 2);
  assert.match(dataOf(EVENT.NET_STATE_CHANGE)[0].error.message, /silent for 100 ms/);
});

const NOT_ANSWERS = ["<html>", "{}", "null", "[]", '"text"', ""];

test("what is in between may answer anything, and the client comes back", async (t) => {
  let asked = 0;
  const address = await stub(t, (_, response) => {
    response.writeHead(asked % 2 === 0 ? 502 : 200).end(NOT_ANSWERS[asked % NOT_ANSWERS.length]);
    asked += 1;
  });
  const client = clientOf(t, await serve(t), { server: address });
  const { names } = heard(client);
  client.start();
  await until("some attempts", () => asked >= 4);
  assert.ok(!names().includes(EVENT.ERROR));
});

for (const body of NOT_ANSWERS) {
  test(`an answer ${JSON.stringify(body)} to a call is a NetworkError`, async (t) => {
    const address = await stub(t, (_, response) => void response.end(body));
    const client = new PinfoldClient({ server: address, SDKAppID: 1, userID: "alice", userSig: () => "x" });
    await assert.rejects(client.getChanges(), NetworkError);
  });
}

test("a call that gets no answer in time fails, and so does one whose answer does not end", async (t) => {
  const server = await serve(t);
  const silent = await stub(t, () => {});
  const endless = await stub(t, (_, response) => void response.write("{"));
  for (const address of [silent, endless]) {
    const client = clientOf(t, server, { server: address, timeoutMs: 100 });
    await assert.rejects(client.getChanges(), (error) => error instanceof NetworkError && /100 ms/.test(error.message));
  }
});

test("two devices are alike after lost connections and restarts in the middle of changes", async (t) => {
  const server = await serve(t, { app: "user_calls_per_second_max = 0" });
  const [one, other] = [await Proxy.start(t, server), await Proxy.start(t, server)];
  const clients = [await startedClientOf(t, server, { way: one }), await startedClientOf(t, server, { way: other })];
  for (let number = 0; number < 12; number++) {
    const client = clients[number % 2] ?? assert.fail();
    await client.createConversationGroup({ groupName: `${number}`, conversationIDList: ["C2Cbob"] }).catch(() => {});
    if (number % 3 === 0) one.cut();
    if (number % 4 === 0) other.cut();
    if (number === 6) {
      await server.end("SIGKILL");
      await server.begin();
    }
  }
  const fresh = shown(await startedClientOf(t, server));
  for (const client of clients) {
    await until("the same state", () => JSON.stringify(shown(client)) === JSON.stringify(fresh));
  }
});
