/** The process that refuses every request with a page of fixed bytes: what a refusal costs with nothing but `node:http`. */
import { createServer } from 'node:http';

const body = 'x'.repeat(2400);
// As many bytes of header as a page of ours has.
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-length': body.length,
  'content-security-policy': 'x'.repeat(180),
  'retry-after': '1',
  'x-other': 'x'.repeat(300),
};
const server = createServer((_, outgoing) => {
  outgoing.writeHead(503, headers);
  outgoing.end(body, 'latin1');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit(0));
