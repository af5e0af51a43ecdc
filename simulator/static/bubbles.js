/* One message as a bubble. A bubble is drawn again only when what it shows has changed, so that
   the conversation does not jump under the reader's eyes. */

import { fileAddress } from "./api.js";
import { link, write } from "./rich.js";

const drawn = new Map();

/** Bring the log in line with the messages; returns the ones that are new. */
export function draw(log, phone, on) {
  const fresh = [];
  if (log.dataset.phone !== String(phone.id)) {
    log.replaceChildren();
    drawn.clear();
    log.dataset.phone = phone.id;
  }
  const wanted = new Set(phone.messages.map((message) => message.id));
  for (const [id, old] of drawn) {
    if (!wanted.has(id)) {
      old.node.remove();
      drawn.delete(id);
    }
  }
  for (const message of phone.messages) {
    const shape = JSON.stringify(message);
    const old = drawn.get(message.id);
    if (old?.shape === shape) continue;
    const node = bubble(message, phone, on);
    if (old) old.node.replaceWith(node);
    else {
      log.append(node);
      fresh.push(message);
    }
    drawn.set(message.id, { node, shape });
  }
  separate(log, phone.messages);
  return fresh;
}

function separate(log, messages) {
  log.querySelectorAll(".day").forEach((line) => line.remove());
  let day = null;
  for (const message of messages) {
    if (message.day !== day) {
      day = message.day;
      const line = make("p", "day");
      line.append(make("span", "", day));
      drawn.get(message.id).node.before(line);
    }
  }
}

function bubble(message, phone, on) {
  const row = make("article", `message message--${message.mine ? "mine" : "theirs"}`);
  const body = make("div", `bubble bubble--${message.kind}`);
  if (message.protected) {
    body.classList.add("bubble--protected");
    for (const event of ["copy", "cut", "contextmenu", "dragstart", "selectstart"]) {
      body.addEventListener(event, (happened) => happened.preventDefault());
    }
  }
  if (message.forwarded) body.append(make("p", "forwarded", `Transféré de ${message.forwarded}`));
  body.append(...picture(message, phone));
  if (message.text) {
    const text = make("div", "text");
    write(text, message.text, message.entities, on);
    body.append(text);
  }
  body.append(foot(message, on));
  row.append(body);
  if (message.buttons.length) {
    row.classList.add("message--keys");
    row.append(keys(message, on));
  }
  return row;
}

function picture(message, phone) {
  if (message.kind === "sticker") return [make("p", "sticker", message.emoji || "🙂")];
  if (message.kind === "photo") return [labelled("photo", "i-photo", "Photo")];
  if (message.kind === "voice") return [labelled("voice", "i-voice", `0:0${message.seconds}`)];
  if (message.kind === "document" && message.file) {
    const link = labelled("file", "i-file", message.file.name, "a");
    link.href = fileAddress(phone.id, message.file.id);
    link.download = message.file.name;
    return [link];
  }
  return [];
}

function labelled(name, symbol, words, tag = "p") {
  const node = make(tag, name);
  node.append(icon(symbol), make("span", "", words));
  return node;
}

function foot(message, on) {
  const line = make("p", "foot");
  if (message.protected) {
    const lock = icon("i-lock");
    lock.setAttribute("role", "img");
    lock.setAttribute("aria-label", "Message protégé : ni copie, ni transfert");
    lock.removeAttribute("aria-hidden");
    line.append(lock);
  }
  if (message.edited) line.append(make("span", "", "modifié"));
  if (message.mine && message.kind === "text") {
    const edit = make("button", "edit", "modifier");
    edit.type = "button";
    edit.addEventListener("click", () => on.edit(message));
    line.append(edit);
  }
  line.append(make("time", "", message.time));
  return line;
}

function keys(message, on) {
  const board = make("div", "keyboard");
  for (const row of message.buttons) {
    const line = make("div", "keyboard__row");
    for (const key of row) {
      line.append(key.url ? way(key, on) : tapped(message, key, on));
    }
    board.append(line);
  }
  return board;
}

function tapped(message, key, on) {
  const node = make("button", "key", key.text);
  node.type = "button";
  if (key.waiting) node.setAttribute("aria-busy", "true");
  node.addEventListener("click", () => on.tap(message, key));
  return node;
}

/** A button that leads somewhere: an invitation stays on the phone, the rest opens beside. */
function way(key, on) {
  const node = link(key.url, on);
  node.className = "key";
  node.append(key.text, " ", icon("i-link"));
  return node;
}

export function make(tag, name = "", words = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (words) node.textContent = words;
  return node;
}

export function icon(symbol) {
  const space = "http://www.w3.org/2000/svg";
  const node = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  node.setAttribute("class", "icon");
  node.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${symbol}`);
  node.append(use);
  return node;
}
