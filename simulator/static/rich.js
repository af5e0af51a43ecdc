/* Telegram's entities as DOM nodes. Offsets are UTF-16 units, which is how JavaScript counts.
   Only text nodes and elements from this list are ever made: nothing is parsed as HTML. */

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span",
};

/** Append `text` to `parent` with its entities; `on` is told of tapped commands and links. */
export function write(parent, text, entities, on) {
  const bounds = new Set([0, text.length]);
  for (const mark of entities) {
    bounds.add(mark.offset);
    bounds.add(mark.offset + mark.length);
  }
  const cuts = [...bounds].filter((cut) => cut <= text.length).sort((a, b) => a - b);
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const [from, to] = [cuts[i], cuts[i + 1]];
    const covering = entities.filter((m) => m.offset <= from && m.offset + m.length >= to);
    let place = parent;
    for (const mark of covering) {
      const node = element(mark, text, on);
      if (node) {
        place.append(node);
        place = node;
      }
    }
    place.append(text.slice(from, to));
  }
}

function element(mark, text, on) {
  const words = text.slice(mark.offset, mark.offset + mark.length);
  if (mark.type === "bot_command") return button(words, () => on.command(words));
  if (mark.type === "url") return link(words, on);
  if (mark.type === "text_link") return link(mark.url, on);
  if (!(mark.type in TAGS)) return null;
  const node = document.createElement(TAGS[mark.type]);
  if (mark.type === "spoiler") {
    node.className = "spoiler";
    node.tabIndex = 0;
    node.addEventListener("click", () => node.classList.add("spoiler--open"), { once: true });
  }
  return node;
}

function button(words, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "inline";
  node.addEventListener("click", act);
  return node;
}

/** A link that leads out of Telegram, or a `t.me` one that stays on the phone. */
export function link(address, on) {
  if (isInvitation(address)) return button(address, () => on.link(address));
  if (!/^(https?:\/\/|tel:|mailto:)/i.test(address)) return document.createElement("span");
  const node = document.createElement("a");
  node.href = address;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}

export function isInvitation(address) {
  return /^https?:\/\/(t|telegram)\.me\/\w+/i.test(address ?? "");
}
