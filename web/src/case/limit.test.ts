import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import LimitWhy from './LimitWhy.vue'
import type { Limit } from './api'

const limit: Limit = {
  due: '2026-04-30', left: 3, unit: '日', late: false, text: '还剩3日', cite: '某办法第十八条',
  why: [
    { kind: 'end', text: '2026-05-01是休息日（劳动节2026-05-01），提前到2026-04-30' },
    { kind: 'assumption', text: '遇休息日提前到前一个工作日：没有规定，是编写流程的人的假设' },
    { kind: 'pause', text: '2026-03-04至2026-03-16停止计时', note: '5月19日举行听证。' },
  ],
}

// Leave out the class of what is assumed, or the notice → red.
it('says how much is left, after what, and why; what is assumed stands out', () => {
  const page = mount(LimitWhy, { props: { limit, title: '审查' } })
  expect(page.find('p').text()).toBe('审查：还剩3日（2026-04-30到期） · 某办法第十八条')
  expect(page.findAll('dt').map((x) => x.text())).toEqual(['到期', '假设', '停止计时'])
  expect(page.find('.doubt').text()).toContain('没有规定，是编写流程的人的假设')
  expect(page.text()).toContain('5月19日举行听证。')
})

it('has nothing to unfold where the server says nothing', () => {
  expect(mount(LimitWhy, { props: { limit: { ...limit, why: undefined } } }).find('details').exists()).toBe(false)
})
