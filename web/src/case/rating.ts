// What the ratings of an answer are called.

export const scores = [
  { score: 5, word: '非常满意' },
  { score: 4, word: '满意' },
  { score: 3, word: '基本满意' },
  { score: 2, word: '不满意' },
  { score: 1, word: '非常不满意' },
]

export const scoreWord = (score: number): string => scores.find((x) => x.score === score)?.word ?? '没有评价'
