import { afterEach, describe, expect, it } from 'vitest'
import { locale, setLocale, startLocale, t } from '.'
import { en } from './en'
import { zh } from './zh'

afterEach(() => {
  localStorage.clear()
  setLocale('zh')
})

const placeholders = (s: string): string[] => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort()

describe('messages', () => {
  it('say the same in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const key of Object.keys(zh) as (keyof typeof zh)[])
      expect(placeholders(en[key]), key).toEqual(placeholders(zh[key]))
  })

  it('fill their placeholders', () => {
    expect(t('paging.at', { page: 2, pages: 5 })).toBe('第 2 页，共 5 页')
    setLocale('en')
    expect(t('paging.at', { page: 2, pages: 5 })).toBe('Page 2 of 5')
  })
})

describe('the language', () => {
  it('comes from the address, then from the last visit, then is Chinese', () => {
    startLocale('')
    expect(locale.value).toBe('zh')
    startLocale('?lang=en')
    expect(locale.value).toBe('en')
    startLocale('')
    expect(locale.value).toBe('en')
    startLocale('?lang=zh')
    expect(locale.value).toBe('zh')
    startLocale('?lang=tlh')
    expect(locale.value).toBe('zh')
  })

  it('is told to a screen reader', () => {
    setLocale('en')
    expect(document.documentElement.lang).toBe('en')
    setLocale('zh')
    expect(document.documentElement.lang).toBe('zh-CN')
  })
})
