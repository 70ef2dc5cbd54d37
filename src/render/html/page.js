// Search and filters. Without this script the page shows everybody.
(() => {
  const filters = document.querySelector(".filters");
  if (!filters) return;
  const [search, action, account, license] = filters.querySelectorAll("input, select");
  const count = filters.querySelector(".count");
  const empty = document.querySelector(".empty");
  const sections = [...document.querySelectorAll("section.people")];
  const people = sections.flatMap((section) =>
    [...section.querySelectorAll(".person")].map((element) => ({
      element,
      section,
      text: element.textContent.toLowerCase(),
      data: element.dataset,
    })),
  );

  const offer = (select, key) => {
    const values = [...new Set(people.map((one) => one.data[key]).filter(Boolean))];
    values.sort((a, b) => a.localeCompare(b));
    for (const value of values) select.add(new Option(value, value));
    select.disabled = values.length === 0;
  };
  offer(action, "action");
  offer(account, "account");
  offer(license, "license");

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [["action", action.value], ["account", account.value], ["license", license.value]];
    const filled = new Set();
    let shown = 0;
    for (const { element, section, text, data } of people) {
      const fits =
        wanted.every(([key, value]) => value === "" || data[key] === value) &&
        words.every((word) => text.includes(word));
      element.hidden = !fits;
      if (fits) {
        shown += 1;
        filled.add(section);
      }
    }
    for (const section of sections) section.hidden = !filled.has(section);
    empty.hidden = shown > 0;
    count.textContent = `${shown.toLocaleString()} of ${people.length.toLocaleString()} people`;
  };

  let waiting = 0;
  filters.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(show);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.hidden = false;
  show();
})();
