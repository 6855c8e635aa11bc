import type { RouteRecordRaw } from 'vue-router'

/** Pages below /{tenant}/firm. */
export const firmRoutes: RouteRecordRaw[] = []
