"use strict";
// The page is complete without this: it only hides what is not asked for.
const FOUND = ".divergence:not([hidden])";
const FEW = 100; // unfold what was looked for, unless that is nearly everything
const filters = document.querySelector(".filters");
const divergences = [...document.querySelectorAll(".divergence")];
const folds = [...document.querySelectorAll(".more")];
const causes = [...document.querySelectorAll(".cause")];
const shown = filters.querySelector("output");

function wanted() {
  const data = new FormData(filters);
  return {
    text: data.get("text").trim().toLowerCase(),
    route: data.get("route"),
    state: data.get("state"),
    severities: new Set(data.getAll("severity")),
  };
}

function matches(divergence, { text, route, state, severities }) {
  const { dataset } = divergence;
  return severities.has(dataset.severity)
    && (!route || dataset.route === route)
    && (!state || dataset.state === state)
    && (!text || divergence.closest(".cause").dataset.title.includes(text)
      || divergence.textContent.toLowerCase().includes(text));
}

function apply() {
  const filter = wanted();
  for (const each of divergences) each.hidden = !matches(each, filter);
  const count = divergences.filter((each) => !each.hidden).length;
  const narrowed = count < divergences.length;
  for (const each of [...folds, ...causes]) each.hidden = !each.querySelector(FOUND);
  for (const each of folds) each.open = narrowed && count <= FEW;
  shown.textContent = `${count} of ${divergences.length} shown`;
}

filters.hidden = divergences.length === 0;
filters.addEventListener("input", apply);
filters.addEventListener("submit", (event) => event.preventDefault());
for (const link of document.querySelectorAll("[data-pick]")) {
  link.addEventListener("click", () => {
    filters.elements.route.value = link.dataset.pick;
    apply();
  });
}
apply();
