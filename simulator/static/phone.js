/* One phone: the conversation, the keyboards, what a locked screen shows. */

import * as api from "./api.js";
import { draw, make } from "./bubbles.js";
import { Composer } from "./composer.js";

const TYPING = 5000;
const BANNER = 6000;
const $ = (id) => document.getElementById(id);

export class Phone {
  constructor({ onSnapshot, onLink, isVisible }) {
    Object.assign(this, { onSnapshot, onLink, isVisible });
    this.stream = null;
    this.shown = null;
    this.notices = new Set();
    this.composer = new Composer({
      send: (deed, given) => this.do(deed, given),
      commands: () => this.shown?.bot.commands ?? [],
    });
    this.locked = false;
    this.#listen();
  }

  /** Take this person's phone in hand; `ready` is kept when it shows something. */
  open(id) {
    this.stream?.close();
    this.shown = null;
    this.id = id;
    this.#unlock();
    this.composer.clear();
    this.stream = api.live(id);
    this.ready = new Promise((resolve) => { this.gotFirst = resolve; });
    this.stream.onmessage = (event) => this.#take(JSON.parse(event.data));
    this.stream.onerror = () => $("phone").classList.add("phone--lost");
    this.stream.onopen = () => $("phone").classList.remove("phone--lost");
  }

  async do(deed, given) {
    try {
      await api.act(this.id, deed, given);
    } catch (error) {
      this.#toast(error.message);
    }
  }

  /** Whether this phone has a conversation already. */
  get begun() {
    return Boolean(this.shown && this.shown.state !== "new");
  }

  #take(snapshot) {
    this.onSnapshot(snapshot);
    const { phone, clock } = snapshot;
    $("phone-time").textContent = clock.time;
    $("locked-time").textContent = clock.time;
    $("locked-day").textContent = clock.text.split(",")[0].replace(/ \d{4}$/, "");
    if (!phone) return;
    const before = this.shown;
    this.shown = phone;
    const atEnd = this.#atEnd();
    this.#head(phone);
    const fresh = this.#log(phone, before);
    this.#keyboard(phone, before);
    // After the keyboard, which takes its place from the log.
    if (atEnd || !before || fresh.some((message) => message.mine)) $("log").scrollTop = $("log").scrollHeight;
    this.#notices(phone, before);
    this.gotFirst();
    this.read();
  }

  #head(phone) {
    const { state, bot } = phone;
    $("bot-name").textContent = bot.name;
    $("avatar").textContent = bot.name.slice(0, 1);
    $("bot-state").textContent = phone.typing ? "écrit…" : "bot";
    clearTimeout(this.typing);
    if (phone.typing) this.typing = setTimeout(() => { $("bot-state").textContent = "bot"; }, TYPING);
    $("writing").hidden = state !== "open";
    $("start").hidden = state !== "new";
    $("unblock").hidden = state !== "blocked";
    $("gone").hidden = state !== "gone";
    $("block").hidden = state !== "open";
  }

  #log(phone, before) {
    const log = $("log");
    const fresh = draw(log, phone, {
      command: (words) => this.do("say", { text: words }),
      link: (address) => this.onLink(address),
      edit: (message) => this.composer.edit(message),
      tap: (message, key) => this.do("tap", { message: message.id, label: key.text }),
    });
    log.classList.toggle("log--empty", phone.messages.length === 0);
    const heard = fresh.filter((message) => !message.mine && !message.silent);
    if (before && heard.length) this.#notify(heard, phone.bot.name);
    return fresh;
  }

  #atEnd() {
    const log = $("log");
    return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  #keyboard(phone, before) {
    const keys = $("keys");
    const has = Boolean(phone.keyboard) && phone.state === "open";
    $("keys-button").hidden = !has;
    $("words").placeholder = phone.placeholder || "Message";
    if (JSON.stringify(phone.keyboard) !== JSON.stringify(before?.keyboard)) {
      keys.replaceChildren(...(phone.keyboard ?? []).map((row) => {
        const line = make("div", "keys__row");
        for (const label of row) {
          const key = make("button", "keys__key", label);
          key.type = "button";
          key.addEventListener("click", () => this.do("tap", { label }));
          line.append(key);
        }
        return line;
      }));
      $("keys-button").setAttribute("aria-expanded", "true");
    }
    keys.hidden = !has || $("keys-button").getAttribute("aria-expanded") === "false";
  }

  #notices(phone, before) {
    for (const notice of phone.notices) {
      if (this.notices.has(notice.id)) continue;
      this.notices.add(notice.id);
      if (!before) continue;
      if (notice.alert) {
        $("alert-text").textContent = notice.text;
        $("alert-box").showModal();
      } else this.#toast(notice.text);
    }
  }

  /** What somebody who looks over the shoulder sees, before any unlocking. */
  #notify(messages, bot) {
    const card = (message) => {
      const node = make("div", "card");
      node.append(make("strong", "", bot), make("span", "card__when", "maintenant"));
      node.append(make("p", "", message.line));
      return node;
    };
    if (this.locked) {
      $("locked-cards").prepend(...messages.map(card).reverse());
      return;
    }
    const banner = $("banner");
    banner.replaceChildren(make("p", "banner__label", "Ce que montre l'écran verrouillé"));
    banner.append(card(messages.at(-1)));
    banner.hidden = false;
    clearTimeout(this.banner);
    this.banner = setTimeout(() => { banner.hidden = true; }, BANNER);
  }

  #toast(words) {
    const toast = $("toast");
    toast.textContent = words;
    toast.hidden = false;
    clearTimeout(this.toast);
    this.toast = setTimeout(() => { toast.hidden = true; }, 3500 + words.length * 40);
  }

  /** Tell that the newest message was seen, if it was. */
  read() {
    const newest = this.shown?.messages.at(-1)?.id ?? 0;
    if (this.locked || !this.isVisible() || newest <= (this.readTo?.[this.id] ?? 0)) return;
    this.readTo = { ...this.readTo, [this.id]: newest };
    this.do("read");
  }

  lock() {
    this.locked = true;
    $("locked-cards").replaceChildren();
    $("banner").hidden = true;
    $("locked").hidden = false;
    $("unlock").focus();
  }

  #unlock() {
    this.locked = false;
    $("locked").hidden = true;
    this.read();
  }

  #listen() {
    $("phone").addEventListener("click", (event) => this.#click(event));
    $("unlock").addEventListener("click", () => this.#unlock());
    $("banner").addEventListener("click", () => { $("banner").hidden = true; });
  }

  #click(event) {
    const target = event.target.closest("button");
    for (const [button, sheet] of [["menu-button", "menu"], ["attach-button", "attach"]]) {
      const open = target?.id === button && $(sheet).hidden;
      $(sheet).hidden = !open;
      $(button).setAttribute("aria-expanded", String(open));
    }
    if (!target) return;
    if (target.dataset.do) this.do(target.dataset.do);
    if (target.dataset.act === "lock") this.lock();
    if (target.dataset.act === "link") this.onLink("");
    if (target.dataset.act === "stop-editing") this.composer.clear();
    if (target.id === "keys-button") {
      const open = target.getAttribute("aria-expanded") === "false";
      target.setAttribute("aria-expanded", String(open));
      $("keys").hidden = !open;
    }
  }
}
