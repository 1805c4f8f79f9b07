/** What stands in a snippet. */
export interface SnippetFacts {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Where the front end is served, which an API lets call it. */
  readonly frontEndOrigin: string;
}

/** Code that works with the real ids filled in. */
export interface Snippet {
  readonly id: string;
  readonly name: string;
  readonly code: (facts: SnippetFacts) => string;
}

/** Where a front end is served, by its redirect address; where Vite serves one while none is known. */
export function originOf(redirectUri: string): string {
  return URL.canParse(redirectUri) ? new URL(redirectUri).origin : 'http://localhost:5173';
}

/** Front ends: sign in with PKCE, greet by name, call an API with the access token. */
export const frontEndSnippets: readonly Snippet[] = [
  {
    id: 'react',
    name: 'React',
    code: ({ issuer, clientId, redirectUri }) => `// npm install @latchkey/react
import { AuthProvider, SignInButton, useAuth, useAuthFetch } from '@latchkey/react';
import { useState } from 'react';

const api = 'http://localhost:5001';

function Greeting() {
  const { isAuthenticated, user, signOut } = useAuth();
  const fetchWithToken = useAuthFetch();
  const [answer, setAnswer] = useState('');
  if (!isAuthenticated) return <SignInButton />;
  const callApi = async () => {
    const response = await fetchWithToken(api + '/api/hello');
    setAnswer(await response.text());
  };
  return (
    <p>
      Hello, {user?.name} <button onClick={callApi}>Call the API</button> <code>{answer}</code>{' '}
      <button onClick={() => signOut()}>Sign out</button>
    </p>
  );
}

export const App = () => (
  <AuthProvider
    issuer="${issuer}"
    clientId="${clientId}"
    redirectUri="${redirectUri}"
    apiOrigins={[api]}
  >
    <Greeting />
  </AuthProvider>
);
`,
  },
  {
    id: 'vue',
    name: 'Vue',
    code: ({ issuer, clientId, redirectUri }) => `<!-- npm install @latchkey/browser -->
<script setup lang="ts">
import { createAuthClient } from '@latchkey/browser';
import { onMounted, onUnmounted, shallowRef } from 'vue';

const client = createAuthClient({
  issuer: '${issuer}',
  clientId: '${clientId}',
  redirectUri: '${redirectUri}',
});
const state = shallowRef(client.getSnapshot());
const stop = client.subscribe(() => { state.value = client.getSnapshot(); });
onMounted(() => client.start());
onUnmounted(stop);
</script>

<template>
  <p v-if="state.status === 'signed-in'">Hello, {{ state.user.name }}</p>
  <button v-else @click="client.signIn()">Sign in</button>
</template>
`,
  },
  {
    id: 'angular',
    name: 'Angular',
    code: ({ issuer, clientId, redirectUri }) => `// npm install angular-oauth2-oidc
import { Component, inject } from '@angular/core';
import { OAuthService } from 'angular-oauth2-oidc';

@Component({
  selector: 'app-root',
  template: \`@if (name()) { <p>Hello, {{ name() }}</p> } @else { <button (click)="signIn()">Sign in</button> }\`,
})
export class AppComponent {
  private readonly oauth = inject(OAuthService);

  constructor() {
    this.oauth.configure({
      issuer: '${issuer}',
      clientId: '${clientId}',
      redirectUri: '${redirectUri}',
      responseType: 'code',
      scope: 'openid profile email',
      requireHttps: ${issuer.startsWith('https:')},
    });
    void this.oauth.loadDiscoveryDocumentAndTryLogin();
  }

  signIn() { this.oauth.initCodeFlow(); }
  name() { return this.oauth.getIdentityClaims()?.['name']; }
}
`,
  },
  {
    id: 'plain',
    name: 'Plain JavaScript',
    code: ({ issuer, clientId, redirectUri }) => `<!-- npm install @latchkey/browser -->
<p id="greeting"></p>
<button id="sign-in">Sign in</button>
<script type="module">
  import { createAuthClient } from '@latchkey/browser';

  const client = createAuthClient({
    issuer: '${issuer}',
    clientId: '${clientId}',
    redirectUri: '${redirectUri}',
  });
  const show = () => {
    const state = client.getSnapshot();
    greeting.textContent = state.status === 'signed-in' ? \`Hello, \${state.user.name}\` : '';
  };
  client.subscribe(show);
  await client.start();
  document.getElementById('sign-in').onclick = () => client.signIn();
</script>
`,
  },
];

