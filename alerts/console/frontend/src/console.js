// What every page has beyond plain HTML: partial updates, menus that close, forms that are sent once. Pages work without it.
import htmx from "htmx.org";

htmx.config.includeIndicatorStyles = false; // the policy allows no inline styles
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyEnabled = false;
htmx.config.historyCacheSize = 0; // no page is kept in the browser's storage

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A second click on a slow line must not post twice.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (event.target.method === "post" && !event.target.matches("[hx-post]")) event.target.dataset.sent = "yes";
});

// Coming back by the browser's button shows the form as it was: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// The button of a file field speaks the page's language, and beside it stands what was chosen.
for (const field of document.querySelectorAll("[data-file]")) {
  const input = field.querySelector("input");
  const name = field.querySelector("[data-none]");
  const tell = () => {
    name.textContent = input.files[0]?.name ?? name.dataset.none;
  };
  input.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  field.dataset.file = "ready";
  tell();
}

document.querySelector("[data-focus]")?.focus();
