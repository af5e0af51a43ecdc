/* Where a person writes: the field that grows, the commands it proposes, the correction of a
   message already sent. */

import { make } from "./bubbles.js";

const TALLEST = 120;
const $ = (id) => document.getElementById(id);

export class Composer {
  /** `send(deed, given)` does it; `commands()` are those the bot has announced. */
  constructor({ send, commands }) {
    Object.assign(this, { send, commands });
    this.editing = null;
    $("writing").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    $("words").addEventListener("keydown", (event) => this.#key(event));
    $("words").addEventListener("input", () => {
      this.#grow();
      this.#suggest();
    });
  }

  /** Take up a message of one's own, to change it. */
  edit(message) {
    this.editing = message.id;
    $("words").value = message.text;
    $("editing").hidden = false;
    $("words").focus();
    this.#grow();
  }

  clear() {
    this.editing = null;
    $("words").value = "";
    $("editing").hidden = true;
    $("commands").hidden = true;
    this.#grow();
  }

  async #submit() {
    const text = $("words").value;
    if (!text.trim()) return;
    const message = this.editing;
    this.clear();
    await (message ? this.send("edit", { message, text }) : this.send("say", { text }));
  }

  #key(event) {
    if (event.key === "Escape") this.clear();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    }
  }

  #grow() {
    const words = $("words");
    words.style.height = "";
    if (words.scrollHeight > words.clientHeight) {
      words.style.height = `${Math.min(words.scrollHeight + 2, TALLEST)}px`;
    }
  }

  #suggest() {
    const typed = $("words").value;
    const fits = typed.startsWith("/") && !typed.includes(" ")
      ? this.commands().filter((one) => `/${one.command}`.startsWith(typed)) : [];
    $("commands").replaceChildren(...fits.map((one) => {
      const line = make("button", "command");
      line.type = "button";
      line.append(make("b", "", `/${one.command}`), ` ${one.description}`);
      line.addEventListener("click", () => {
        $("words").value = `/${one.command}`;
        this.#submit();
      });
      return line;
    }));
    $("commands").hidden = fits.length === 0;
  }
}
