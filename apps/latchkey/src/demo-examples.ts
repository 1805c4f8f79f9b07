/** Addresses of the examples, without a slash at the end. */
export interface ExampleUrls {
  readonly quotesWeb: string;
  readonly quotesApi: string;
  readonly newsWeb: string;
  readonly newsApi: string;
}

/** What the demo sets up for an example product. */
export interface DemoExample {
  /** The configuration beside this file. */
  readonly file: string;
  /** The address of the front end in the configuration, to be replaced by the real one. */
  readonly writtenAddress: string;
  readonly webUrl: keyof ExampleUrls;
  /** Name of the front end's application, and its name in demo.json. */
  readonly web: { readonly name: string; readonly key: string };
  /** The other applications, all with a secret or a key, by their names in demo.json. */
  readonly apis: Readonly<Record<string, string>>;
  /** File names of the keys of those that authenticate by one. */
  readonly keyFiles: Readonly<Record<string, string>>;
  readonly machine: string;
}

/** The examples, in the order they are set up. The first brings the users. */
export const demoExamples: readonly DemoExample[] = [
  {
    file: 'demo.latchkey.yaml',
    writtenAddress: 'http://localhost:3000',
    webUrl: 'quotesWeb',
    web: { name: 'Quotes', key: 'quotes-web' },
    apis: { 'quotes-api': 'Quotes API', 'quotes-api-jwt': 'Quotes API (key)' },
    keyFiles: { 'quotes-api-jwt': 'quotes-api-jwt.key.json' },
    machine: 'quotes-robot',
  },
  {
    file: 'demo-news.latchkey.yaml',
    writtenAddress: 'http://localhost:3001',
    webUrl: 'newsWeb',
    web: { name: 'News', key: 'news-web' },
    apis: { 'news-bff': 'News BFF', 'news-api': 'News API' },
    keyFiles: { 'news-api': 'news-api.key.json' },
    machine: 'news-robot',
  },
];
