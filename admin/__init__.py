"""The desk: web pages in French for educators, coordination and evaluation.

`admin.app.desk` builds it; `admin.visit` is what every page has at hand; the other rooms are one
a page. `sentences`, `outcomes`, `french`, `discretion` and `wording` know nothing of the web: the
command line speaks with the same words.
"""
