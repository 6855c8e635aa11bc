import type { RouteRecordRaw } from 'vue-router'

/** Pages below /{tenant}/desk. */
export const deskRoutes: RouteRecordRaw[] = []
