"use strict";
const study = JSON.parse(document.getElementById("study").textContent);

// What an answer adds to the log-odds: a number, a word, or null for "not known".
const addedBy = (effect, answer) => {
  if (answer === null) return effect.missing;
  if (effect.number !== null) return effect.number * answer;
  return effect.categories.find(([word]) => word === answer)[1];
};
// A model's probability; null where it needs a score and there is none.
const probabilityOf = (model, answers, score) => {
  let logOdds = model.intercept;
  if (model.score !== 0) {
    if (score === null) return null;
    const p = Math.min(Math.max(score, 1e-12), 1 - 1e-12);
    logOdds += model.score * (Math.log(p) - Math.log1p(-p));
  }
  for (const [name, effect] of Object.entries(model.effects)) {
    logOdds += addedBy(effect, answers[name]);
  }
  return 1 / (1 + Math.exp(-logOdds));
};

const byId = (id) => document.getElementById(id);
const percent = (p) => `${(100 * p).toFixed(1)}%`;
const outside = ({ label, low, high }, value) =>
  value < low || value > high
    ? `${label} ${value} lies outside the training lesions’ ${low} to ${high}, beyond what the models have seen.`
    : "";

// A field's number; undefined where it is empty or none, which is then said beside it.
const numberIn = (field, asked, id, within) => {
  const wrong = field.validity.badInput || (field.value !== "" && !within(field.valueAsNumber));
  const value = wrong || field.value === "" ? undefined : field.valueAsNumber;
  field.setAttribute("aria-invalid", String(wrong));
  let words = "";
  if (wrong) words = asked.complaint;
  else if (value !== undefined) words = outside(asked, value);
  byId(id).textContent = words;
  return { value, wrong, words };
};
const answerOf = (variable, i, warnings) => {
  const field = byId(`v${i}`);
  if (variable.options.length) {
    if (field.value === "") return undefined;
    return field.value === "unknown" ? null : variable.options[Number(field.value)];
  }
  field.disabled = byId(`u${i}`).checked;
  if (field.disabled) {
    byId(`w${i}`).textContent = "";
    field.setAttribute("aria-invalid", "false");
    return null;
  }
  const asked = { ...variable, complaint: "This is not a number." };
  const { value, wrong, words } = numberIn(field, asked, `w${i}`, Number.isFinite);
  if (words && !wrong) warnings.push(words);
  return value;
};
const scoreOf = (warnings) => {
  if (!study.score) return { value: null, wrong: false };
  const asked = { ...study.score, complaint: "The score is a number from 0 to 1." };
  const inside = (p) => p >= 0 && p <= 1;
  const { value, wrong, words } = numberIn(byId("score"), asked, "w-score", inside);
  if (words && !wrong) warnings.push(words);
  return { value: value === undefined ? null : value, wrong };
};
const show = (model, p, lacking) => {
  const output = byId(`p-${model.key}`);
  output.textContent = p === null ? "–" : percent(p);
  output.dataset.value = p === null ? "" : String(p);
  let words = "";
  if (p === null && !lacking) words = `Needs the ${study.score.label}.`;
  else if (p !== null && model.threshold !== null) {
    const threshold = percent(model.threshold);
    words = p >= model.threshold
      ? `At or above the study’s operating threshold of ${threshold}: called malignant.`
      : `Below the study’s operating threshold of ${threshold}: called benign.`;
  }
  byId(`d-${model.key}`).textContent = words;
};
const update = () => {
  const warnings = [];
  const answers = {};
  const lacking = [];
  study.variables.forEach((variable, i) => {
    answers[variable.name] = answerOf(variable, i, warnings);
    if (answers[variable.name] === undefined) lacking.push(variable.label);
  });
  const score = scoreOf(warnings);
  byId("lacking").textContent = lacking.length ? `Still to be answered: ${lacking.join(", ")}.` : "";
  for (const model of study.models) {
    const names = Object.keys(model.effects);
    const whole = names.every((name) => answers[name] !== undefined);
    show(model, whole ? probabilityOf(model, answers, score.value) : null, !whole);
  }
  byId("warnings").replaceChildren(
    ...warnings.map((words) => Object.assign(document.createElement("li"), { textContent: words })),
  );
};
const form = byId("answers");
if (form) {
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(update));
  update();
}
