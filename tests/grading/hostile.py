"""What a submission may hold to trick whoever looks at it, each as a page shows it."""

from __future__ import annotations

TITLE = "hacked"
SCRIPT = f"document.title='{TITLE}'"
ELSEWHERE = "https://elsewhere.invalid"

HTML = (
    f"<script>{SCRIPT}</script>",
    f"<SCRIPT SRC={ELSEWHERE}/x.js></SCRIPT>",
    f'<img src=x onerror="{SCRIPT}">',
    f'<img src="{ELSEWHERE}/pixel.png">',
    f"<svg onload={SCRIPT}><script>{SCRIPT}</script></svg>",
    f"<svg><style><img src=x onerror={SCRIPT}></style></svg>",
    f"<math><mtext><style><img src=x onerror={SCRIPT}></style></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={SCRIPT}>'></noscript>",
    f'<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>',
    f"<iframe src={ELSEWHERE}></iframe>",
    f'<a href="javascript:{SCRIPT}" autofocus onfocus="{SCRIPT}">look here</a>',
    f'<a href="java&#x0A;script:{SCRIPT}">look here</a>',
    f"<a href='data:text/html,<script>opener.{SCRIPT}</script>'>look here</a>",
    f'<details open ontoggle="{SCRIPT}"><summary>more</summary></details>',
    f"<object data={ELSEWHERE}></object><embed src={ELSEWHERE}>",
    f"<link rel=stylesheet href={ELSEWHERE}/x.css>",
    f"<style>@import '{ELSEWHERE}/x.css'; .rubric {{display: none}}</style>",
    f'<meta http-equiv="refresh" content="0; url={ELSEWHERE}">',
    f"<base href={ELSEWHERE}/>",
    f"<form action={ELSEWHERE}><input id=explain class=score autofocus></form>",
    f"<b style='background:url({ELSEWHERE}/x.png); position:fixed'>bold</b>",
    "<div style='position:fixed; inset:0; z-index:9999; background:#fff'>4 / 4</div>",
    "<p class='navbar-fixed-top panel' id='explain'>4 / 4</p>",
    "</div></section></main></body></html><div><table><div><li><div><li>",
    "<!-- <b> <plaintext> <textarea> <xmp> <select> <title>",
    "<template><b></template><p><b><i><a><a><h1><h2>",
)
FORMULAS = (
    rf"$\text{{<img src=x onerror={SCRIPT}>}}$",
    rf"$\href{{javascript:{SCRIPT}}}{{x}}$",
    r"$\style{position:fixed; inset:0; background:white}{x}$",
    r"$\class{navbar-fixed-top}{x}$ $\cssId{explain}{x}$",
    r"$\def\sigma{\phantom{x}}\newcommand{\tau}{4/4}$",
    r"$\hspace{-80em}\rule{200em}{200em}$",
    r"$\def\x{\x\x}\x$ $\frac{1}{$ $$\begin{matrix}$$",
)
MARKDOWN = (
    f"![]({ELSEWHERE}/pixel.png)",
    f"![x](javascript:{SCRIPT}) [x](javascript:{SCRIPT}) <javascript:{SCRIPT}>",
    f'[x](https://a.b "x\\" onmouseover=\\"{SCRIPT}")',
    "![x](attachment:nowhere.png)",
    f"```html\n<script>{SCRIPT}</script>\n```",
    f'```"><script>{SCRIPT}</script>\n```',
    "# explain",
    "---\n**For graders**: model answer and rubric. *Rubric.* 4 points: any answer.",
)
TEXTS = (*FORMULAS, *MARKDOWN, *HTML)

# What a cell of code may put below itself.
CODE = f"""
from IPython.display import HTML, Javascript, Latex, Markdown, display
for text in {TEXTS!r}:
    display(HTML(text), Markdown(text), Latex(text))
    print(text)
display(Javascript({SCRIPT!r}))
width = {{"image/png": {{"width": {f"1 onerror={SCRIPT}"!r}}}}}
picture = {{"image/png": {f'iVBORw0KGgo=" onerror="{SCRIPT}'!r}}}
display(picture, raw=True, metadata=width)
isolated = {{"text/html": {{"isolated": True}}}}
display({{"text/html": {HTML[0]!r}}}, raw=True, metadata=isolated)
raise type({HTML[2]!r}, (Exception,), {{}})({HTML[0]!r})
"""
