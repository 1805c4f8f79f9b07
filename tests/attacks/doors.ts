import type { TestServer } from '@latchkey/testkit';
import { createSender } from '../../packages/testkit/src/send-request.ts';
import { type Launched, launch, settingsFor } from '../faults/server-process.ts';
import type { AttackRequest } from './attack-request.ts';

/** The servers over one PostgreSQL database: two nodes of this process, and the built server as a process of its own. */
export const doorNames = ['near', 'far', 'process'] as const;

export type DoorName = (typeof doorNames)[number];

/** A server an attacker can reach. */
export interface Door {
  readonly name: DoorName;
  /** Sends a request as another machine each time. */
  readonly send: (request: AttackRequest) => Promise<Response>;
  /** What the server has logged since `mark`, an earlier `logLength`. */
  readonly logSince: (mark: number) => string;
  readonly logLength: () => number;
}

type Send = TestServer['fetch'];

function contentOf({ form, json, body }: AttackRequest): { readonly type?: string; readonly text?: string } {
  if (form !== undefined) {
    const text = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    return { type: 'application/x-www-form-urlencoded', text };
  }
  if (json !== undefined) return { type: 'application/json', text: JSON.stringify(json) };
  return body === undefined ? {} : { text: body };
}

let machines = 0;

/** An address of its own for every request, so that limits per address are not what is tested. */
function nextAddress(): string {
  machines += 1;
  return `198.18.${Math.floor(machines / 250)}.${(machines % 250) + 1}`;
}

function sendBy(send: Send): Door['send'] {
  return (request) => {
    const { path, method, headers } = request;
    const { type, text } = contentOf(request);
    return send(path, {
      ...(method === undefined ? {} : { method }),
      ...(text === undefined ? {} : { body: text }),
      headers: {
        'x-forwarded-for': nextAddress(),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
    });
  };
}

/** The log of a node of this process, for its logger to write to. */
export interface KeptLog {
  readonly write: (line: string) => void;
  readonly text: () => string;
}

/** A log that is kept in memory. */
export function createKeptLog(): KeptLog {
  let kept = '';
  return {
    write: (line) => {
      kept += line;
    },
    text: () => kept,
  };
}

function doorOf(name: DoorName, send: Send, log: () => string): Door {
  return {
    name,
    send: sendBy(send),
    logSince: (mark) => log().slice(mark),
    logLength: () => log().length,
  };
}

/** A node of this process. */
export function nodeDoor(name: DoorName, server: TestServer, log: KeptLog): Door {
  return doorOf(name, server.fetch, log.text);
}

/** Starts the built server as a process of its own over the database of `server`. */
export async function startProcessDoor(
  server: TestServer,
  settings: { readonly databaseUrl: string; readonly masterKeys: string },
): Promise<{ readonly door: Door; readonly stop: () => Promise<void> }> {
  const launched: Launched = launch(
    settingsFor({
      DATABASE_URL: settings.databaseUrl,
      LATCHKEY_MASTER_KEYS: settings.masterKeys,
      LATCHKEY_ISSUER: server.issuer,
      LATCHKEY_LOG_LEVEL: 'debug',
    }),
  );
  const sender = createSender(await launched.port);
  const { host } = new URL(server.issuer);
  const send: Send = (path, init = {}) => sender.send(path, { ...init, headers: { host, ...init.headers } });
  return {
    door: doorOf('process', send, launched.output),
    stop: async () => {
      sender.close();
      launched.kill('SIGTERM');
      await launched.ended;
    },
  };
}
