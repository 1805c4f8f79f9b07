// The types of the module as its file name gives them; `next` has no `exports` that would name it without ".js".
declare module 'next/navigation' {
  export * from 'next/navigation.js';
}
