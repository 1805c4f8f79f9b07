/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import type { FrontchannelLogoutPage } from '../view-models.ts';

// Written for engines of any age. The page has loaded when its frames have; one that hangs is not waited for.
const goOnAfterLoad = `(function(){
var link=document.getElementById('continue'),gone=false;
function go(){if(!gone){gone=true;window.location.replace(link.href);}}
window.onload=go;setTimeout(go,3000);
})();`;

/**
 * Loads the sign-out addresses of applications out of sight and goes on: OpenID Connect Front-Channel Logout 1.0 §3. What
 * is in the frames cannot lead the page elsewhere.
 */
export function FrontchannelLogoutView(props: PageProps<FrontchannelLogoutPage>) {
  const { page, context, translator } = props;
  return (
    <>
      <Heading {...props} />
      <p class="advice">{translator.text('frontchannel-logout.advice')}</p>
      <a class="button" id="continue" href={page.continueHref}>
        {translator.text('frontchannel-logout.continue')}
      </a>
      {page.frames.map((src) => (
        <iframe
          key={src}
          src={src}
          title={translator.text('frontchannel-logout.heading')}
          hidden
          sandbox="allow-scripts allow-same-origin allow-forms"
        />
      ))}
      {/* A constant of ours: nothing is filled in, so nothing needs escaping. */}
      <script nonce={context.nonce} dangerouslySetInnerHTML={{ __html: goOnAfterLoad }} />
    </>
  );
}
