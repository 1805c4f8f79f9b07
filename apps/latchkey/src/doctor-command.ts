import type { Command } from 'commander';
import { z } from 'zod';
import { hasSession, openApiSession, type SessionOptions } from './api-session.ts';
import { readConfiguration } from './configuration.ts';
import {
  type Finding,
  judgeIssuer,
  judgeKeyAges,
  judgeRecentSignIn,
  judgeRedirects,
} from './doctor-findings.ts';
import {
  probeClock,
  probeDatabase,
  probeDns,
  probeKeySet,
  probeReadiness,
  probeTls,
} from './doctor-probes.ts';
import { CommandProblem, sentenceOf } from './exit-codes.ts';
import { withSessionOptions } from './login-command.ts';
import { discover } from './oauth-client.ts';
import { probeData } from './probe-data.ts';
import { readProfiles } from './profiles.ts';
import { allItems } from './resolve-name.ts';

interface DoctorOptions extends SessionOptions {
  readonly json?: true;
  readonly config?: string;
  readonly production?: true;
  readonly data?: true;
}

type Outcome = Finding | readonly Finding[];

/** One check; what it throws is a finding too. */
async function guarded(
  check: string,
  fix: string,
  work: () => Promise<Outcome>,
): Promise<readonly Finding[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    const detail = error instanceof Error ? sentenceOf(error) : String(error);
    return [{ check, outcome: 'broken', detail, fix }];
  }
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

const webKeys = z.object({
  items: z.array(
    z.object({ keyId: z.string(), algorithm: z.string(), state: z.string(), since: z.string() }),
  ),
});

async function checkKeyAges(options: SessionOptions): Promise<readonly Finding[]> {
  const { data } = await openApiSession(options).call('listWebKeys');
  return judgeKeyAges(webKeys.parse(data).items, Date.now());
}

const securitySettings = z.object({ security: z.object({ dangerousActionMaxAgeSeconds: z.number() }) });

async function checkRecentSignIn(options: SessionOptions): Promise<readonly Finding[]> {
  const { data } = await openApiSession(options).call('getInstanceSettings');
  return [judgeRecentSignIn(securitySettings.parse(data).security.dangerousActionMaxAgeSeconds)];
}

/** What only somebody who may read the instance can be told; a lack of rights is no fault of the server. */
async function examineAsManager(issuer: string, options: SessionOptions): Promise<readonly Finding[]> {
  const notLooked = (check: string, detail: string, fix: string): Finding => ({
    ...{ check, outcome: 'warning', detail: `Not looked at: ${detail}`, fix },
  });
  if (!hasSession(options))
    return [notLooked('keys and redirects', 'nobody is logged in.', `latchkey login ${issuer}`)];
  const asked = { ...options, issuer };
  const attempt = async (check: string, work: () => Promise<readonly Finding[]>) => {
    try {
      return await work();
    } catch (error) {
      const detail = error instanceof Error ? sentenceOf(error) : String(error);
      return [notLooked(check, detail, `latchkey login ${issuer} as an owner of the instance`)];
    }
  };
  return [
    ...(await attempt('key age', () => checkKeyAges(asked))),
    ...(await attempt('recent sign-in', () => checkRecentSignIn(asked))),
    ...(await attempt('redirects', () => checkApplications(asked))),
  ];
}

/** The database of this machine, when something says that there is one. */
async function examineDatabase(config: string | undefined): Promise<readonly Finding[]> {
  const { DATABASE_URL, LATCHKEY_DATA_DIR, LATCHKEY_CONFIG } = process.env;
  if ([config, DATABASE_URL, LATCHKEY_DATA_DIR, LATCHKEY_CONFIG].every((each) => (each ?? '') === ''))
    return [];
  return await guarded('database', 'Check DATABASE_URL, that the server runs and takes the password.', () =>
    probeDatabase(readConfiguration(process.env, config).database),
  );
}

async function examine(issuer: string, options: DoctorOptions): Promise<readonly Finding[]> {
  const { config, production, json: _, ...who } = options;
  const isProduction = production === true || process.env.NODE_ENV === 'production';
  const start = 'Start the server.';
  return [
    judgeIssuer(issuer, isProduction ? 'production' : 'development'),
    ...(await guarded('dns', 'Add the name to DNS, or correct the address.', () => probeDns(issuer))),
    ...(issuer.startsWith('https:')
      ? await guarded('tls', 'Check the proxy where TLS ends.', () => probeTls(issuer, Date.now()))
      : []),
    ...(await guarded('discovery', 'Check LATCHKEY_ISSUER, DNS, TLS and the proxy.', async () => {
      await discover(issuer);
      return { check: 'discovery', outcome: 'good', detail: `${issuer} answers and names itself.` };
    })),
    ...(await guarded('readiness', start, () => probeReadiness(issuer))),
    ...(await guarded('clock', start, () => probeClock(issuer))),
    ...(await guarded('key set', start, () => probeKeySet(issuer))),
    ...(await examineAsManager(issuer, who)),
    ...(await examineDatabase(config)),
  ];
}

function issuerOf(given: string | undefined, { issuer, profile }: SessionOptions): string {
  const { current, profiles } = readProfiles();
  const found =
    given ??
    issuer ??
    profiles[profile ?? current ?? '']?.issuer ??
    process.env.LATCHKEY_ISSUER ??
    'http://localhost:8080';
  if (!URL.canParse(found) || !/^https?:$/.test(new URL(found).protocol))
    throw new CommandProblem(
      'usage',
      `${found} is not an address of a server. Give its issuer, such as https://login.example.com`,
    );
  return found.replace(/\/$/, '');
}

async function doctor(issuerText: string | undefined, options: DoctorOptions): Promise<void> {
  const findings =
    options.data === true
      ? await guarded('data', 'Check the settings of the database.', () =>
          probeData(readConfiguration(process.env, options.config).database),
        )
      : await examine(issuerOf(issuerText, options), options);
  if (options.json) console.log(JSON.stringify(findings, null, 2));
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
      .description('look for what is wrong with a server, its applications and its database'),
  )
    .option('--config <file>', 'JSON file with settings: looks at its database too')
    .option('--data', 'read every page, row and primary key of the embedded database, and nothing else')
    .option('--production', 'judge as for production, also when NODE_ENV does not say so')
    .action(doctor);
}
