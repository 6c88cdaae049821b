"use strict";
// Everything is in the page without this script; it adds copy buttons and a filter above the table.
(() => {
  const make = (name, text, attributes) => {
    const element = document.createElement(name);
    element.textContent = text;
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };

  // copy buttons
  const copyOld = (pre) => {
    const selection = getSelection();
    selection.selectAllChildren(pre);
    const copied = document.execCommand("copy");
    selection.removeAllRanges();
    return copied;
  };
  const copy = async (pre) => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      return true;
    } catch {
      return copyOld(pre);
    }
  };
  for (const pre of document.querySelectorAll(".command pre")) {
    const button = make("button", "copy", { type: "button", class: "copy" });
    button.addEventListener("click", async () => {
      button.textContent = (await copy(pre)) ? "copied" : "press Ctrl+C";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    pre.parentElement.append(button);
  }

  // the filter
  const place = document.getElementById("filters");
  const rows = [...document.querySelectorAll(".handshakes tbody tr")];
  if (place && rows.length > 1) {
    const select = (label, none, values) => {
      const list = make("select", "", { "aria-label": label });
      list.append(make("option", none, { value: "" }));
      for (const value of values) list.append(make("option", value, { value }));
      return list;
    };
    const words = (row) => row.lastElementChild.textContent.split(" ").filter(Boolean);
    const text = make("input", "", { type: "search", placeholder: "Filter: name, suite, line …", "aria-label": "Filter by text" });
    const outcome = select("Outcome", "every outcome", [...new Set(rows.map((row) => row.className))].sort());
    const cause = select("Cause", "every cause", [...new Set(rows.flatMap(words))].sort());
    const count = make("output", "", { "aria-live": "polite" });
    const known = rows.map((row) => ({ row, text: row.textContent.toLowerCase(), words: words(row) }));
    const apply = () => {
      const wanted = text.value.toLowerCase().split(" ").filter(Boolean);
      let shown = 0;
      for (const { row, text: has, words: causes } of known) {
        const fits = (!outcome.value || row.className === outcome.value)
          && (!cause.value || causes.includes(cause.value))
          && wanted.every((word) => has.includes(word));
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      for (const block of document.querySelectorAll("#all .block")) {
        block.hidden = !block.querySelector("tbody tr:not([hidden])");
      }
      count.textContent = `${shown} of ${rows.length}`;
    };
    let waiting;
    text.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    outcome.addEventListener("change", apply);
    cause.addEventListener("change", apply);
    place.append(text, outcome, cause, count);
    apply();
  }

  // a link into something folded unfolds it
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // on paper nothing can be unfolded (style sheets do it where the browser knows how)
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();
