import { Duplex } from 'node:stream';

const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;
// AuthenticationOk and ReadyForQuery (idle): PGlite has one session that is logged in from its start.
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Where a run of protocol messages ends: how many bytes are whole messages, and the type of the last of them. */
function lastWholeMessage(bytes: Buffer): { end: number; type: number | undefined } {
  let end = 0;
  let type: number | undefined;
  while (end + 5 <= bytes.length) {
    const next = end + 1 + bytes.readUInt32BE(end + 1);
    if (next > bytes.length) break;
    type = bytes[end];
    end = next;
  }
  return { end, type };
}

/** What pg asks of its socket beyond a Duplex. */
interface SocketLike {
  connect(): void;
  setNoDelay(): void;
  setKeepAlive(): void;
  ref(): void;
  unref(): void;
}

/**
 * A stream that pg's client takes for its socket. `send` gets whole groups of messages, each ending in a Sync or a
 * simple query, because PGlite reports "ready" at the end of every piece it is given. Answers are pushed into it.
 * `onClose` is called once when the connection is gone.
 */
export function createPgliteWire(
  send: (bytes: Uint8Array) => void,
  onClose: () => void,
): Duplex & SocketLike {
  let phase: 'startup' | 'open' = 'startup';
  let pending: Buffer = Buffer.alloc(0);
  const accept = (bytes: Buffer): void => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    if (phase === 'startup') {
      // The startup message has no type byte; its length counts itself.
      if (pending.length < 4 || pending.length < pending.readUInt32BE(0)) return;
      pending = pending.subarray(pending.readUInt32BE(0));
      phase = 'open';
      wire.push(welcome);
    }
    const { end, type } = lastWholeMessage(pending);
    if (type === TERMINATE) wire.push(null);
    else if (type === SYNC || type === QUERY) {
      send(new Uint8Array(pending.subarray(0, end)));
      pending = Buffer.from(pending.subarray(end));
    }
  };
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      accept(chunk);
      done();
    },
    writev: (chunks, done) => {
      accept(Buffer.concat(chunks.map(({ chunk }: { chunk: Buffer }) => chunk)));
      done();
    },
    destroy: (error, done) => {
      onClose();
      done(error);
    },
  });
  const nothing = (): void => undefined;
  return Object.assign(wire, {
    connect: () => void process.nextTick(() => wire.emit('connect')),
    setNoDelay: nothing,
    setKeepAlive: nothing,
    ref: nothing,
    unref: nothing,
  });
}
