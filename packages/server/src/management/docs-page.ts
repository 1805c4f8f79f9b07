import { createHash } from 'node:crypto';
import { type JsonObject, problems } from '@latchkey/contract';
import type { Answer } from '../platform/http.ts';

const style = `
:root{color-scheme:light dark;--bg:light-dark(#fff,#131416);--fg:light-dark(#1b1d21,#e8e9ec);--muted:light-dark(#5c616b,#9aa0ab);
--line:light-dark(#e3e5e9,#2a2d33);--soft:light-dark(#f6f7f8,#1a1c20);--accent:light-dark(#0f6566,#5cc4c2)}
*{box-sizing:border-box}html{scroll-padding-top:16px}
body{margin:0;background:var(--bg);color:var(--fg);font:14px/1.55 Inter,system-ui,sans-serif;display:grid;grid-template-columns:248px minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;border-right:1px solid var(--line);padding:20px 16px}
main{padding:28px 32px 96px;max-width:980px}h1{font-size:22px;font-weight:550;margin:0 0 8px}h2{font-size:17px;font-weight:550;margin:40px 0 12px}
nav h2{font-size:12px;color:var(--muted);margin:18px 0 4px}nav a{display:block;padding:2px 8px;border-radius:6px;color:inherit;text-decoration:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
nav a:hover{background:var(--soft)}a{color:var(--accent)}p{margin:6px 0;max-width:70ch}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
details{border:1px solid var(--line);border-radius:10px;margin:8px 0}details>div{padding:4px 16px 16px;border-top:1px solid var(--line)}
summary{display:flex;gap:12px;align-items:baseline;padding:10px 16px;cursor:pointer;flex-wrap:wrap}summary::-webkit-details-marker{display:none}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}summary code{word-break:break-all}pre{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:12px;overflow:auto}
.m{display:inline-block;min-width:56px;font-weight:600;color:var(--accent)}.s{color:var(--muted)}
h3{font-size:13px;font-weight:550;margin:16px 0 4px}table{border-collapse:collapse;width:100%;font-size:13px}
th{text-align:left;font-weight:500;color:var(--muted)}td,th{padding:6px 8px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}.t{overflow-x:auto}
@media(max-width:800px){body{grid-template-columns:minmax(0,1fr)}nav{position:static;height:auto;max-height:260px;border-right:0;border-bottom:1px solid var(--line)}main{padding:20px 16px 64px}}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

function escapeHtml(value: unknown): string {
  return String(value)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** Text with code between backticks and paragraphs between empty lines. */
function prose(value: unknown): string {
  return String(value ?? '')
    .split(/\n\n/)
    .filter((part) => part !== '')
    .map((part) => `<p>${escapeHtml(part).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function typeOf(schema: JsonObject): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? '';
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  const choices = objects(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return choices.map(typeOf).join(' | ');
  if (schema.type === 'array') return `${isObject(schema.items) ? typeOf(schema.items) : 'any'}[]`;
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return typeof schema.format === 'string' ? `${type} (${schema.format})` : String(type);
}

function fieldRow(name: string, schema: JsonObject, isRequired: boolean, place: string): string {
  const initial =
    schema.default === undefined
      ? ''
      : ` Default: <code>${escapeHtml(JSON.stringify(schema.default))}</code>.`;
  return `<tr><td><code>${escapeHtml(name)}</code>${isRequired ? ' <span class="s">required</span>' : ''}</td><td class="s">${escapeHtml(place)}</td><td><code>${escapeHtml(typeOf(schema))}</code></td><td>${escapeHtml(schema.description ?? '')}${initial}</td></tr>`;
}

function table(rows: readonly string[]): string {
  return rows.length === 0
    ? ''
    : `<div class="t"><table><tr><th>Field</th><th>In</th><th>Type</th><th>Meaning</th></tr>${rows.join('')}</table></div>`;
}

function resolve(document: JsonObject, schema: JsonObject): JsonObject {
  if (typeof schema.$ref !== 'string') return schema;
  const target = schema.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), document);
  return isObject(target) ? target : schema;
}

function fieldsOf(document: JsonObject, schema: JsonObject, place: string): readonly string[] {
  const { properties, required } = resolve(document, schema);
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, each]) =>
    fieldRow(name, isObject(each) ? each : {}, Array.isArray(required) && required.includes(name), place),
  );
}

