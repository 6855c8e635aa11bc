import { createApp } from 'vue'
import App from './App.vue'
import { startLocale } from './i18n'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'

startLocale(location.search)
createApp(App).use(router).mount('#app')
