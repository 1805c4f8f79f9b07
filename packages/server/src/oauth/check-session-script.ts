/**
 * The script of the frame that applications ask whether the browser's sign-ins have changed (OpenID Connect Session
 * Management 1.0 §3.2). It reads the name of the cookie from the `data-cookie` of the document's root. SHA-256 is its own
 * (FIPS 180-4 §6.2), since a page over plain http, or a frame in one, has no SubtleCrypto. Written for engines of any age.
 */
export const checkSessionScript = `(function () {
  'use strict';
  var roots = [], words = [], maximum = 4294967296;
  (function () {
    for (var candidate = 2; words.length < 64; candidate += 1) {
      var isPrime = true;
      for (var divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) isPrime = false;
      if (!isPrime) continue;
      if (roots.length < 8) roots.push(((Math.sqrt(candidate) % 1) * maximum) | 0);
      words.push(((Math.cbrt(candidate) % 1) * maximum) | 0);
    }
  })();
  function turn(word, by) { return (word >>> by) | (word << (32 - by)); }
  function mix(hash, bytes, at) {
    var w = [], i, s0, s1, t1, t2, h = hash.slice();
    for (i = 0; i < 64; i += 1) {
      if (i < 16) {
        w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        at += 4;
      } else {
        s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      s1 = turn(h[4], 6) ^ turn(h[4], 11) ^ turn(h[4], 25);
      t1 = (h[7] + s1 + ((h[4] & h[5]) ^ (~h[4] & h[6])) + words[i] + w[i]) | 0;
      s0 = turn(h[0], 2) ^ turn(h[0], 13) ^ turn(h[0], 22);
      t2 = (s0 + ((h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]))) | 0;
      h = [(t1 + t2) | 0, h[0], h[1], h[2], (h[3] + t1) | 0, h[4], h[5], h[6]];
    }
    return hash.map(function (word, index) { return (word + h[index]) | 0; });
  }
  function sha256Hex(text) {
    var encoded = unescape(encodeURIComponent(text)), bytes = [], i, hash = roots.slice();
    for (i = 0; i < encoded.length; i += 1) bytes.push(encoded.charCodeAt(i));
    bytes.push(128);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (i = 7; i >= 0; i -= 1) bytes.push(i > 3 ? 0 : ((encoded.length * 8) >>> (i * 8)) & 255);
    for (i = 0; i < bytes.length; i += 64) hash = mix(hash, bytes, i);
    return hash.map(function (word) { return ('0000000' + (word >>> 0).toString(16)).slice(-8); }).join('');
  }
  function browserState() {
    var start = document.documentElement.getAttribute('data-cookie') + '=';
    var found = document.cookie.split('; ').filter(function (pair) { return pair.indexOf(start) === 0; })[0];
    return found === undefined ? '' : found.slice(start.length);
  }
  function judge(origin, message) {
    var match = typeof message === 'string' && message.length < 2000 && /^(\\S+) ([0-9a-f]{64})\\.([A-Za-z0-9_-]+)$/.exec(message);
    if (!match) return 'error';
    return sha256Hex(match[1] + ' ' + origin + ' ' + browserState() + ' ' + match[3]) === match[2] ? 'unchanged' : 'changed';
  }
  window.addEventListener('message', function (event) {
    if (!event.source || event.source === window || event.origin === 'null') return;
    var asker = event.source, origin = event.origin, verdict = judge(origin, event.data);
    function answer(word) { asker.postMessage(word, origin); }
    // A browser that keeps our cookies from frames shows none, which is not the same as having signed out.
    if (verdict !== 'changed' || browserState() !== '' || !document.hasStorageAccess) answer(verdict);
    else document.hasStorageAccess().then(
      function (may) { answer(may ? verdict : 'error'); },
      function () { answer('error'); }
    );
  });
})();`;
