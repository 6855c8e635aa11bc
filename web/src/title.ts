import { watchEffect } from 'vue'
import { t } from './i18n'
import { tenant } from './tenant'

/** useTitle keeps the browser's title: the page's own name, then the site's. */
export function useTitle(name: () => string): void {
  watchEffect(() => {
    document.title = [name(), tenant.about?.name, t('app.name')].filter(Boolean).join(' · ')
  })
}
