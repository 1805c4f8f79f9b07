import './styles.css';
import { createAuth } from '@latchkey/vue';
import { createApp } from 'vue';
import App from './App.vue';

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_PROJECT_ID } = import.meta.env;

createApp(App)
  .use(createAuth({ issuer: VITE_ISSUER, clientId: VITE_CLIENT_ID, projectId: VITE_PROJECT_ID }))
  .mount('#app');
