// Sorting by keyboard: a key ticks a kind, Enter saves and goes on, arrows move, n writes a new kind.
(function () {
  "use strict";
  var form = document.getElementById("tagging");
  if (!form) { return; }
  var more = document.getElementById("more");
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var at = event.target, writes = at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement || (at instanceof HTMLInputElement && at.type !== "checkbox" && at.type !== "radio");
    if (writes) {
      if (event.key === "Escape") { at.blur(); }
      return; // Enter in a field of the form submits it by itself
    }
    if (event.key === "Enter" && !(at instanceof HTMLAnchorElement) && !(at instanceof HTMLButtonElement) && at.tagName !== "SUMMARY") { event.preventDefault(); form.requestSubmit(); return; }
    if (event.key === "ArrowLeft") { event.preventDefault(); location.assign(form.dataset.previous); return; }
    if (event.key === "ArrowRight") { event.preventDefault(); location.assign(form.dataset.next); return; }
    if (event.key === "n" && more) { event.preventDefault(); more.focus(); return; }
    var box = form.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (box) { event.preventDefault(); if (box.type === "radio") { box.checked = true; } else { box.checked = !box.checked; } box.dispatchEvent(new Event("change", { bubbles: true })); }
  });
  document.documentElement.dataset.ready = "yes";
})();
