// Folders of conversations, in step with the account's other devices.
import { EVENT, PinfoldClient, TYPES } from "../dist/pinfold-client.min.js";
import { askFolders, askName } from "./dialogs.js";
import { $, FIRST, draw, isFavourite, isUnread, nameOf } from "./view.js";

const settings = new URLSearchParams(location.search);
const account = settings.get("account") ?? "alice";

/** The backend of a real page gives the signature of the person who is logged in. It is asked again when one expires. */
async function userSig() {
  const answer = await fetch(`/signature?account=${encodeURIComponent(account)}`);
  if (!answer.ok) throw new Error(`no signature: status ${answer.status}`);
  return answer.text();
}

const client = new PinfoldClient({
  server: settings.get("server") ?? "http://127.0.0.1:8080",
  SDKAppID: Number(settings.get("app") ?? 1400000001),
  userID: account,
  userSig,
});

let chosen = FIRST;

const folder = () => client.groups.find(({ groupID }) => groupID === chosen.groupID);
const conversation = (id) => client.conversations.find(({ conversationID }) => conversationID === id);

function show(next = chosen) {
  chosen = next;
  if (chosen.groupID !== undefined && !folder()) chosen = FIRST;
  draw(client, chosen);
}

function showStatus(state, text) {
  $("status").dataset.state = state;
  $("status").textContent = text;
}

/** Says something below the page, until the next thing is said, with a button for what can be done about it. */
function say(text, label, action) {
  $("notice").hidden = false;
  $("notice").firstElementChild.textContent = text;
  $("remedy").hidden = !action;
  $("remedy").textContent = label ?? "";
  $("remedy").onclick = () => attempt(async () => {
    $("notice").hidden = true;
    await action();
  });
}

/** Does what a person asked for, and says so if it is refused. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    say(error.message);
  }
}

client.on(EVENT.CONVERSATION_LIST_UPDATED, () => show());
client.on(EVENT.CONVERSATION_GROUP_LIST_UPDATED, () => show());
client.on(EVENT.NET_STATE_CHANGE, ({ data }) => {
  if (data.state === "connected") showStatus("live", "Live");
  else showStatus("lost", "Connecting…");
});
client.on(EVENT.ERROR, ({ data }) => {
  showStatus("ended", "Ended");
  say(data.message, "Try again", () => client.start());
});
client.on(EVENT.CHANGE, ({ data }) => {
  const deleted = data.Event.find(({ EventType }) => EventType === "GroupDeleted");
  if (deleted) say(`“${deleted.GroupName}” was deleted.`, "Undo", () => client.undo(data.Revision));
});

for (const list of ["views", "folders"]) {
  $(list).addEventListener("click", ({ target }) => {
    const key = target.closest("li")?.dataset.key;
    if (key) show(list === "views" ? { name: key } : { groupID: Number(key) });
  });
}

$("create").addEventListener("click", () => attempt(async () => {
  const groupName = await askName("Name of the new folder");
  if (!groupName) return;
  await client.createConversationGroup({ groupName });
  show(client.groups.find((group) => group.groupName === groupName));
}));

$("rename").addEventListener("click", () => attempt(async () => {
  const oldName = folder().groupName;
  const newName = await askName("New name of the folder", oldName);
  if (newName && newName !== oldName) await client.renameConversationGroup({ oldName, newName });
}));

$("delete").addEventListener("click", () => attempt(async () => {
  await client.deleteConversationGroup(folder().groupName);
  // The button that had the focus is gone.
  $("remedy").focus();
}));

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = event.target.elements.account;
  event.target.reset();
  attempt(() => change("addConversationsToGroup", folder().groupName, `C2C${value.trim()}`));
});

/** Puts a conversation into a folder or takes it out. One that is refused is refused alone, with a sentence. */
async function change(method, groupName, id) {
  const { data } = await client[method]({ groupName, conversationIDList: [id] });
  for (const { message } of data.failureConversationIDList) throw new Error(message);
}

const mark = (id, markType, enableMark) => client.markConversation({ conversationIDList: [id], markType, enableMark });

/** What the buttons of a conversation do. */
const does = {
  unread: (each) => mark(each.conversationID, TYPES.CONV_MARK_TYPE_UNREAD, !isUnread(each)),
  favourite: (each) => mark(each.conversationID, TYPES.CONV_MARK_TYPE_STAR, !isFavourite(each)),
  pin: ({ conversationID, isPinned }) => client.pinConversation({ conversationID, isPinned: !isPinned }),
  folders: (each) => askFolders(
    `Folders of ${nameOf(each)}`,
    client.groups,
    (groupName) => each.conversationGroupList.includes(groupName),
    (groupName, isIn) => attempt(() => (
      change(isIn ? "addConversationsToGroup" : "deleteConversationsFromGroup", groupName, each.conversationID)
    )),
  ),
};

$("conversations").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) attempt(() => does[button.dataset.does](conversation(button.closest("li").dataset.key)));
});

// Without a pointer the button "Folders" does the same.
$("conversations").addEventListener("dragstart", ({ target, dataTransfer }) => {
  dataTransfer.setData("text/plain", target.closest("li").dataset.key);
});
$("folders").addEventListener("dragover", (event) => event.preventDefault());
for (const [type, isOver] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
  $("folders").addEventListener(type, ({ target }) => target.closest("button")?.classList.toggle("target", isOver));
}
$("folders").addEventListener("drop", (event) => {
  event.preventDefault();
  const groupID = Number(event.target.closest("li")?.dataset.key);
  const group = client.groups.find((each) => each.groupID === groupID);
  if (group) attempt(() => change("addConversationsToGroup", group.groupName, event.dataTransfer.getData("text/plain")));
});

$("account").textContent = account;
showStatus("lost", "Connecting…");
show();
client.start();
