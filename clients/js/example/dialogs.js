// What the page asks for.
import { $ } from "./view.js";

/** Asks for a name; undefined if the person thinks better of it. */
export function askName(question, name = "") {
  const dialog = $("naming");
  const input = dialog.querySelector("input");
  dialog.querySelector("label span").textContent = question;
  input.value = name;
  dialog.querySelector("menu button").onclick = () => dialog.close();
  dialog.returnValue = "";
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue && input.value), { once: true });
  });
}

/** Shows in which folders a conversation is. `choose` is called for each that is chosen or not any more. */
export function askFolders(title, groups, isIn, choose) {
  const dialog = $("membership");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("ul").replaceChildren(...groups.map(({ groupName }) => {
    const item = $("choice").content.firstElementChild.cloneNode(true);
    const box = item.querySelector("input");
    item.querySelector("span").textContent = groupName;
    box.checked = isIn(groupName);
    box.addEventListener("change", () => choose(groupName, box.checked));
    return item;
  }));
  dialog.querySelector("p").hidden = groups.length > 0;
  dialog.showModal();
}
