import type { LoadOrder, RequestPlan, WalkStep } from './load-plan.ts';

/** What one connection sends, and what must come back. */
export interface Line {
  /** The next request; `undefined` when none is left. */
  readonly next: () => Buffer | string | undefined;
  /** What the answer to it must begin with. */
  readonly statusLine: () => string;
  /** Takes an answer in; tells whether with it something is whole that counts as one. Throws on an answer of no use. */
  readonly take: (text: string, bodyStart: number) => 'counted' | 'midway';
  readonly token: () => string;
}

type PlanOf<K extends RequestPlan['kind']> = Extract<RequestPlan, { kind: K }>;

const statusLineOf = (status: number): string => `HTTP/1.1 ${status}`;

function rotationLines(encoded: readonly Buffer[], { connections, expectedStatus = 200 }: LoadOrder) {
  const statusLine = statusLineOf(expectedStatus);
  return (index: number): Line => {
    let at = Math.floor((encoded.length / connections) * index);
    return {
      next: () => {
        at = (at + 1) % encoded.length;
        return encoded[at] ?? Buffer.alloc(0);
      },
      statusLine: () => statusLine,
      take: () => 'counted',
      token: () => '',
    };
  };
}

function onceLines(encoded: readonly Buffer[], { expectedStatus = 200 }: LoadOrder) {
  const statusLine = statusLineOf(expectedStatus);
  let at = -1;
  return (): Line => ({
    next: () => {
      at += 1;
      return encoded[at];
    },
    statusLine: () => statusLine,
    take: () => 'counted',
    token: () => '',
  });
}

function chainLine(plan: PlanOf<'chain'>, index: number, { expectedStatus = 200 }: LoadOrder): Line {
  const statusLine = statusLineOf(expectedStatus);
  const mark = `"${plan.answerField}":"`;
  let token = plan.firstTokens[index] ?? '';
  return {
    next: () => {
      const body = plan.bodyPrefix + token;
      return `${plan.head}content-length: ${body.length}\r\n\r\n${body}`;
    },
    statusLine: () => statusLine,
    take: (text, bodyStart) => {
      const start = text.indexOf(mark, bodyStart) + mark.length;
      if (start < mark.length)
        throw new Error(`the answer has no ${plan.answerField}: ${text.slice(bodyStart, bodyStart + 200)}`);
      token = text.slice(start, text.indexOf('"', start));
      return 'counted';
    },
    token: () => token,
  };
}

function valueAfter(text: string, mark: string): string {
  const start = text.indexOf(mark);
  if (start < 0) throw new Error(`the answer has no ${mark}: ${text.slice(0, 600)}`);
  return /^[^&"\r\n]*/.exec(text.slice(start + mark.length))?.[0] ?? '';
}

function walkLine({ steps, cookies }: PlanOf<'walk'>, index: number): Line {
  const cookie = cookies[index % cookies.length] ?? '';
  const statusLines = steps.map(({ expectedStatus }) => statusLineOf(expectedStatus));
  let at = 0;
  let last = '';
  const fill = (text: string): string => text.replace('{cookie}', cookie).replace('{last}', last);
  const write = ({ head, form }: WalkStep): string => {
    if (form === undefined) return `${fill(head)}\r\n`;
    const body = fill(form);
    return `${fill(head)}content-length: ${body.length}\r\n\r\n${body}`;
  };
  return {
    next: () => {
      const step = steps[at];
      return step === undefined ? undefined : write(step);
    },
    statusLine: () => statusLines[at] ?? '',
    take: (text) => {
      const mark = steps[at]?.handsOnAfter;
      if (mark !== undefined) last = valueAfter(text, mark);
      at = (at + 1) % steps.length;
      return at === 0 ? 'counted' : 'midway';
    },
    token: () => '',
  };
}

/** What each connection of an order sends. */
export function createLines(order: LoadOrder): readonly Line[] {
  const { plan, connections } = order;
  const lines = (make: (index: number) => Line): readonly Line[] =>
    Array.from({ length: connections }, (_, index) => make(index));
  switch (plan.kind) {
    case 'rotation':
      return lines(
        rotationLines(
          plan.requests.map((text) => Buffer.from(text)),
          order,
        ),
      );
    case 'once':
      return lines(
        onceLines(
          plan.requests.map((text) => Buffer.from(text)),
          order,
        ),
      );
    case 'chain':
      return lines((index) => chainLine(plan, index, order));
    case 'walk':
      return lines((index) => walkLine(plan, index));
  }
}
