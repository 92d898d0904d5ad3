// What a page can do with a script and can do without: filter a long list of symbols or files, show in the side
// navigation where the reader is, and search all of the site. Nothing is fetched from elsewhere and nothing is stored.
"use strict";

(function () {
  const side = document.querySelector(".side");
  const links = side ? Array.from(side.querySelectorAll('a[href^="#"]')) : [];

  // A filter above the side navigation, where it is long.
  if (links.length > 15) {
    const box = document.createElement("input");
    box.type = "search";
    box.className = "filter";
    box.placeholder = "Filter this page";
    box.setAttribute("aria-label", "Filter the links of this page");
    side.prepend(box);
    box.addEventListener("input", function () {
      const wanted = box.value.trim().toLowerCase();
      const items = Array.from(side.querySelectorAll("li")).reverse();
      for (const item of items) {
        const link = item.querySelector(":scope > a");
        const own = !wanted || (link && link.textContent.toLowerCase().includes(wanted));
        item.hidden = !own && !item.querySelector("li:not([hidden])");
      }
    });
  }

  // The side navigation follows the reader.
  if (links.length > 1 && "IntersectionObserver" in window) {
    const byId = new Map();
    for (const link of links) byId.set(link.getAttribute("href").slice(1), link);
    let here = null;
    const observer = new IntersectionObserver(function (entries) {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        const link = byId.get(entry.target.id);
        if (!link || link === here) continue;
        if (here) here.classList.remove("here");
        here = link;
        here.classList.add("here");
        const top = link.offsetTop - side.offsetTop;
        if (top < side.scrollTop || top > side.scrollTop + side.clientHeight - 40) side.scrollTop = top - 80;
      }
    }, { rootMargin: "-64px 0px -75% 0px" });
    for (const id of byId.keys()) {
      const target = document.getElementById(id);
      if (target) observer.observe(target);
    }
  }
})();

// Search over symbols and pages. Its index comes as scripts, not by fetch, so that it works from file://.
(function () {
  const place = document.querySelector(".find");
  if (!place) return;
  const root = place.getAttribute("data-root");
  let width = -1;
  let names = new Set();
  const shards = new Map();
  let waiting = false;

  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "Search ( / )";
  box.autocomplete = "off";
  box.spellcheck = false;
  box.setAttribute("aria-label", "Search symbols and pages");
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", "found");
  box.setAttribute("aria-autocomplete", "list");
  const list = document.createElement("ul");
  list.id = "found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Found");
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  place.append(box, list, status);

  function load(name) {
    const script = document.createElement("script");
    script.src = root + "symbols/" + name + ".js";
    script.onerror = function () {
      shards.set(name, []);
      show();
    };
    document.head.append(script);
  }
  window.skeinShards = function (letters, all) {
    width = letters;
    names = new Set(all);
    show();
  };
  window.skeinShard = function (name, pages, entries) {
    shards.set(name, entries.map(function (entry) {
      const page = pages[entry[2]];
      return { name: entry[0], low: entry[0].toLowerCase(), kind: entry[1], path: page[1],
        href: root + page[0] + (entry[3] ? "#" + entry[3] : "") };
    }));
    show();
  };

  // The same as shard_of in the program.
  function shardOf(text) {
    if (width === 0) return "all";
    const from = text.replace(/^[^a-z0-9]+/, "");
    if (from.length < width) return "";
    return Array.from(from.slice(0, width), function (c) { return /[a-z]/.test(c) ? c : "_"; }).join("");
  }
  function rank(entry, word) {
    if (entry.low === word) return 0;
    if (entry.low.startsWith(word)) return 1;
    if (entry.low.includes(word)) return 2;
    return 3;
  }
  function select(index) {
    const items = list.querySelectorAll("[role=option]");
    items.forEach(function (item, i) { item.setAttribute("aria-selected", String(i === index)); });
    if (index >= 0 && items[index]) {
      box.setAttribute("aria-activedescendant", items[index].id);
      items[index].scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }
  function selected() {
    return Array.from(list.querySelectorAll("[role=option]")).findIndex(function (item) {
      return item.getAttribute("aria-selected") === "true";
    });
  }
  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function say(text) {
    list.replaceChildren();
    status.textContent = text;
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.className = "soft";
    item.textContent = text;
    list.append(item);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }
  function show() {
    const words = box.value.trim().toLowerCase().split(/[\s.:/#]+/).filter(Boolean);
    if (!words.length) return close();
    if (width < 0) {
      if (!waiting) load("index");
      waiting = true;
      return say(shards.has("index") ? "The index is still being made." : "Loading…");
    }
    // The last word is the name; the others are part of it or of its path.
    const word = words[words.length - 1];
    const shard = shardOf(word);
    if (!shard) return say("Type " + width + " letters or more.");
    if (!names.has(shard)) return say("Nothing begins like this.");
    if (!shards.has(shard)) {
      load(shard);
      return say("Loading…");
    }
    const found = shards.get(shard).filter(function (entry) {
      return words.every(function (w) { return entry.low.includes(w) || (w !== word && entry.path.toLowerCase().includes(w)); });
    }).sort(function (a, b) { return rank(a, word) - rank(b, word) || a.low.length - b.low.length; });
    if (!found.length) return say("Nothing found.");
    list.replaceChildren();
    found.slice(0, 30).forEach(function (entry, i) {
      const item = document.createElement("li");
      item.setAttribute("role", "presentation");
      const link = document.createElement("a");
      link.id = "found-" + i;
      link.setAttribute("role", "option");
      link.href = entry.href;
      link.tabIndex = -1;
      const name = document.createElement("code");
      name.textContent = entry.name;
      const more = document.createElement("span");
      more.className = "soft";
      more.textContent = entry.kind + " · " + entry.path;
      link.append(name, " ", more);
      item.append(link);
      list.append(item);
    });
    status.textContent = found.length + " found" + (found.length > 30 ? ", the first 30 are shown" : "");
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    select(0);
  }

  box.addEventListener("input", show);
  box.addEventListener("focus", function () { if (box.value) show(); });
  box.addEventListener("keydown", function (event) {
    const count = list.querySelectorAll("[role=option]").length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) select((selected() + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      const link = list.querySelector("a[aria-selected=true]");
      if (link) {
        event.preventDefault();
        close();
        link.click();
      }
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) box.blur();
      close();
    }
  });
  document.addEventListener("click", function (event) { if (!place.contains(event.target)) close(); });
  document.addEventListener("keydown", function (event) {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
})();
