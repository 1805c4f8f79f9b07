import { expect, test } from 'vitest';
import { findActiveContent } from './active-drawing.ts';

const svg = (inner: string): Buffer =>
  Buffer.from(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`);

test.each([
  ['script', svg('<script>alert(1)</script>')],
  ['script with a prefix', svg('<svg:script>alert(1)</svg:script>')],
  ['script in capitals', svg('<SCRIPT href="https://evil.example/x.js"/>')],
  ['foreign content', svg('<foreignObject><body/></foreignObject>')],
  ['a frame', svg('<iframe src="https://evil.example"/>')],
  ['an event handler', svg('<rect onload="alert(1)"/>')],
  ['an event handler after a slash', svg('<rect/onclick=alert(1) />')],
  ['a javascript: link', svg('<a href="javascript:alert(1)"><rect/></a>')],
  ['an encoded javascript: link', svg('<a xlink:href="&#106;avascript:alert(1)"><rect/></a>')],
  ['a link without quotes', svg('<a href=javascript:alert(1)><rect/></a>')],
  ['another picture', svg('<image href="https://evil.example/pixel.png"/>')],
  ['an SVG inside', svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>')],
  ['another document', svg("<use href='/logo.svg#x'/>")],
  ['an animated link', svg('<animate attributeName="href" to="javascript:alert(1)"/>')],
  ['an animated handler', svg('<set attributeName="onclick" to="alert(1)"/>')],
  ['an import', svg('<style>@import "https://evil.example/x.css"</style>')],
  ['a style that loads', svg('<rect style="fill:url(https://evil.example/x)"/>')],
  ['an entity', Buffer.from('<!DOCTYPE svg [<!ENTITY x "y">]><svg>&x;</svg>')],
  ['a style sheet', Buffer.from('<?xml-stylesheet href="x.css"?><svg/>')],
  ['UTF-16', Buffer.from('\ufeff<svg/>', 'utf16le')],
])('a drawing with %s can act', (_, bytes) => {
  expect(findActiveContent(bytes)).toBeDefined();
});

test.each([
  ['shapes', svg('<rect width="1" height="1" fill="#fff"/><path d="M0 0h1z"/>')],
  [
    'gradients and references',
    svg('<defs><linearGradient id="a"/></defs><rect fill="url(#a)"/><use href="#b"/>'),
  ],
  ['a quoted gradient', svg('<rect style="fill:url(\'#a\')"/>')],
  ['a picture inside', svg('<image xlink:href="data:image/png;base64,AAAA"/>')],
  ['styles', svg('<style>.a{fill:red;font-family:"On=e"}</style><g class="a"/>')],
  ['words', svg('<title>Salon online</title><desc>on sale = now</desc>')],
])('a drawing of %s is only drawn', (_, bytes) => {
  expect(findActiveContent(bytes)).toBeUndefined();
});
