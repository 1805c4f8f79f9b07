import type { Operations, QueryInputOf } from '@latchkey/contract/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { AreaChart } from './area-chart.tsx';
import { operateMessages } from './messages.ts';

type Metric = QueryInputOf<Operations['getUsage']>['metric'];

const metrics: readonly Metric[] = [
  'sign-ins',
  'sign-in-failures',
  'active-users',
  'tokens-issued',
  'introspections-active',
  'introspections-inactive',
];
const dayMs = 86_400_000;

/** Every day of the last thirty with its count, also those with none. */
function withEmptyDays(
  points: readonly { at: string; count: number }[],
  now: number,
): { at: string; count: number }[] {
  const counts = new Map(points.map(({ at, count }) => [at.slice(0, 10), count]));
  return Array.from({ length: 30 }, (_, index) => {
    const at = new Date(now - (29 - index) * dayMs).toISOString();
    return { at, count: counts.get(at.slice(0, 10)) ?? 0 };
  });
}

function MetricCard({ metric }: { readonly metric: Metric }) {
  const t = useText(operateMessages);
  const api = useApi();
  const formats = useFormats();
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    queryKey: ['usage', metric],
    queryFn: async ({ signal }) => (await api.call('getUsage', { query: { metric }, signal })).data,
    refetchInterval: 30_000,
  });
  if (error !== null) return <Failure error={error} retry={refetch} />;
  const days = withEmptyDays(data?.points ?? [], dataUpdatedAt === 0 ? Date.now() : dataUpdatedAt);
  return (
    <section className="card stack-small">
      <h2>{t(metric)}</h2>
      <p className="figure">{data === undefined ? '–' : formats.number(data.total)}</p>
      <AreaChart label={t(metric)} values={days.map(({ count }) => count)} />
      <details>
        <summary className="muted">{t('asTable')}</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('day')}</th>
              <th scope="col">{t('count')}</th>
            </tr>
          </thead>
          <tbody>
            {days
              .filter(({ count }) => count > 0)
              .map(({ at, count }) => (
                <tr key={at}>
                  <td>{formats.date(at)}</td>
                  <td className="numeric">{formats.number(count)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

/** What the instance does, in six small charts. */
export function DashboardsPage() {
  const t = useText(operateMessages);
  return (
    <div className="stack-large">
      <PageHeader title={t('dashboards')} intro={t('dashboardsIntro')} />
      <div className="dashboard">
        {metrics.map((metric) => (
          <MetricCard key={metric} metric={metric} />
        ))}
      </div>
    </div>
  );
}
