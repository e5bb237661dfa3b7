// Draws what a client knows. Names that people chose are set as text, never as HTML.
import { TYPES } from "../dist/pinfold-client.min.js";

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

const hasMark = (mark) => (conversation) => conversation.markList.includes(mark);
export const isFavourite = hasMark(TYPES.CONV_MARK_TYPE_STAR);
export const isUnread = hasMark(TYPES.CONV_MARK_TYPE_UNREAD);

/** What is in the side bar above the folders, and which conversations each shows. */
const VIEWS = [
  { name: "All", shows: () => true },
  { name: "Unread", shows: isUnread },
  { name: "Favourites", shows: isFavourite },
  { name: "Pinned", shows: (conversation) => conversation.isPinned },
];

/** What is shown first, and after the folder that was shown is gone. */
export const FIRST = { name: "All" };

/** Draws everything. `chosen` is a view by its `name`, or a folder by its `groupID`. */
export function draw({ groups, conversations }, chosen) {
  const views = VIEWS.map(({ name, shows }) => ({ key: name, name, count: conversations.filter(shows).length }));
  const folders = groups.map(({ groupID, groupName, count }) => ({ key: groupID, name: groupName, count }));
  const drawEntry = drawEntryWhere(chosen.groupID ?? chosen.name);
  arrange($("views"), $("entry"), views, drawEntry);
  arrange($("folders"), $("entry"), folders, drawEntry);

  const folder = groups.find(({ groupID }) => groupID === chosen.groupID);
  const { name: title, shows } = folder ? viewOf(folder) : VIEWS.find(({ name }) => name === chosen.name);
  const shown = conversations.filter(shows);
  setText($("title"), title);
  for (const id of ["rename", "delete", "add"]) $(id).hidden = !folder;
  $("nothing").hidden = shown.length > 0;
  const rows = shown.map((each) => ({ ...each, key: each.conversationID, notes: notesOf(each, folder?.groupName) }));
  arrange($("conversations"), $("row"), rows, drawRow);
}

const viewOf = ({ groupName }) => ({ name: groupName, shows: ({ conversationGroupList }) => conversationGroupList.includes(groupName) });

/** The id without its `C2C` or `GROUP`. */
export const nameOf = ({ conversationID, type }) => conversationID.slice(type.length);

/** What is said below a conversation's name: its folders besides the one that is shown, and the app's own text. */
function notesOf({ conversationGroupList, customData }, shown) {
  return [...conversationGroupList.filter((name) => name !== shown), customData].filter(Boolean).join(" · ");
}

const drawEntryWhere = (chosen) => (element, { key, name, count }) => {
  setText(element.querySelector(".name"), name);
  setText(element.querySelector(".count"), count);
  setState(element.firstElementChild, "ariaCurrent", key === chosen ? "page" : null);
};

function drawRow(element, conversation) {
  const name = nameOf(conversation);
  const isOn = { unread: isUnread(conversation), favourite: isFavourite(conversation), pin: conversation.isPinned };
  setText(element.querySelector(".name"), name);
  setText(element.querySelector(".note"), conversation.notes);
  setText(element.querySelector(".face"), [...name.replace(/^[@#\W]+/u, "")][0] ?? "?");
  element.classList.toggle("chat-group", conversation.type === TYPES.CONV_GROUP);
  element.classList.toggle("unread", isOn.unread);
  for (const button of element.querySelectorAll("[aria-pressed]")) setState(button, "ariaPressed", String(isOn[button.dataset.does]));
}

/** A colour that what has this key keeps. */
function hueOf(key) {
  return [...key].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 360, 0);
}

/** Sets a text if it is another, so that a change in a long list touches what it changes alone. */
function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

/** The same for a state that is an attribute. */
function setState(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

function newElement(template, key) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.dataset.key = key;
  element.style.setProperty("--hue", hueOf(key));
  return element;
}

/** Makes the children of a list those of `items`, in their order, by their `key`. What has the focus keeps it. */
function arrange(list, template, items, drawItem) {
  const focused = document.activeElement;
  const old = new Map([...list.children].map((element) => [element.dataset.key, element]));
  const elements = items.map((item) => {
    const element = old.get(String(item.key)) ?? newElement(template, String(item.key));
    drawItem(element, item);
    return element;
  });
  const kept = new Set(elements);
  for (const element of old.values()) if (!kept.has(element)) element.remove();
  elements.forEach((element, place) => {
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
  });
  // One that is moved loses it.
  if (document.activeElement !== focused) focused.focus({ preventScroll: true });
}
