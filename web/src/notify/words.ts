import { speaker } from '@/i18n'

const zh = {
  title: '消息',
  'bell.none': '消息',
  'bell.unread': '消息，{n} 条未读',
  'filter.label': '筛选',
  'filter.all': '全部',
  'filter.unread': '未读',
  unread: '未读',
  mark: '标为已读',
  markOf: '标为已读：{title}',
  markAll: '全部标为已读',
  'none.title': '没有消息',
  'none.hint': '与您有关的事项有进展时，会在这里告诉您。',
  'noneUnread.title': '没有未读的消息',
  'noneUnread.all': '看全部消息',
} as const

type NoteKey = keyof typeof zh

const en: Record<NoteKey, string> = {
  title: 'Notifications',
  'bell.none': 'Notifications',
  'bell.unread': 'Notifications, {n} unread',
  'filter.label': 'Filter',
  'filter.all': 'All',
  'filter.unread': 'Unread',
  unread: 'unread',
  mark: 'Mark as read',
  markOf: 'Mark as read: {title}',
  markAll: 'Mark all as read',
  'none.title': 'No notifications',
  'none.hint': 'You will be told here when something that concerns you moves on.',
  'noneUnread.title': 'Nothing unread',
  'noneUnread.all': 'See all notifications',
}

/** n is a message of the notifications' pages in the chosen language. */
export const n = speaker<NoteKey>(zh, en)
