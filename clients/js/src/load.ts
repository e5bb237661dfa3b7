import { AccountState, type Snapshot } from "./state.js";
import { PINFOLD, RECENT_CONTACT, type ContactItem, type GroupItem, type Service } from "./wire.js";
import type { ChangePage, ConversationItem, ConversationPage } from "./wire.js";

/** Calls a command for the account. */
export type Call = <Answer>(service: Service, command: string, fields: object) => Promise<Answer>;

/** How often a load is begun anew because a change came in between. */
const ATTEMPTS_MAX = 3;
/** Conversations on a page; the service allows no more. */
const PAGE = 200;

/**
 * Reads all that is kept for the account. It takes several calls. If no change came in between, which the revision
 * before and after tells, the state is that of this revision. Otherwise, and where the service keeps no history, the
 * revision is 0, and the changes that came since the load began have to be applied.
 */
export async function load(call: Call): Promise<{ state: AccountState; revision: number }> {
  for (let attempt = 1; ; attempt++) {
    const before = await latestRevision(call);
    const state = new AccountState(await read(call));
    const isExact = before === (await latestRevision(call));
    if (isExact || attempt === ATTEMPTS_MAX) return { state, revision: isExact ? before : 0 };
  }
}

/** The number of the account's last change; 0 if the history does not have it. */
export async function latestRevision(call: Call): Promise<number> {
  const { Change } = await call<ChangePage>(PINFOLD, "get_changes", { Limit: 1 });
  return Change[0]?.Revision ?? 0;
}

async function read(call: Call): Promise<Snapshot> {
  const [{ GroupItem: groups }, { SessionItem: listed }, conversations, recentPins] = await Promise.all([
    call<{ GroupItem: GroupItem[] }>(PINFOLD, "list_groups", {}),
    call<{ SessionItem: (ContactItem & { TopFlag: 0 | 1 })[] }>(RECENT_CONTACT, "get_list", { AssistFlags: 0 }),
    find(call, {}),
    find(call, { Pinned: true, Recent: true }),
  ]);
  return { groups, conversations, pins: listed.filter(({ TopFlag }) => TopFlag === 1), recentPins };
}

async function find(call: Call, Filter: object): Promise<ConversationItem[]> {
  const found: ConversationItem[] = [];
  for (let Cursor = ""; ; ) {
    const page = await call<ConversationPage>(PINFOLD, "find_conversations", { Filter, Limit: PAGE, Cursor });
    found.push(...page.ConversationItem);
    if (page.CompleteFlag === 1) return found;
    Cursor = page.Cursor;
  }
}