/** APIs: ask the introspection endpoint, answer 401 unless the token is active. */
export const apiSnippets: readonly Snippet[] = [
  {
    id: 'express',
    name: 'Express',
    code: ({ issuer, clientId, clientSecret, frontEndOrigin }) => `// npm install @latchkey/api express
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/express';
import express from 'express';

const verifier = createVerifier({
  issuer: '${issuer}',
  clientId: '${clientId}',
  clientSecret: '${clientSecret}',
});
const app = express();
app.use((req, res, next) => {
  res.set('Access-Control-Allow-Origin', '${frontEndOrigin}');
  res.set('Access-Control-Allow-Headers', 'Authorization, DPoP');
  if (req.method === 'OPTIONS') res.sendStatus(204);
  else next();
});
app.get('/api/hello', requireAuth(verifier), (req, res) => {
  res.json({ hello: getAuth(req).subject });
});
app.listen(5001);
`,
  },
  {
    id: 'fastify',
    name: 'Fastify',
    code: ({
      issuer,
      clientId,
      clientSecret,
      frontEndOrigin,
    }) => `// npm install @latchkey/api fastify @fastify/cors
import cors from '@fastify/cors';
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/fastify';
import Fastify from 'fastify';

const verifier = createVerifier({
  issuer: '${issuer}',
  clientId: '${clientId}',
  clientSecret: '${clientSecret}',
});
const app = Fastify();
await app.register(cors, { origin: '${frontEndOrigin}' });
app.get('/api/hello', { preHandler: requireAuth(verifier) }, async (request) => ({
  hello: getAuth(request).subject,
}));
await app.listen({ port: 5001 });
`,
  },
  {
    id: 'hono',
    name: 'Hono',
    code: ({ issuer, clientId, clientSecret, frontEndOrigin }) => `// npm install @latchkey/api hono
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/hono';
import { Hono } from 'hono';
import { cors } from 'hono/cors';

const verifier = createVerifier({
  issuer: '${issuer}',
  clientId: '${clientId}',
  clientSecret: '${clientSecret}',
});
const app = new Hono();
app.use(cors({ origin: '${frontEndOrigin}' }));
app.get('/api/hello', requireAuth(verifier), (c) => c.json({ hello: getAuth(c).subject }));
export default app;
`,
  },
  {
    id: 'flask',
    name: 'Flask',
    code: ({ issuer, clientId, clientSecret }) => `# pip install flask requests
import requests
from flask import Flask, abort, jsonify, request

app = Flask(__name__)

@app.get("/api/hello")
def hello():
    # Bearer tokens only: in the front end set dpop to false.
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    answer = requests.post(
        "${issuer}/oauth/v2/introspect",
        data={"token": token},
        auth=("${clientId}", "${clientSecret}"),
        timeout=2,
    )
    answer.raise_for_status()
    facts = answer.json()
    if not facts["active"]:
        abort(401)
    return jsonify(hello=facts["sub"])
`,
  },
  {
    id: 'go',
    name: 'Go',
    code: ({ issuer, clientId, clientSecret }) => `package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

func hello(w http.ResponseWriter, r *http.Request) {
	// Bearer tokens only: in the front end set dpop to false.
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	form := strings.NewReader(url.Values{"token": {token}}.Encode())
	ask, _ := http.NewRequestWithContext(r.Context(), "POST", "${issuer}/oauth/v2/introspect", form)
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask.SetBasicAuth("${clientId}", "${clientSecret}")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil || answer.StatusCode != 200 {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer answer.Body.Close()
	var facts struct {
		Active bool   \`json:"active"\`
		Sub    string \`json:"sub"\`
	}
	if json.NewDecoder(answer.Body).Decode(&facts) != nil || !facts.Active {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"hello": facts.Sub})
}

func main() {
	http.HandleFunc("/api/hello", hello)
	http.ListenAndServe(":5001", nil)
}
`,
  },
  {
    id: 'spring',
    name: 'Spring',
    code: ({
      issuer,
      clientId,
      clientSecret,
    }) => `# application.yml, with spring-boot-starter-oauth2-resource-server
spring:
  security:
    oauth2:
      resourceserver:
        opaquetoken:
          introspection-uri: ${issuer}/oauth/v2/introspect
          client-id: "${clientId}"
          client-secret: "${clientSecret}"
`,
  },
];
