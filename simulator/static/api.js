/* What the page asks of the simulator. Addresses are relative to where this file lives, so that
   the page works wherever it is mounted. */

const BASE = new URL("../", import.meta.url);

/** Ask; a refusal becomes an Error whose message is French and meant to be shown. */
async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let reply;
  try {
    reply = await fetch(new URL(path, BASE), options);
  } catch {
    throw new Error("La démonstration ne répond plus. Est-elle encore lancée ?");
  }
  const found = await reply.json().catch(() => ({}));
  if (found.error || !reply.ok) throw new Error(found.error ?? "Quelque chose n'a pas marché.");
  return found;
}

export const about = () => ask("about");
export const jump = (by) => ask("clock", { by });
export const addPhone = (name) => ask("phones", { name });
export const act = (phone, deed, given = {}) => ask(`phones/${phone}/${deed}`, given);
export const fileAddress = (phone, file) =>
  new URL(`phones/${phone}/files/${encodeURIComponent(file)}`, BASE).href;
export const live = (phone) => new EventSource(new URL(`phones/${phone}/live`, BASE));