function jsonContent(part: unknown): JsonObject | undefined {
  if (!isObject(part) || !isObject(part.content)) return undefined;
  const media = part.content['application/json'];
  return isObject(media) ? media : undefined;
}

function curl(method: string, path: string, server: string, example: unknown): string {
  const parts = [`curl -X ${method} ${server}${path}`, "-H 'Authorization: Bearer <token>'"];
  if (example !== undefined)
    parts.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(example, null, 2)}'`);
  return `<h3>Try it</h3><pre tabindex="0">${escapeHtml(parts.join(' \\\n  '))}</pre>`;
}

interface Shown {
  readonly document: JsonObject;
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

function section({ document, server, method, path, operation }: Shown): string {
  const parameters = objects(operation.parameters).map((each) =>
    fieldRow(
      String(each.name),
      { ...(isObject(each.schema) ? each.schema : {}), description: each.description },
      each.required === true,
      String(each.in),
    ),
  );
  const body = jsonContent(operation.requestBody);
  const bodyRows = isObject(body?.schema) ? fieldsOf(document, body.schema, 'body') : [];
  const responses = isObject(operation.responses) ? Object.entries(operation.responses) : [];
  const answers = responses.map(([status, response]) => {
    const content = jsonContent(response);
    const rows = isObject(content?.schema) ? fieldsOf(document, content.schema, 'answer') : [];
    return `<h3>${status}</h3>${prose(isObject(response) ? response.description : '')}${table(rows)}`;
  });
  return `<details id="${escapeHtml(operation.operationId)}"><summary><span class="m">${method}</span><code>${escapeHtml(path)}</code><span class="s">${escapeHtml(operation.summary)}</span></summary><div>${prose(operation.description)}${table([...parameters, ...bodyRows])}${curl(method, path, server, body?.example)}${answers.join('')}</div></details>`;
}

function operationsOf(document: JsonObject): readonly Shown[] {
  const [server] = objects(document.servers);
  const paths = isObject(document.paths) ? Object.entries(document.paths) : [];
  return paths.flatMap(([path, item]) =>
    isObject(item)
      ? Object.entries(item).flatMap(([method, operation]) =>
          isObject(operation)
            ? [{ document, server: String(server?.url), method: method.toUpperCase(), path, operation }]
            : [],
        )
      : [],
  );
}

function problemRows(): string {
  return Object.entries(problems)
    .map(
      ([code, { status, title, next }]) =>
        `<tr id="problem-${code}"><td><code>${code}</code></td><td class="s">${status}</td><td>${escapeHtml(title)}</td><td>${prose(next)}</td></tr>`,
    )
    .join('');
}

function render(document: JsonObject): string {
  const shown = operationsOf(document);
  const tags = objects(document.tags).map(({ name }) => String(name));
  const of = (tag: string): readonly Shown[] =>
    shown.filter(({ operation }) => Array.isArray(operation.tags) && operation.tags.includes(tag));
  const links = tags.map(
    (tag) =>
      `<h2>${escapeHtml(tag)}</h2>${of(tag)
        .map(
          ({ operation }) =>
            `<a href="#${escapeHtml(operation.operationId)}">${escapeHtml(operation.summary)}</a>`,
        )
        .join('')}`,
  );
  const info = isObject(document.info) ? document.info : {};
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(info.title)}</title><style>${style}</style></head><body><nav aria-label="Operations"><a href="openapi.json">OpenAPI 3.1 document</a><a href="#problems">Problems</a>${links.join('')}</nav><main><h1>${escapeHtml(info.title)}</h1>${prose(info.description)}${tags
    .map((tag) => `<h2>${escapeHtml(tag)}</h2>${of(tag).map(section).join('')}`)
    .join(
      '',
    )}<h2 id="problems">Problems</h2><p>Every refusal is <code>application/problem+json</code> (RFC 9457) with a permanent <code>code</code>.</p><div class="t"><table><tr><th>Code</th><th>Status</th><th>Meaning</th><th>What to do next</th></tr>${problemRows()}</table></div></main></body></html>`;
}

/** The API for people to read: one page, no script. */
export function docsPage(document: JsonObject): Answer {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    },
    body: render(document),
  };
}
