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
  const shards = new Map();  // By name, those of parts too: their entries.
  const parts = new Map();  // Of shards that are too long for one file: first keys and names of their parts, in order.
  const asked = new Set();
  const partsAtOnce = 12;

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
    if (asked.has(name)) return;
    asked.add(name);
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
  window.skeinParts = function (name, all) {
    parts.set(name, all);
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

  // The same as key_of in the program.
  function keyOf(text) {
    let key = "";
    for (const c of text.replace(/^[\x00-\x2f:-@[-`{-\x7f]+/, "")) key += /[a-z0-9]/i.test(c) && c < "\x80" ? c.toLowerCase() : "_";
    return key;
  }
  // The same as shard_of in the program.
  function shardOf(key) {
    if (width === 0) return "all";
    return key.slice(0, width).replace(/[^a-z]/g, "_").padEnd(width, "_");
  }
  // The parts that can hold names that begin with this key: those that begin so, and the one before.
  function within(all, key) {
    let from = 0;
    while (from + 1 < all.length && all[from + 1][0] < key) ++from;
    let to = from + 1;
    while (to < all.length && all[to][0].startsWith(key)) ++to;
    return all.slice(from, to).map(function (part) { return part[1]; });
  }
  // What is known of the names that begin with this key, and asks for what is not.
  function look(key) {
    const shard = shardOf(key);
    const short = key.length > 0 && key.length < width;
    const why = short ? "Type " + width + " letters or more." : "Nothing begins like this.";
    if (!names.has(shard)) return { entries: [], why: why };
    if (!shards.has(shard) && !parts.has(shard)) {
      load(shard);
      return { entries: [], loading: true };
    }
    const all = parts.has(shard) ? within(parts.get(shard), key) : [shard];
    const read = all.slice(0, partsAtOnce);
    read.forEach(load);
    const loading = !read.every(function (part) { return shards.has(part); });
    return { entries: loading ? [] : read.flatMap(function (part) { return shards.get(part); }), loading: loading,
      more: short || read.length < all.length };
  }
  function rank(entry, word) {
    if (entry.low === word) return 0;
    if (entry.low.startsWith(word)) return 1;
    if (entry.low.includes(word)) return 2;
    return 3;
  }
  function options() {
    return list.querySelectorAll("[role=option]:not([aria-disabled])");
  }
  function select(index) {
    const items = options();
    items.forEach(function (item, i) { item.setAttribute("aria-selected", String(i === index)); });
    if (index >= 0 && items[index]) {
      box.setAttribute("aria-activedescendant", items[index].id);
      items[index].scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }
  function selected() {
    return Array.from(options()).findIndex(function (item) {
      return item.getAttribute("aria-selected") === "true";
    });
  }
  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function note(text) {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.className = "soft";
    item.textContent = text;
    list.append(item);
  }
  function say(text) {
    list.replaceChildren();
    status.textContent = text;
    note(text);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }
  function show() {
    const words = box.value.trim().toLowerCase().split(/[\s.:/#]+/).filter(Boolean);
    if (!words.length) return close();
    if (width < 0) {
      load("index");
      return say(shards.has("index") ? "The index is still being made." : "Loading…");
    }
    // The last word is the name, or all of "track.py" is; the others are part of it or of its path.
    const word = words[words.length - 1];
    const whole = box.value.trim().toLowerCase().split(/[\s:/#]+/).filter(Boolean).pop();
    const looks = Array.from(new Set([keyOf(word), keyOf(whole)]), look);
    if (looks.some(function (one) { return one.loading; })) return say("Loading…");
    const more = looks.some(function (one) { return one.more; }) ? "More begin like this: type more letters." : "";
    const known = new Set(looks.flatMap(function (one) { return one.entries; }));
    const found = Array.from(known).filter(function (entry) {
      return words.every(function (w) { return entry.low.includes(w) || (w !== word && entry.path.toLowerCase().includes(w)); });
    }).sort(function (a, b) {
      return Math.min(rank(a, word), rank(a, whole)) - Math.min(rank(b, word), rank(b, whole)) || a.low.length - b.low.length;
    });
    if (!found.length) return say(more || looks[0].why || "Nothing found.");
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
      const about = document.createElement("span");
      about.className = "soft";
      about.textContent = entry.kind + " · " + entry.path;
      link.append(name, " ", about);
      item.append(link);
      list.append(item);
    });
    if (more) note(more);
    status.textContent = found.length + " found" + (found.length > 30 ? ", the first 30 are shown" : "") + (more ? ". " + more : "");
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    select(0);
  }

  box.addEventListener("input", show);
  box.addEventListener("focus", function () { if (box.value) show(); });
  box.addEventListener("keydown", function (event) {
    const count = options().length;
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
