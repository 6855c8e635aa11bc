import { expect, test } from 'vitest'
import { shown, written } from './trial'

test('a literal is shown as an officer writes it, and goes back as the file takes it', () => {
  for (const [file, officer] of [
    ['up to 500元', '最高500元'],
    ['3‰ to 6‰', '3‰至6‰'],
    ['10%', '10%'],
    ['30万元', '30万元'],
    ['省级', '省级'],
  ] as const) {
    expect(shown(file)).toBe(officer)
    expect(written(officer)).toBe(file)
  }
  expect(written(' 8％ ')).toBe('8%')
  expect(written('最高 20万元')).toBe('up to 20万元')
})
