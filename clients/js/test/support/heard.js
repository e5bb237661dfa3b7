import { EVENT } from "../../dist/index.js";

/**
 * Everything that a client tells from now on, in order.
 * @param {import("../../dist/index.js").PinfoldClient} client
 */
export function heard(client) {
  /** @type {{ name: string, data: any }[]} */
  const events = [];
  for (const name of Object.values(EVENT)) client.on(name, (event) => events.push(event));
  return {
    events,
    /** @param {string} name */
    dataOf: (name) => events.filter((event) => event.name === name).map(({ data }) => data),
    names: () => events.map(({ name }) => name),
  };
}
