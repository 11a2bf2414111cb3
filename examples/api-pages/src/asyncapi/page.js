// Reads the document and writes it out, one noun after the other.

/** @param {string} tag @param {Record<string, string>} attributes @param {(Node | string | null | undefined)[]} inside */
function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside.filter((part) => part !== null && part !== undefined));
  return made;
}

/** `code`, **bold** and *stress* of a sentence. */
function prose(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part) => {
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("b", {}, part.slice(2, -2));
    if (part.startsWith("*") && part.length > 2) return element("em", {}, part.slice(1, -1));
    return part;
  });
}

const spec = await (await fetch("asyncapi.json")).json();
const schemas = spec.components.schemas;
const messages = spec.channels.events.messages;

const named = (schema) => (schema.$ref ? schema.$ref.split("/").pop() : undefined);
const resolved = (schema) => (schema.$ref ? { ...schemas[named(schema)], ...omit(schema, "$ref") } : schema);
const omit = (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** What it is, in a word or two: `string`, `list of Card`, `uuid or null`. */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.$ref) {
    const target = resolved(schema);
    return target.type === "object" || target.oneOf || target.properties ? named(schema) : typeOf(target);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return [...new Set(either.map(typeOf))].join(" | ");
  const kinds = [schema.type ?? "anything"].flat();
  return kinds.map((kind) => (kind === "array" ? `list of ${typeOf(schema.items ?? {})}` : (kind === "string" && schema.format) || kind)).join(" | ");
}

/** The object types behind a field, through lists and alternatives. */
function parts(schema) {
  if (schema.$ref) return parts(resolved(schema));
  if (schema.items) return parts(schema.items);
  const either = (schema.oneOf ?? schema.anyOf ?? []).flatMap(parts);
  return schema.properties && Object.keys(schema.properties).length > 0 ? [schema, ...either] : either;
}

function fields(schema, depth = 0) {
  const list = element("div", { class: "fields" });
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const about = field.description ?? resolved(field).description;
    const needed = (schema.required ?? []).includes(name);
    const row = element(
      "div",
      { class: "field" },
      element("div", {}, element("code", {}, name), needed ? null : element("i", {}, " optional")),
      element("div", {}, element("span", { class: "type" }, typeOf(field)), about ? element("p", {}, ...prose(about)) : null),
    );
    const inner = depth < 6 ? parts(field) : [];
    if (inner.length > 0) {
      const details = element("details", {}, element("summary", {}, "Fields"));
      // Written when somebody looks: a dashboard is deep.
      details.addEventListener("toggle", () => details.append(...inner.map((part) => fields(part, depth + 1))), { once: true });
      row.append(details);
    }
    list.append(row);
  }
  return list;
}

function shown(title, schema) {
  const types = parts(schema);
  if (types.length === 0) return [];
  return [element("h4", {}, title), ...types.map((type) => fields(type))];
}

function example(title, message) {
  const text = JSON.stringify(message.examples[0].payload, null, 2);
  return element("details", {}, element("summary", {}, title), element("pre", {}, text));
}

function call(name, operation) {
  const [message, reply] = [messages[name], messages[`${name}.reply`]];
  return element(
    "article",
    { id: name },
    element("h3", {}, name, element("span", { class: "tag" }, "call")),
    element("p", {}, ...prose(operation.summary)),
    element("p", { class: "terms" }, ...prose(operation.description)),
    ...shown("Input", message.payload.properties.data),
    example("Example of a call", message),
    ...shown("Reply", reply.payload.properties.data),
    example("Example of the reply", reply),
  );
}

function event(name) {
  const message = messages[name];
  return element(
    "article",
    { id: `tell.${name}` },
    element("h3", {}, name, element("span", { class: "tag event" }, message["x-class"])),
    element("p", { class: "terms" }, ...prose(message.summary)),
    ...shown("Data", message.payload.properties.data),
    example("Example", message),
  );
}

const nouns = new Map();
for (const [id, operation] of Object.entries(spec.operations)) {
  const noun = operation.tags[0].name;
  nouns.set(noun, [...(nouns.get(noun) ?? []), [id, operation]]);
}

const page = document.getElementById("page");
const list = document.getElementById("list");
page.replaceChildren(
  element("h1", {}, spec.channels.events.address),
  ...spec.info.description.split("\n\n").map((paragraph) => element("p", { class: "about" }, ...prose(paragraph))),
);
for (const [noun, operations] of [...nouns].sort(([a], [b]) => a.localeCompare(b))) {
  page.append(element("h2", {}, noun));
  list.append(element("h2", {}, noun));
  for (const [id, operation] of operations.sort(([, a], [, b]) => a.action.localeCompare(b.action))) {
    const told = operation.action === "send";
    page.append(told ? event(operation.title) : call(id, operation));
    list.append(element("a", { href: `#${id}`, class: told ? "event" : "call" }, operation.title));
  }
}
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();

document.getElementById("find").addEventListener("input", ({ target }) => {
  for (const link of list.querySelectorAll("a")) link.hidden = !link.textContent.includes(target.value.trim().toLowerCase());
});
