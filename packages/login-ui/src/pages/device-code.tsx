/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { CredentialForm } from '../parts/credential-form.tsx';
import { Heading } from '../parts/heading.tsx';
import { showProblem } from '../parts/problem.tsx';
import type { DeviceCodePage } from '../view-models.ts';

/** Asks for the code a device shows: RFC 8628 §3.3. */
export function DeviceCodeView(props: PageProps<DeviceCodePage>) {
  const { page, translator } = props;
  return (
    <>
      <Heading {...props} />
      <p class="advice">{translator.text('device-code.advice')}</p>
      <CredentialForm
        target={page.form}
        problem={page.problem && showProblem(page.problem, translator)}
        submit={translator.text('device-code.submit')}
        field={{
          id: 'userCode',
          label: translator.text('device-code.label'),
          input: {
            type: 'text',
            class: 'user-code',
            autocomplete: 'off',
            autocapitalize: 'characters',
            spellcheck: false,
            value: page.userCode,
            dir: 'ltr',
          },
        }}
      />
    </>
  );
}
