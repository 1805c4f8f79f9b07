import { z } from 'zod';

/** What is unsafe about an application, or will not work, as the management API says it. */
export const complianceWarning = z.object({ setting: z.string(), message: z.string(), fix: z.string() });

const rated = z.looseObject({
  compliance: z.object({ problems: z.array(complianceWarning.extend({ level: z.string() })) }),
});

/** A warning as a line for people. */
export function warningText({ setting, message, fix }: z.infer<typeof complianceWarning>): string {
  return `Warning: ${setting}: ${message} ${fix}`;
}

/** The warnings an answer of the management API holds, as lines for people; none where it is about no application. */
export function warningsIn(answer: unknown): readonly string[] {
  const read = rated.safeParse(answer);
  return read.success
    ? read.data.compliance.problems.filter(({ level }) => level === 'warning').map(warningText)
    : [];
}
