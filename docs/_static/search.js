// Search results quote pages as they are before formulas are drawn: leave formulas out.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return; // only the page of results has it
  const plain = Search.htmlToText;
  const formula = /<(span|div) class="math[^>]*>.*?<\/\1>/gs;
  Search.htmlToText = (html, ...rest) => plain(html.replace(formula, "…"), ...rest);
});
