"""Questions to an open page, as scripts for the browser."""

from __future__ import annotations

# Formulas are drawn when the script that draws them says so; pages without have none.
DRAWN = """
const done = arguments[0]
Promise.resolve(window.MathJax?.startup?.promise).then(done)
"""
# What a reader sees of formulas: how many there are, how many are drawn, how many are
# drawn as an error, and TeX that stands in the text as it was typed.
FORMULAS = r"""
const article = document.querySelector('article')
const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT)
const typed = []
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const hidden = node.parentElement.closest('pre, code, script, mjx-container')
  if (!hidden && /\$|\\[a-zA-Z([]/.test(node.data)) typed.push(node.data.trim())
}
const count = selector => article.querySelectorAll(selector).length
return {written: count('.math'), drawn: count('.math mjx-container'),
        wrong: count('[data-mml-node="merror"], [data-mjx-error]'), typed}
"""
# What reaches beyond the window, and is in no box of its own that scrolls sideways. The
# theme makes a whole page that is too wide such a box, which counts for none.
TOO_WIDE = """
const scrolls = element => !element.matches('.content')
  && (/auto|scroll/.test(getComputedStyle(element).overflowX)
      || scrolls(element.parentElement))
const right = element => element.getBoundingClientRect().right
return [...document.querySelectorAll('.content *:not(mjx-assistive-mml, title)')]
  .filter(e => right(e) > innerWidth + 1 && !scrolls(e.parentElement))
  .map(e => `${e.tagName} ${e.textContent.slice(0, 40)} ends at ${right(e)}`)
"""
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
# Texts that stand out less from what is behind them than a ratio (as the WCAG count).
FAINT = r"""
const WEIGHTS = [0.2126, 0.7152, 0.0722]
const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
const light = color => color.match(/[\d.]+/g).slice(0, 3)
  .reduce((sum, c, i) => sum + WEIGHTS[i] * linear(c / 255), 0)
const behind = element => {
  const color = getComputedStyle(element).backgroundColor
  return / 0\)$/.test(color) ? behind(element.parentElement) : color
}
const contrast = element => {
  const pair = [getComputedStyle(element).color, behind(element)].map(light)
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
}
const texts = 'article :is(p, li, td, th, pre, pre span, a)'
const faint = e => e.textContent.trim() && contrast(e) < arguments[0]
return [...document.querySelectorAll(texts)].filter(faint)
  .map(e => `${e.textContent.slice(0, 40)} ${getComputedStyle(e).color} ${behind(e)}`)
"""
