import assert from "node:assert/strict";
import test from "node:test";
import { AccountState } from "../dist/state.js";

/** @typedef {import("../dist/wire.js").ChangeEvent} ChangeEvent */

const bob = /** @type {const} */ ({ Type: 1, To_Account: "bob" });
const carol = /** @type {const} */ ({ Type: 1, To_Account: "carol" });

const UNMARKED = { OldStandardMark: "", StandardMark: "", OldCustomMark: "", CustomMark: "" };

/** @param {ChangeEvent[]} events */
function after(...events) {
  const state = new AccountState();
  for (const event of events) assert.ok(state.apply(event));
  return state;
}

/** @param {number} GroupId @returns {ChangeEvent} */
const created = (GroupId) => ({ EventType: "GroupCreated", GroupId, GroupName: `group ${GroupId}` });

/** @param {import("../dist/wire.js").ContactItem} ContactItem @param {number} Place @returns {ChangeEvent} */
const pinned = (ContactItem, Place) => ({ EventType: "Pinned", ContactItem, PinnedAt: 1, Place });

/** @param {AccountState} state */
const groupIDs = (state) => state.groups.map(({ groupID }) => groupID);
/** @param {AccountState} state */
const ids = (state) => state.conversations.map(({ conversationID }) => conversationID);

test("an event that is applied twice leaves the state as after the first time", () => {
  /** @type {ChangeEvent[]} */
  const events = [
    created(1),
    { EventType: "GroupRenamed", GroupId: 1, OldGroupName: "group 1", GroupName: "Work" },
    { EventType: "GroupDataChanged", GroupId: 1, GroupName: "Work", OldData: "", Data: "red" },
    { EventType: "ConversationsAdded", GroupId: 1, GroupName: "Work", ContactItem: [bob, carol] },
    { EventType: "MarkChanged", ContactItem: bob, ...UNMARKED, StandardMark: "101", CustomMark: "vip" },
    pinned(bob, 0),
    pinned(carol, 0),
    { EventType: "PinsOrdered", OldContactItem: [carol, bob], ContactItem: [bob, carol] },
    { EventType: "ConversationsRemoved", GroupId: 1, GroupName: "Work", ContactItem: [bob] },
    { EventType: "Unpinned", ContactItem: carol, PinnedAt: 1, Place: 1 },
    { EventType: "ConversationRestored", ContactItem: carol, MsgTime: 5 },
    { EventType: "ConversationDeleted", ContactItem: bob, PinnedAt: 1, Place: 0 },
    created(2),
    { EventType: "GroupsOrdered", OldGroupId: [1, 2], GroupId: [2, 1] },
    { EventType: "GroupDeleted", GroupId: 2, GroupName: "group 2", Data: "", Place: 0, ContactItem: [] },
  ];
  const [once, twice] = [after(), after()];
  for (const event of events) {
    once.apply(event);
    twice.apply(event);
    twice.apply(event);
    assert.deepEqual([twice.groups, twice.conversations], [once.groups, once.conversations], event.EventType);
  }
  assert.deepEqual(once.groups, [{ groupID: 1, groupName: "Work", data: "red", count: 1 }]);
  assert.deepEqual(ids(once), ["C2Ccarol", "C2Cbob"]);
});

test("a conversation of which nothing is kept any more is not shown", () => {
  const state = after({ EventType: "MarkChanged", ContactItem: bob, ...UNMARKED, StandardMark: "1" });
  assert.deepEqual(ids(state), ["C2Cbob"]);
  state.apply({ EventType: "MarkChanged", ContactItem: bob, ...UNMARKED });
  assert.deepEqual(ids(state), []);
});

test("a conversation group that comes stands last, and an order puts what it does not name last", () => {
  const ordered = /** @type {const} */ ({ EventType: "GroupsOrdered", OldGroupId: [1, 2], GroupId: [2, 1, 9] });
  const state = after(created(1), created(2), created(3), /** @type {any} */ (ordered));
  assert.deepEqual(groupIDs(state), [2, 1, 3]);
});

test("a pin that comes back stands in its place", () => {
  const dave = /** @type {const} */ ({ Type: 1, To_Account: "dave" });
  assert.deepEqual(ids(after(pinned(bob, 0), pinned(carol, 1), pinned(dave, 1))), ["C2Cbob", "C2Cdave", "C2Ccarol"]);
});

test("what is told of a conversation group that is gone changes nothing", () => {
  const state = after(
    { EventType: "ConversationsAdded", GroupId: 7, GroupName: "gone", ContactItem: [bob] },
    { EventType: "GroupRenamed", GroupId: 7, OldGroupName: "gone", GroupName: "Gone" },
  );
  assert.deepEqual([state.groups, state.conversations], [[], []]);
});

test("an event that is not known is told", () => {
  const state = after(created(1));
  assert.equal(state.apply({ EventType: "Forgotten" }), false);
  assert.equal(state.apply(/** @type {any} */ ({ EventType: "OfALaterVersion", GroupId: 1 })), false);
  assert.deepEqual(groupIDs(state), [1]);
});
