/**
 * The floor: a bare node:http server that reads a body and answers with so many bytes of JSON, nothing else.
 * GET or POST /<bytes>.
 */
import { createServer } from 'node:http';

/** @type {Map<string, Buffer>} */
const bodies = new Map();

/** @param {string} path */
function bodyOf(path) {
  const known = bodies.get(path);
  if (known !== undefined) return known;
  const made = Buffer.from(
    `{"active":true,"access_token":"${'x'.repeat(Math.max(0, Number(path.slice(1)) - 33))}"}`,
  );
  bodies.set(path, made);
  return made;
}

const server = createServer((request, response) => {
  let size = 0;
  request.on('data', (/** @type {Buffer} */ chunk) => {
    size += chunk.length;
  });
  request.on('end', () => {
    const body = bodyOf(request.url ?? '/');
    response.writeHead(size > 65_536 ? 413 : 200, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit(0));
