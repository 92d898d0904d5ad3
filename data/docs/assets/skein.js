// What a page can do with a script and can do without: filter a long list of symbols or files, and show in the side
// navigation where the reader is. Nothing is fetched and nothing is stored.
"use strict";

(function () {
  const side = document.querySelector(".side");
  const links = side ? Array.from(side.querySelectorAll('a[href^="#"]')) : [];

  // A filter above the side navigation, where it is long.
  if (links.length > 15) {
    const box = document.createElement("input");
    box.type = "search";
    box.className = "filter";
    box.placeholder = "Filter this page ( / )";
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
    document.addEventListener("keydown", function (event) {
      const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        box.focus();
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
