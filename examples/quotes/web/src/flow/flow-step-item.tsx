import type { FlowSection, FlowStep } from './flow-step.ts';

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** One numbered message: who speaks to whom, what it is for and, on request, everything that was in it. */
export function FlowStepItem({ step, number }: { readonly step: FlowStep; readonly number: number }) {
  return (
    <li className="flow-step" data-outcome={step.outcome}>
      <span className="flow-number" aria-hidden="true">
        {number}
      </span>
      <div className="flow-body">
        <p className="flow-route">
          <span>{step.from}</span>
          <span aria-hidden="true"> → </span>
          <span className="visually-hidden"> to </span>
          <span>{step.to}</span>
          <time dateTime={new Date(step.at).toISOString()}>{timeFormat.format(step.at)}</time>
        </p>
        <h3>{step.title}</h3>
        <code className="flow-wire">{step.wire}</code>
        <p className="flow-explanation">{step.explanation}</p>
        {step.sections.map((section) => (
          <Section key={section.title} section={section} />
        ))}
      </div>
    </li>
  );
}

function Section({ section }: { readonly section: FlowSection }) {
  return (
    <details className="flow-section">
      <summary>{section.title}</summary>
      <dl>
        {section.rows.map((row) => (
          <div key={row.name}>
            <dt>{row.name}</dt>
            <dd>
              <code>{row.value}</code>
              {row.note === undefined ? null : <span className="flow-note">{row.note}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
