/* The demo page: which phone is in hand, the desk beside it, the clock above both. */

import * as api from "./api.js";
import { make } from "./bubbles.js";
import { Phone } from "./phone.js";
import { isInvitation } from "./rich.js";

const $ = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 979px)");
let phones = [];

const phone = new Phone({
  onSnapshot: (snapshot) => {
    $("clock").textContent = snapshot.clock.text;
    phones = snapshot.phones;
    drawPhones();
  },
  onLink: (address) => openLink(address),
  isVisible: () => !document.hidden && (!narrow.matches || document.body.dataset.view === "phone"),
});

function drawPhones() {
  const list = $("phones");
  const shape = JSON.stringify([phones, phone.id]);
  if (list.dataset.shape === shape) return;
  list.dataset.shape = shape;
  const focused = document.activeElement?.dataset?.phone;
  list.replaceChildren(...phones.map((one) => {
    const tab = make("button", "phones__one", one.name);
    tab.type = "button";
    tab.dataset.phone = one.id;
    tab.setAttribute("aria-pressed", String(one.id === phone.id));
    if (one.unread && one.id !== phone.id) {
      tab.append(make("span", "unread", String(one.unread)));
      tab.setAttribute("aria-label", `${one.name}, ${one.unread} non lu${one.unread > 1 ? "s" : ""}`);
    }
    tab.addEventListener("click", () => take(one.id));
    return tab;
  }));
  if (focused) list.querySelector(`[data-phone="${focused}"]`)?.focus();
}

function take(id) {
  phone.open(id);
  sessionStorage.setItem("relais.phone", id);
  drawPhones();
}

/* The clock */

for (const button of document.querySelectorAll("[data-jump]")) {
  button.addEventListener("click", () => advance(button));
}

async function advance(button) {
  const buttons = [...document.querySelectorAll("[data-jump]")];
  if (buttons.some((one) => one.getAttribute("aria-busy") === "true")) return;
  button.setAttribute("aria-busy", "true");
  buttons.forEach((one) => one.setAttribute("aria-disabled", "true"));
  $("clock-error").hidden = true;
  try {
    $("clock").textContent = (await api.jump(button.dataset.jump)).clock;
    refreshDesk();
  } catch (error) {
    $("clock-error").textContent = error.message;
    $("clock-error").hidden = false;
  } finally {
    button.removeAttribute("aria-busy");
    buttons.forEach((one) => one.removeAttribute("aria-disabled"));
  }
}

/* The desk: same origin, so that its invitation links can be taken to the phone */

function refreshDesk() {
  const inside = $("desk").contentDocument;
  const fields = inside ? [...inside.querySelectorAll("input:not([type=hidden]), textarea")] : [];
  const busy = fields.some((one) => one.value !== one.defaultValue);
  if (inside && !busy) $("desk").contentWindow.location.reload();
}

$("desk").addEventListener("load", () => {
  $("desk").contentDocument?.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && isInvitation(link.href)) {
      event.preventDefault();
      openLink(link.href);
    }
  });
});

addEventListener("message", (event) => {
  if (event.origin === location.origin && isInvitation(event.data?.link)) openLink(event.data.link);
});

/* Links and new phones */

function openLink(address) {
  show("phone");
  if (isInvitation(address) && !phone.begun) {
    phone.do("open", { link: address });
    return;
  }
  $("link").value = address;
  $("link-error").hidden = true;
  $("link-phones").replaceChildren(...phones.map(choice), choice({ id: "", name: "Un nouveau téléphone" }));
  $("link-box").showModal();
}

function choice(one) {
  const label = make("label", "choice");
  const radio = make("input");
  Object.assign(radio, { type: "radio", name: "phone", value: one.id, checked: one.id === phone.id });
  label.append(radio, ` ${one.name}`);
  return label;
}

$("link-box").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const chosen = new FormData(event.target).get("phone");
    const id = chosen ? Number(chosen) : (await api.addPhone(nextName())).id;
    await api.act(id, "open", { link: $("link").value.trim() });
    if (id !== phone.id) take(id);
    $("link-box").close();
  } catch (error) {
    say("link-error", error);
  }
});

$("new-phone").addEventListener("click", () => {
  $("name").value = nextName();
  $("name-error").hidden = true;
  $("name-box").showModal();
  $("name").select();
});

$("name-box").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    take((await api.addPhone($("name").value)).id);
    $("name-box").close();
  } catch (error) {
    say("name-error", error);
  }
});

function nextName() {
  const names = ["Alex", "Sacha", "Camille", "Noa", "Charlie", "Lou", "Andrea", "Sam"];
  const taken = new Set(phones.map((one) => one.name));
  return names.find((name) => !taken.has(name)) ?? `Téléphone ${phones.length + 1}`;
}

function say(place, error) {
  $(place).textContent = error.message;
  $(place).hidden = false;
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-close]")) event.target.closest("dialog").close();
  if (!event.target.closest("#logins")) $("logins").open = false;
});

/* Narrow screens show one of the two */

function show(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll("[data-show]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.show === view));
  }
  phone.read();
}

for (const tab of document.querySelectorAll("[data-show]")) {
  tab.addEventListener("click", () => show(tab.dataset.show));
}
document.addEventListener("visibilitychange", () => phone.read());

/* Begin */

const about = await api.about();
$("clock").textContent = about.clock;
$("desk").src = about.desk;
$("logins").hidden = about.logins.length === 0;
$("logins-rows").replaceChildren(...about.logins.map((one) => {
  const row = make("tr");
  const who = make("th");
  who.scope = "row";
  who.append(one.name, make("small", "", one.role));
  const login = make("td");
  login.append(make("code", "", one.login));
  const password = make("td");
  password.append(make("code", "", one.password));
  row.append(who, login, password);
  return row;
}));
const last = Number(sessionStorage.getItem("relais.phone"));
take(about.phones.includes(last) ? last : about.phones[0]);

const invitation = new URLSearchParams(location.search).get("lien");
if (invitation) {
  history.replaceState(null, "", location.pathname);
  await phone.ready;
  openLink(invitation);
}
