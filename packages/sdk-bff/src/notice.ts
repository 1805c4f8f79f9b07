import type { BffDeps } from './deps.ts';
import { textOf } from './json.ts';
import type { Visit } from './visit.ts';

/** Why the last sign-in failed; the page hears it once, with the session. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

const LIFETIME_SECONDS = 120;

/** Leaves a notice for the page that is shown next. */
export async function leaveNotice({ sealer, jar }: BffDeps, visit: Visit, notice: Notice): Promise<void> {
  const { code, message } = notice;
  const sealed = await sealer.seal('notice', { code, message: message.slice(0, 500) });
  visit.setCookie(jar.write(jar.noticeName, sealed, LIFETIME_SECONDS));
}

/** Takes the notice out of the cookies; undefined when there is none. */
export async function takeNotice({ sealer, jar }: BffDeps, visit: Visit): Promise<Notice | undefined> {
  const sealed = visit.cookies.get(jar.noticeName);
  if (sealed === undefined) return undefined;
  visit.setCookie(jar.remove(jar.noticeName));
  const notice = await sealer.open('notice', sealed);
  const [code, message] = [textOf(notice?.code), textOf(notice?.message)];
  return code === undefined || message === undefined ? undefined : { code, message };
}
