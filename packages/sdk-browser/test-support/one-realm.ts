// vitest's DOM environment puts the DOM's ArrayBuffer and Uint8Array over those of Node, while `crypto.subtle` gives
// back Node's: an `instanceof` in a library then fails as it never would in a browser. Import this first.
const nodeBytes = Object.getPrototypeOf(Buffer.prototype).constructor;
globalThis.Uint8Array = nodeBytes;
globalThis.ArrayBuffer = new nodeBytes(1).buffer.constructor;
