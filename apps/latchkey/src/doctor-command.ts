import type { Command } from 'commander';
import { hasSession, openApiSession, type SessionOptions } from './api-session.ts';
import { CommandProblem, sentenceOf } from './exit-codes.ts';
import { withSessionOptions } from './login-command.ts';
import { discover } from './oauth-client.ts';
import { readProfiles } from './profiles.ts';
import { allItems } from './resolve-name.ts';

/** Something doctor looked at. */
export interface Finding {
  readonly check: string;
  readonly outcome: 'good' | 'warning' | 'broken';
  readonly detail: string;
  readonly fix?: string;
}

const skewWarningMs = 30_000;

async function guarded(check: string, fix: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    return {
      check,
      outcome: 'broken',
      detail: error instanceof Error ? sentenceOf(error) : String(error),
      fix,
    };
  }
}

async function checkReadiness(issuer: string): Promise<Finding> {
  const response = await fetch(`${issuer}/readyz`, { signal: AbortSignal.timeout(15_000) });
  return response.ok
    ? { check: 'readiness', outcome: 'good', detail: 'The server reaches its database.' }
    : {
        check: 'readiness',
        outcome: 'broken',
        detail: `/readyz answers with status ${response.status}.`,
        fix: 'Look into the log of the server; its database is away, or it is starting or stopping.',
      };
}

async function checkClock(issuer: string): Promise<Finding> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const skewMs = Date.parse(response.headers.get('date') ?? '') - Date.now();
  if (Number.isNaN(skewMs) || Math.abs(skewMs) < skewWarningMs)
    return { check: 'clock', outcome: 'good', detail: 'The clocks of server and this computer agree.' };
  const seconds = Math.round(skewMs / 1000);
  return {
    check: 'clock',
    outcome: 'broken',
    detail: `The server's clock differs from this computer's by ${seconds} seconds; tokens look expired or not yet valid.`,
    fix: 'Switch time synchronisation (NTP) on, on both.',
  };
}

/** What is wrong with the redirect addresses of an application. */
export function judgeRedirects(app: Readonly<Record<string, unknown>>): readonly Finding[] {
  const uris = Array.isArray(app.redirectUris) ? app.redirectUris.map(String) : [];
  const check = `redirects of ${String(app.name)}`;
  const plain = uris.filter(
    (uri) => uri.startsWith('http://') && app.developmentMode !== true && app.type !== 'native',
  );
  const twins = uris.filter((uri) => uri.endsWith('/') && uris.includes(uri.slice(0, -1)));
  return [
    ...plain.map((uri) => ({
      ...{ check, outcome: 'broken' as const, detail: `${uri} is plain http outside of development mode.` },
      fix: 'Use https, or switch the development mode on while you develop.',
    })),
    ...twins.map((uri) => ({
      ...{
        check,
        outcome: 'warning' as const,
        detail: `${uri} is there with and without a slash at the end.`,
      },
      fix: 'Addresses are compared byte for byte; keep the one the application sends.',
    })),
  ];
}

async function checkApplications(options: SessionOptions): Promise<readonly Finding[]> {
  const session = openApiSession(options);
  const findings: Finding[] = [];
  for (const { id, isSystem } of await allItems(session, 'listApplications', {})) {
    if (isSystem === true) continue;
    const { data } = await session.call('getApplication', { path: { applicationId: id } });
    if (typeof data === 'object' && data !== null) findings.push(...judgeRedirects({ ...data }));
  }
  const good = { check: 'redirects', outcome: 'good', detail: 'Redirect addresses are sound.' } as const;
  return findings.length === 0 ? [good] : findings;
}

async function examine(issuer: string, options: SessionOptions): Promise<readonly Finding[]> {
  const findings = [
    await guarded('discovery', 'Check LATCHKEY_ISSUER, DNS, TLS and the proxy.', async () => {
      await discover(issuer);
      return { check: 'discovery', outcome: 'good', detail: `${issuer} answers and names itself.` };
    }),
    await guarded('readiness', 'Start the server.', () => checkReadiness(issuer)),
    await guarded('clock', 'Start the server.', () => checkClock(issuer)),
  ];
  if (!hasSession(options))
    return [
      ...findings,
      {
        check: 'redirects',
        outcome: 'warning',
        detail: 'Not looked at: nobody is logged in.',
        fix: `latchkey login ${issuer}`,
      },
    ];
  try {
    return [...findings, ...(await checkApplications({ ...options, issuer }))];
  } catch (error) {
    const detail = error instanceof Error ? sentenceOf(error) : String(error);
    return [...findings, { check: 'redirects', outcome: 'warning', detail: `Not looked at: ${detail}` }];
  }
}

async function doctor(
  issuerText: string | undefined,
  options: SessionOptions & { readonly json?: true },
): Promise<void> {
  const { json, ...who } = options;
  const { current, profiles } = readProfiles();
  const issuer =
    issuerText ??
    who.issuer ??
    profiles[who.profile ?? current ?? '']?.issuer ??
    process.env.LATCHKEY_ISSUER ??
    'http://localhost:8080';
  const findings = await examine(issuer.replace(/\/$/, ''), who);
  if (json) console.log(JSON.stringify(findings, null, 2));
  else
    for (const { check, outcome, detail, fix } of findings) {
      console.log(`${outcome.padEnd(7)}  ${check}: ${detail}`);
      if (fix !== undefined) console.log(`         ${fix}`);
    }
  if (findings.some(({ outcome }) => outcome === 'broken'))
    throw new CommandProblem('findings', 'Something is broken; see above.');
}

/** `latchkey doctor`. */
export function addDoctorCommand(program: Command): void {
  withSessionOptions(
    program
      .command('doctor [issuer]')
      .description('look for what is wrong with a server and its applications'),
  ).action(doctor);
}
